"""Looking after an index: its state, its checksums, its backup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import NOTHING_DONE, ascii_only, is_quiet, remark, say, show, show_json
from . import complete
from .options import (
    DEFAULT_INDEX,
    IndexOption,
    JsonOption,
    LanguagesOption,
    SinceOption,
    SourcesOption,
    UntilOption,
    WaitOption,
    filters_of,
    patience,
    read_form,
    show_result,
    warn,
)

if TYPE_CHECKING:
    from index.ports import Store
    from index.types import Article, Filters


def info_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Show what an index contains and how it was made.

    Example:

        khabar info --index news
    """
    from index.open import open_store

    from ..show import info_json, info_lines

    opened = open_store(index)
    show_result(info_json(opened) if as_json else info_lines(opened))


def verify_command(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what can be derived from the articles.")] = False,
    wait: WaitOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Check every article, count and file of the index against its checksum; exit code 1 when something is wrong.

    --repair rebuilds the lexical index and the vector index from the stored articles; nothing is encoded again.

    Example:

        khabar verify --repair --index news
    """
    from index.open import repair as mend
    from index.open import verify

    from ..show import problem_lines, problems_json

    problems = (mend if repair else verify)(index, patience=patience(wait))
    if problems or as_json or not is_quiet():
        show_result(problems_json(problems) if as_json else problem_lines(problems))
    if any(problem.mendable for problem in problems):
        say(f"Mend it with: khabar verify --repair --index {index}", err=True)
    if problems:
        raise typer.Exit(NOTHING_DONE)


def export_command(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Where to write; - is standard output.")] = "-",
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            parser=read_form,
            autocompletion=complete.forms,
            help="jsonl, csv, csl, bibtex or ris. Default: as the ending of FILE says (.csv, .csl.json, .bib, .ris).",
        ),
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", metavar="QUERY", help="Only what is relevant to it, the newest first.")
    ] = None,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, help="Only articles that score this or more for the query.")
    ] = 0.0,
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourcesOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Write articles for other programs: as JSON lines, a backup that `khabar index` reads back, or in other forms.

    Forms: jsonl, csv (cells that a spreadsheet would run are made harmless), and references: csl (CSL-JSON, for Zotero
    and pandoc), bibtex, ris. A file whose name ends in .gz is compressed.

    Examples:

        khabar export backup.jsonl.gz

        khabar export dam.csv --query 'dam "water level"' --since 2024

        khabar export --format bibtex --source bbc > bbc.bib
    """
    from index.export import Form, form_of, lines, write
    from index.open import open_store
    from index.types import NO_FILTERS

    if min_score and query is None:
        raise typer.BadParameter("--min-score is of a --query. Give one, or leave it out.")
    filters = filters_of(lang, source, since, until)
    opened = open_store(index, outdated=query is None and filters == NO_FILTERS)
    articles = _chosen(opened, query, filters, min_score)
    shape = Form(form) if form else form_of(file)
    if file == "-":
        show(lines(articles, shape, ascii_only=ascii_only()))
        return
    count = write(articles, Path(file), shape)
    if as_json:
        show_json({"articles": count, "file": file, "format": shape})
    else:
        remark(f"{count} articles written to {file}", err=False)


def _chosen(index: Store, query: str | None, filters: Filters, min_score: float) -> Iterator[Article]:
    """The articles of an index that are relevant to a query, if one is given, and pass the filters."""
    from ..query import narrowed

    if query is not None:
        from ..engine import MOST_RESULTS, Engine
        from ..types import Listing, Order

        listing = Listing(Order.NEWEST, folded=False)  # which has what is relevant, and nothing else
        answer = Engine(index).search(query, MOST_RESULTS, filters=filters, min_score=min_score, listing=listing)
        warn(answer.notes)
        if len(answer.hits) == MOST_RESULTS:
            warn(
                [f"Only the newest {MOST_RESULTS} articles are written. Narrow the query, or give --since and --until."]
            )
        yield from (hit.article for hit in answer.hits)
        return
    if filters.languages or filters.sources:
        with index.reading() as view:
            filters, notes = narrowed(filters, (), view)
        warn(notes)
    yield from (article for _, article in index.articles() if filters.passes(article))
