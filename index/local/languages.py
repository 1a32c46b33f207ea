"""A cache of the language of every article. Reading a thousand of them from the database takes far longer."""

from __future__ import annotations

from threading import Lock

import numpy as np

from ..ports import Numbers
from .holders import TAIL, Rows

MOST = 1 << 28
"""The greatest article number that is cached. Each number takes one byte."""

DIFFERENT = 255
"""The most languages that one byte can number. Khabar stores two."""


class Languages:
    """The languages of the articles of one database, as the views of one process know them; threads share it.

    They are read when they are asked for the second time, which takes some .3 microseconds an article: a process that
    asks once is sooner done without. Then they take a byte an article. The language of a number never changes: an
    article that is replaced gets another number.
    """

    def __init__(self) -> None:
        """Nothing read yet."""
        self._lock = Lock()
        self._asked = False
        self._names = [""]
        self._known = np.zeros(1, np.uint8)  # by the number of the article, which of the names; 0 for an unknown one

    def of(self, numbers: Numbers, rows: Rows) -> list[str] | None:
        """The languages of articles in the order of their numbers; None where they are not all known here.

        `rows` runs an SQL query in a view of the database.
        """
        with self._lock:
            first, self._asked = not self._asked, True
            if first:
                return None
            ((last,),) = rows("SELECT ifnull(max(number), 0) FROM articles", ())
            if len(self._known) <= last < MOST:
                self._read(last, rows)
            known, names = self._known, self._names
        if numbers.min(initial=0) < 0 or numbers.max(initial=0) >= len(known):
            return None
        codes = known[numbers]
        return [names[code] for code in codes.tolist()] if codes.all() else None

    def _read(self, last: int, rows: Rows) -> None:
        """Read those of the articles up to the last one that are not known yet."""
        size = len(self._known)
        known = np.zeros(last + 1, np.uint8)
        known[:size] = self._known
        few = "number >= ?" if last - size < TAIL else "+number >= ?"  # of many, an index is read, and no texts
        names = list(self._names)
        query = f"SELECT language, group_concat(number) FROM articles WHERE {few} GROUP BY language"
        for language, numbers in rows(query, (size,)):
            if language not in names and len(names) <= DIFFERENT:
                names.append(language)
            if language in names:
                known[np.fromstring(numbers, np.int64, sep=",")] = names.index(language)
        self._known, self._names = known, names
