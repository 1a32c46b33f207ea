"""Pages that stand in place of an article: errors, checks for robots, walls before a text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from .rules import compiled, key, patterns

WORDS = 250
"""Words from which a page is an article, whatever its title says: articles are written about errors too."""

LONGEST = 160
"""Letters of a line that is looked at."""


def refusal(titles: Sequence[str], lines: Sequence[str]) -> str | None:
    """What a short page says in place of an article, None for any other page.

    Either its title is a notice, or two of its lines are, and it has no more than WORDS words.
    """
    if sum(line.count(" ") + 1 for line in lines) > WORDS:
        return None
    for title in titles:
        if _notices().fullmatch(key(title[:LONGEST]).strip(" .!…|-")):
            return title
    found = [line for line in lines if _notices().fullmatch(key(line[:LONGEST]).strip(" .!…|-"))]
    return found[0] if len(found) > 1 or (found and len(lines) < 4) else None


@cache
def _notices() -> re.Pattern[str]:
    return compiled(patterns("notice").values())
