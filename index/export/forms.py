"""Articles as JSON lines, as CSV, or as references in one of three forms; what an article does not say is left out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path

from ..choices import Choice
from ..harmless import harmless, json_line
from ..output import writing_file
from ..read import MARK, VERSION
from ..types import Article
from .references import bibtex, csl_json, ris


class Form(Choice, called="a format of an export"):
    """What articles are written as. JSON lines are a backup: `khabar index` reads them back to equal articles."""

    JSONL = "jsonl"
    CSV = "csv"
    CSL = "csl"
    BIBTEX = "bibtex"
    RIS = "ris"


_ENDINGS = {".csv": Form.CSV, ".bib": Form.BIBTEX, ".ris": Form.RIS, ".csl": Form.CSL}
_COLUMNS = [field.name for field in fields(Article) if field.name != "text"] + ["text"]
_FORMULA = re.compile(r"[=+\-@\t\r]")
"""A cell that begins so is run by spreadsheets."""


def form_of(file: str) -> Form:
    """The form that the name of a file asks for, with or without .gz; JSON lines where it says nothing."""
    return _ENDINGS.get(Path(file.lower().removesuffix(".gz").removesuffix(".json")).suffix, Form.JSONL)


def lines(articles: Iterable[Article], form: Form = Form.JSONL, *, ascii_only: bool = False) -> Iterator[str]:
    """Articles in one of the forms, as lines without line ends; `ascii_only` is for what is JSON."""
    if form is Form.JSONL:
        return (json_line(_said(article), ascii_only=ascii_only) for article in articles)
    if form is Form.CSL:
        return csl_json(articles, ascii_only=ascii_only)
    forms: dict[Form, Callable[[Iterable[Article]], Iterator[str]]]
    forms = {Form.CSV: _csv, Form.BIBTEX: bibtex, Form.RIS: ris}
    return forms[form](articles)


def write(articles: Iterable[Article], path: Path, form: Form = Form.JSONL) -> int:
    """Write articles to a file, as `writing_file` does; returns how many. Raises InputError.

    A table begins with a byte order mark, by which spreadsheets know that it is UTF-8.
    """
    count = 0

    def counted() -> Iterator[Article]:
        nonlocal count
        for count, article in enumerate(articles, 1):  # noqa: B007
            yield article

    with writing_file(path) as out:
        if form is Form.CSV:
            out.write("\ufeff")
        for line in lines(counted(), form):
            out.write(f"{line}\n")
    return count


def _said(article: Article) -> dict[str, object]:
    return {MARK: VERSION} | {name: value for name, value in asdict(article).items() if value}


def _csv(articles: Iterable[Article]) -> Iterator[str]:
    """A head and a row for each article; a row may have several lines."""
    row = io.StringIO(newline="")
    writer = csv.writer(row)
    writer.writerow(_COLUMNS)
    for article in articles:
        yield row.getvalue().removesuffix("\r\n")
        row.seek(0)
        row.truncate()
        writer.writerow(_cell(getattr(article, name)) for name in _COLUMNS)
    yield row.getvalue().removesuffix("\r\n")


def _cell(value: str | tuple[str, ...] | None) -> str:
    """A value as a cell that no terminal obeys and no spreadsheet runs: an apostrophe is put before a formula."""
    text = "; ".join(value) if isinstance(value, tuple) else value or ""
    shown = "\n".join(map(harmless, text.split("\n")))
    return f"'{shown}" if _FORMULA.match(text) else shown
