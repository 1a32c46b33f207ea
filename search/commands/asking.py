"""Questions to an index, and reading its articles."""

from __future__ import annotations

import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core

from ..console import NOTHING_DONE, say, show_json
from . import complete
from .options import (
    DEFAULT_INDEX,
    SOME_REJECTED,
    DeviceOption,
    IndexOption,
    JsonOption,
    LanguagesOption,
    ModeOption,
    ReadingModelOption,
    RerankOption,
    SinceOption,
    SourcesOption,
    UntilOption,
    filters_of,
    show_result,
    usage,
)


class QueryCommand(typer.core.TyperCommand):
    """A command whose words may begin with a minus: one that would be taken for an option is said to be so."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer, but for what may be an excluded word. Raises BadParameter there."""
        valued = {name for option in self.params if not getattr(option, "is_flag", False) for name in option.opts}
        words = args[: args.index("--")] if "--" in args else args
        for before, word in zip(["", *words], words, strict=False):
            if re.match(r"-[^\W\d_]{2}", word) and before not in valued:
                minus = f'-"{word[1:]}"' if " " in word else word
                raise typer.BadParameter(
                    f"{word} would be an option. To leave out what holds a word, quote the whole query, or put -- "
                    f"before it: khabar search 'trump {minus}'  or: khabar search -- trump {minus}"
                )
        return super().parse_args(ctx, args)


def search_command(
    query: Annotated[list[str] | None, typer.Argument(help="What to look for, in Arabic or English.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many articles to show.")] = 10,
    mode: ModeOption = "hybrid",
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourcesOption = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Only articles that score this or more.")] = 0.0,
    diversity: Annotated[
        float, typer.Option(min=0, max=1, help="How far articles that repeat higher-ranked ones move down.")
    ] = 0.0,
    sort: Annotated[
        str, typer.Option(autocompletion=complete.orders, help="relevance, newest or oldest.")
    ] = "relevance",
    offset: Annotated[int, typer.Option(min=0, help="How many articles to pass over.")] = 0,
    facet: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES", autocompletion=complete.facets, help="Count what is relevant by source, language, day."
        ),
    ] = None,
    both: Annotated[bool, typer.Option("--both", help="Two lists, one a language, each ranked by itself.")] = False,
    unfolded: Annotated[
        bool, typer.Option("--all", help="List copies of an article as articles of their own.")
    ] = False,
    queries: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Many queries: JSON lines with _id and text.")
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write their TREC run.")] = None,
    rerank: RerankOption = None,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Find the articles that answer a query, best first, in both languages.

    Operators: "a phrase", -word, one OR other, title:word, source:name, lang:ar, since:2018, until:2018-05.

    Examples:

        khabar search flood warnings in the delta

        khabar search '"bird flu" OR "avian influenza" -poultry title:health'

        khabar search انتخابات البلدية --lang en -k 5

        khabar search wheat --since 2024 --sort newest --facet source,day --json

        khabar search ferry fire --both --source bbc --source "العربية نت"

        khabar search --queries queries.jsonl --run run.trec -k 100

        khabar search "who pays for the dam" --rerank BAAI/bge-reranker-v2-m3
    """
    from index.encoders import encoder_of
    from index.open import open_store

    from ..engine import Engine
    from ..show import answer_json, answer_lines, answers_json, answers_lines
    from ..types import Listing, Mode, Order, facets_named

    if bool(query) == (queries is not None) or (queries is None) != (run is None):
        raise typer.BadParameter(
            "Give a QUERY, as in: khabar search wheat prices  or: --queries FILE together with --run FILE."
        )
    if queries is not None and (sort != "relevance" or offset or facet or both):
        raise typer.BadParameter("A run lists what is best first: give no --sort, --offset, --facet or --both with it.")
    with usage():
        listing = Listing(Order(sort), offset, not unfolded, facets_named(facet or ""))
    filters = filters_of(lang, source, since, until)
    opened = open_store(index)
    reranker = None
    if rerank:
        from ..ranking import Reranker

        reranker = Reranker(rerank, device=device)
    engine = Engine(opened, encoder_of(opened.manifest, device, model), reranker)
    if queries and run:
        from ..evaluation import read_queries, write_run

        answers = ((asked.id, engine.run(asked.text, k, Mode(mode), filters)) for asked in read_queries(queries))
        count = write_run(run, answers)
        if as_json:
            show_json({"queries": count, "run": str(run)})
        else:
            say(f"{count} queries answered. Run: {run}")
        return
    asked, bold = " ".join(query or ()), sys.stdout.isatty()
    if both:
        pair = engine.search_both(asked, k, Mode(mode), filters, min_score, diversity, listing)
        show_result(answers_json(pair) if as_json else answers_lines(pair, bold=bold))
    else:
        answer = engine.search(asked, k, Mode(mode), filters, min_score, diversity, listing)
        show_result(answer_json(answer) if as_json else answer_lines(answer, bold=bold))


def sources_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """List the sources of all articles with their counts, languages, first and last day, the largest first.

    Example:

        khabar sources --index news
    """
    from index.open import open_store

    from ..listing import sources
    from ..show import source_lines

    with open_store(index).reading() as view:
        found = sources(view)
    show_result({"sources": [asdict(source) for source in found]} if as_json else source_lines(found))


def show_command(
    articles: Annotated[
        list[str],
        typer.Argument(metavar="ARTICLE...", autocompletion=complete.articles, help="Ids, or their beginnings."),
    ],
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Show whole articles. Any beginning of an id will do that no other id has; --json prints a line for each.

    Examples:

        khabar show 3f2c9a1b7d40

        khabar show ferry-ar-1 ferry-en-1 --json
    """
    from index.lookup import id_of
    from index.open import open_store

    from ..show import article_lines

    opened = open_store(index)
    found = {name: id_of(opened, name) for name in dict.fromkeys(articles)}
    known = [one for one in dict.fromkeys(found.values()) if one is not None]
    for place, one in enumerate(known):
        article = opened.article(one)
        if place and not as_json:
            say("")
        show_result(asdict(article) if as_json else article_lines(article))
    for name, meant in found.items():
        if meant is None:
            say(f"There is no article {name!r} in {index}. Find ids with: khabar search", err=True)
    if len(known) < len(found):
        raise typer.Exit(SOME_REJECTED if known else NOTHING_DONE)
