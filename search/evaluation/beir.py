"""The files of an evaluation: a BEIR folder with its queries and judgements, and TREC runs."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

from index.errors import InputError
from index.output import writing_file
from index.text import language

_GRADE = re.compile(r"-?\d{1,9}")


class Query(NamedTuple):
    """A query. `language` is that of its `lang` field, or else that of its letters: "ar" or "en"."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A BEIR folder. `qrels` maps queries to articles to grades above 0; each query has at least one."""

    corpus: Path
    queries: Mapping[str, Query]
    qrels: Mapping[str, Mapping[str, int]]

    @classmethod
    def read(cls, folder: str | Path) -> Benchmark:
        """Read corpus.jsonl, queries.jsonl (either may be gzipped), and qrels.tsv or qrels/test.tsv.

        Queries without a relevant article are left out, since every ranking is as good for them. Raises InputError with
        the file and line for what cannot be read.
        """
        folder = Path(folder)
        asked = {query.id: query for query in read_queries(_first(folder, "queries.jsonl", "queries.jsonl.gz"))}
        path = _first(folder, "qrels.tsv", "qrels/test.tsv")
        qrels: dict[str, dict[str, int]] = {}
        for number, (query, article, grade) in rows(path, ("query-id", "corpus-id", "score")):
            if not _GRADE.fullmatch(grade):
                raise InputError(f"{path}:{number}: {grade!r} is not a whole number.")
            if int(grade) > 0:
                qrels.setdefault(query, {})[article] = int(grade)
        unknown = [query for query in qrels if query not in asked]
        if unknown:
            raise InputError(f"{path} judges the query {unknown[0]!r}, which is not in the queries of {folder}.")
        if not qrels:
            raise InputError(f"{path} says of no article that it answers a query.")
        return cls(_first(folder, "corpus.jsonl", "corpus.jsonl.gz"), asked, qrels)


def read_queries(path: Path) -> Iterator[Query]:
    """The queries of a JSON lines file with `_id` and `text`, gzipped or not. Raises InputError with file and line."""
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            name, text = str(row["_id"]), str(row["text"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise InputError(f"{path}:{number}: not a JSON object with _id and text.") from None
        yield Query(name, text, str(row.get("lang") or language(text)))


def rows(path: Path, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a tab-separated table with their line numbers; a first line that begins like `header` is skipped.

    Raises InputError with file and line for a row that has not as many columns as `header`.
    """
    for number, line in _lines(path):
        row = line.rstrip("\r\n").split("\t")
        if row == [""] or (number == 1 and row[0] == header[0]):
            continue
        if len(row) != len(header):
            raise InputError(f"{path}:{number}: {len(row)} columns, not {len(header)} ({', '.join(header)}).")
        yield number, row


def write_run(path: Path, answers: Iterable[tuple[str, Sequence[tuple[str, float]]]]) -> int:
    """Write rankings, (query id, [(article id, score), ...]), as a TREC run; returns the number of queries.

    Raises InputError when the file cannot be written.
    """
    count = 0
    with writing_file(path) as out:
        for query, ranked in answers:
            for place, (article, value) in enumerate(ranked, 1):
                out.write(f"{query} Q0 {article} {place} {value:.6f} khabar\n")
            count += 1
    return count


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).is_file():
            return folder / name
    raise InputError(f"{folder} holds no {' or '.join(names)}. Name a folder in the layout of BEIR.")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with _open(path) as file:
            yield from enumerate(file, 1)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from None


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8-sig") if path.suffix == ".gz" else path.open(encoding="utf-8-sig")
