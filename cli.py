"""The command line: each command parses its options, makes one call and shows the result.

Heavy imports wait until a command runs, so that `khabar --help` answers at once.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer
import typer.core

from index.errors import IndexMissing, InputError
from search.console import Ended, ascii_only, run_app, say, show, show_json

if TYPE_CHECKING:
    from index.types import Filters, Rejected

NOTHING_DONE, SOME_REJECTED = 1, 3  # exit codes; 0 is done, 2 wrong usage


@contextmanager
def _usage() -> Iterator[None]:
    """Report an InputError in an option as wrong usage, with exit code 2."""
    try:
        yield
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


def _day(written: str) -> str:
    from index.text import parse_day

    with _usage():
        return parse_day(written)


def _mode(name: str) -> str:
    from search.types import Mode

    with _usage():
        return Mode(name)


def _order(name: str) -> str:
    from search.coverage import StoryOrder

    with _usage():
        return StoryOrder(name)


def _tier(name: str) -> str:
    from search.types import Tier

    with _usage():
        return Tier(name)


def _duplicate(name: str) -> str:
    from search.types import DUPLICATES, Tier

    if (tier := _tier(name)) not in DUPLICATES:
        raise typer.BadParameter(
            f"an {Tier(tier)} copy says something else, so it is never kept out. Choose {', '.join(DUPLICATES)}."
        )
    return tier


app = typer.Typer(
    name="khabar",
    help="Search Arabic and English news: ask in either language, find passages in both, offline.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help starts in half the time, and reads well in every terminal
    pretty_exceptions_enable=False,
)

IndexOption = Annotated[
    Path, typer.Option("--index", envvar="KHABAR_INDEX", metavar="DIR", help="The index folder.", show_default=True)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="Where a --model runs: cpu, cuda or mps. Default: the best available.")
]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="A sentence-transformers model.")]
ReadingModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME|PATH", help="The model of the index, where that is a folder or has to be fetched."
    ),
]
QueryPromptOption = Annotated[
    str | None, typer.Option("--query-prompt", metavar="TEXT", help="Prompt for queries, instead of the model's own.")
]
PassagePromptOption = Annotated[
    str | None,
    typer.Option("--passage-prompt", metavar="TEXT", help="Prompt for passages, instead of the model's own."),
]
DimensionsOption = Annotated[
    int | None, typer.Option("--dimensions", min=1, help="Keep only the first N dimensions (Matryoshka models).")
]
RerankOption = Annotated[
    str | None, typer.Option("--rerank", metavar="NAME|PATH", help="A cross-encoder that scores the best 50 again.")
]
ModeOption = Annotated[str, typer.Option(metavar="MODE", parser=_mode, help="hybrid, semantic or lexical.")]
LanguagesOption = Annotated[
    list[str] | None, typer.Option("--lang", metavar="LANGUAGE", help="Only articles in this language: ar, en, arabic.")
]
SourcesOption = Annotated[
    list[str] | None,
    typer.Option("--source", metavar="SOURCE", help="Only articles of this source, or of one named like it."),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only articles of this day or later: 2018, 2018-05, 7d.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only articles of this day or earlier.")
]
DEFAULT_INDEX = Path(".khabar")


def _date(text: str) -> Any:
    """An option that takes a day; `text` is its help."""
    return typer.Option(metavar="DATE", parser=_day, help=text)


class _Asked(TypedDict):
    """How to use a model. None means as the index was made, or else as the model says."""

    query_prompt: str | None
    passage_prompt: str | None
    dimensions: int | None


@app.command("index")
def index_command(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Files, folders, globs, or - for standard input.")
    ],
    index: IndexOption = DEFAULT_INDEX,
    model: ModelOption = None,
    query_prompt: QueryPromptOption = None,
    passage_prompt: PassagePromptOption = None,
    dimensions: DimensionsOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles whose files were in the sources and are gone.")
    ] = False,
    prune_all: Annotated[
        bool,
        typer.Option("--prune-all", help="The same where a source is missing or empty, or a third of it is gone."),
    ] = False,
    skip_duplicates: Annotated[
        str | None,
        typer.Option(metavar="TIER", parser=_duplicate, help="Keep out new articles that repeat others this closely."),
    ] = None,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles to the index, or update them; unchanged ones are skipped.

    Reads txt, md, html, mhtml, json, jsonl, csv, tsv, RSS and Atom, each also gzipped.

    An id is an id within its file: of two articles with one id, the one from another file gets that file's name before
    it (b.csv:7). What was renamed is listed.

    --prune removes nothing when a source is missing or empty, or when more than 20 articles and more than a third of
    what the sources gave would go; --prune-all does.

    Examples:

        khabar index articles/

        khabar index 'pages/*.html' dump.jsonl.gz --index news

        zcat feed.xml.gz | khabar index -

        khabar index articles/ --prune

        khabar index articles/ --skip-duplicates near

        khabar index articles/ --model intfloat/multilingual-e5-small --index e5
    """
    from index.encoders import encoder_again, load_encoder
    from index.ingest import ingest
    from index.local import Index
    from search.show import cut_lines, progress_bars, remark_lines, report_json, report_line

    asked = _Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    try:
        opened = Index.open(index)
    except IndexMissing:
        encoder = load_encoder(model or "default", device=device, **asked)
        opened = Index.create(index, encoder)
    else:
        encoder = encoder_again(opened.manifest, device, model, **asked)
    skipper = None
    if skip_duplicates:
        from search.coverage import Skipper
        from search.types import Tier

        skipper = Skipper(opened, Tier(skip_duplicates), encoder)
    try:
        with progress_bars(encoder) as progress:
            report = ingest(opened, sources, encoder, progress, prune=prune, prune_all=prune_all, skip=skipper)
    except Ended as ended:
        stored = opened.counts()["articles"]
        ended.said = f"Stopped. {index} keeps {stored} articles; the same command goes on from there."
        raise
    skipped = skipper.skipped if skipper else {}
    if as_json:
        show_json(report_json(report, encoder, skipped))
    else:
        pruned = prune or prune_all
        say(report_line(report, index, pruned=pruned, skipped=skipped if skipper else None))
    _warn(remark_lines(report, skipped))
    _warn(cut_lines(encoder))
    used = bool(report.added + report.updated + report.unchanged + len(skipped))
    _exit_for(report.rejected, done=used)
    if report.unknown and not used:
        raise typer.Exit(NOTHING_DONE)


class _QueryCommand(typer.core.TyperCommand):
    """A command whose words may begin with a minus: one that would be taken for an option is said to be so."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
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


@app.command("search", cls=_QueryCommand)
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
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest.")] = "relevance",
    offset: Annotated[int, typer.Option(min=0, help="How many articles to pass over.")] = 0,
    facet: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Count what is relevant by source, language, day.")
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
    from index.local import Index
    from search import Engine
    from search.show import answer_json, answer_lines, answers_json, answers_lines
    from search.types import Listing, Mode, Order, facets_named

    if bool(query) == (queries is not None) or (queries is None) != (run is None):
        raise typer.BadParameter("Give either a QUERY, or --queries FILE together with --run FILE.")
    if queries is not None and (sort != "relevance" or offset or facet or both):
        raise typer.BadParameter("A run lists what is best first: give no --sort, --offset, --facet or --both with it.")
    with _usage():
        listing = Listing(Order(sort), offset, not unfolded, facets_named(facet or ""))
    filters = _filters(lang, source, since, until)
    opened = Index.open(index)
    reranker = None
    if rerank:
        from search.ranking import Reranker

        reranker = Reranker(rerank, device=device)
    engine = Engine(opened, encoder_of(opened.manifest, device, model), reranker)
    if queries and run:
        from search.evaluation import read_queries, write_run

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
        _show(answers_json(pair) if as_json else answers_lines(pair, bold=bold))
    else:
        answer = engine.search(asked, k, Mode(mode), filters, min_score, diversity, listing)
        _show(answer_json(answer) if as_json else answer_lines(answer, bold=bold))


@app.command("sources")
def sources_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """List the sources of all articles with their counts, languages, first and last day, the largest first.

    Example:

        khabar sources --index news
    """
    from index.local import Index
    from search.listing import sources
    from search.show import source_lines

    with Index.open(index).reading() as view:
        found = sources(view)
    _show({"sources": [asdict(source) for source in found]} if as_json else source_lines(found))


@app.command("show")
def show_command(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="The id of an article, or its beginning.")],
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Show one whole article. Any beginning of its id will do that no other id has.

    Example:

        khabar show 3f2c9a1b7d40
    """
    from index.local import Index
    from search.show import article_lines

    found = Index.open(index).beginning(article)
    _show(asdict(found) if as_json else article_lines(found))


@app.command("remove")
def remove_command(
    articles: Annotated[list[str], typer.Argument(metavar="ARTICLE...", help="Ids of articles.")],
    purge: Annotated[bool, typer.Option("--purge", help="Also rewrite every file that contained their text.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Remove articles, and those embedded in their pages.

    Example:

        khabar remove 3f2c9a1b7d40 --purge
    """
    from index.local import Index, writing

    opened = Index.open(index)
    known = opened.known(articles)
    unknown = [name for name in articles if name not in known]
    with writing(opened) as writer:
        removed = writer.remove(articles, purge=purge)
    if as_json:
        show_json({"removed": removed, "unknown": unknown})
    else:
        say(f"{removed} removed.")
    _warn(f"There is no article {name!r} in {index}." for name in unknown)
    if unknown:
        raise typer.Exit(SOME_REJECTED if removed else NOTHING_DONE)


@app.command("verify")
def verify_command(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what can be derived from the articles.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Check every article, count and file of the index against its checksum; exit code 1 when something is wrong.

    --repair rebuilds the lexical index and the vector index from the stored articles; nothing is encoded again.

    Example:

        khabar verify --repair --index news
    """
    from index.local import repair as mend
    from index.local import verify
    from search.show import problem_lines, problems_json

    problems = mend(index) if repair else verify(index)
    _show(problems_json(problems) if as_json else problem_lines(problems))
    if any(problem.mendable for problem in problems):
        say(f"Mend it with: khabar verify --repair --index {index}", err=True)
    if problems:
        raise typer.Exit(NOTHING_DONE)


@app.command("reindex")
def reindex_command(
    model: ModelOption = None,
    query_prompt: QueryPromptOption = None,
    passage_prompt: PassagePromptOption = None,
    dimensions: DimensionsOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Encode all stored articles again, in one commit: searches use the old vectors until all new ones are there.

    Options that are not given stay as they were when the index was made.

    Examples:

        khabar reindex

        khabar reindex --model intfloat/multilingual-e5-small

        khabar reindex --dimensions 256
    """
    from index.encoders import encoder_again
    from index.local import Index, writing
    from search.show import cut_lines, progress_bars

    opened = Index.open(index, outdated=True)
    asked = _Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    encoder = encoder_again(opened.manifest, device, model, **asked)
    try:
        with writing(opened) as writer, progress_bars(encoder, "articles") as progress:
            writer.reencode(encoder, progress)
    except Ended as ended:
        ended.said = f"Stopped. {index} keeps the vectors that it had."
        raise
    _warn(cut_lines(encoder))
    facts = {"model": encoder.name, "dimension": encoder.dim, "cut": encoder.cut} | Index.open(index).counts()
    if as_json:
        show_json(facts)
    else:
        say(f"{facts['passages']} passages encoded by {encoder.name}. Index: {index}")


@app.command("export")
def export_command(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Where to write; - is standard output.")] = "-",
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Write all articles as JSON lines, a backup that `khabar index` reads back.

    Examples:

        khabar export backup.jsonl

        khabar export | gzip > backup.jsonl.gz
    """
    from index.export import lines, write
    from index.local import Index

    opened = Index.open(index, outdated=True)
    if file == "-":
        show(lines(opened, ascii_only=ascii_only()))
        return
    count = write(opened, Path(file))
    if as_json:
        show_json({"articles": count, "file": file})
    else:
        say(f"{count} articles written to {file}")


@app.command("info")
def info_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Show what an index contains and how it was made.

    Example:

        khabar info --index news
    """
    from index.local import Index
    from search.show import info_json, info_lines

    opened = Index.open(index)
    _show(info_json(opened) if as_json else info_lines(opened))


@app.command("models")
def models_command(as_json: JsonOption = False) -> None:
    """List known models for --model and --rerank, with size, licence and published figures.

    They need an extra: pip install 'khabar[models]'. Any other sentence-transformers model works too.
    Without --model, the small model that comes with Khabar is used.

    Example:

        khabar models
    """
    from index.encoders import models
    from search.show import model_lines

    _show([asdict(model) for model in models()] if as_json else model_lines(models()))


@app.command("evaluate")
def evaluate_command(
    folder: Annotated[Path, typer.Argument(metavar="BEIR_DIR", help="corpus.jsonl, queries.jsonl and qrels.tsv.")],
    measure: Annotated[
        list[str] | None, typer.Option("--measure", metavar="NAME", help="nDCG@10, RR@10, R@100, P@5, AP ...")
    ] = None,
    mode: Annotated[
        list[str] | None, typer.Option("--mode", metavar="MODE", parser=_mode, help="hybrid, semantic or lexical.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option("--model", metavar="NAME|PATH", help="An encoder.")] = None,
    rerank: Annotated[
        list[str] | None, typer.Option("--rerank", metavar="NAME|PATH", help="A cross-encoder, or none.")
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write the TREC run.")] = None,
    index: Annotated[
        Path | None, typer.Option("--index", metavar="DIR", help="An index of the corpus, instead of a new one.")
    ] = None,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search on queries with known answers, by language of query and passage.

    Give --mode, --model or --rerank several times to compare: every configuration is tested against the first. If the
    folder has a stories.tsv, groups of duplicates and stories are measured too.

    Examples:

        khabar evaluate corpus

        khabar evaluate corpus --mode hybrid --mode lexical --measure nDCG@10

        khabar evaluate corpus --model default --model intfloat/multilingual-e5-small

        khabar evaluate corpus --rerank none --rerank BAAI/bge-reranker-v2-m3
    """
    from search.evaluation import MEASURES, Configurations, evaluate_configurations, write_run
    from search.show import evaluation_lines, progress_bars
    from search.types import Mode

    modes = list(map(Mode, mode or ["hybrid"]))
    configurations = Configurations(model or ["default"], rerank or ["none"], modes, index, device)
    if index is not None and len(model or ()) > 1:
        raise typer.BadParameter("Give --index with one --model at most: that of the index.")
    if run is not None and len(configurations) > 1:
        raise typer.BadParameter("Give --run with one configuration only.")
    outcome = evaluate_configurations(folder, configurations, measure or MEASURES, progress_bars)
    if run is not None:
        write_run(run, outcome.run.items())
    _show(outcome.facts if as_json else evaluation_lines(outcome.facts))
    _exit_for(outcome.rejected, done=True)


@app.command("duplicates")
def duplicates_command(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE...]", help="New articles, checked before they are added.")
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(metavar="TIER", parser=_tier, help="exact, near, contained, rewritten, translated or altered."),
    ] = None,
    since: Annotated[str | None, _date("Only articles of this day or later, and what they repeat.")] = None,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Find articles that repeat others, with what they share and where they differ; --json prints JSON lines.

    --tier altered lists pairs that have the same words, but another number, name, date or negation.

    Examples:

        khabar duplicates

        khabar duplicates --tier altered

        khabar duplicates --tier exact --tier near --since 2025-01-01

        khabar duplicates new/*.html --json
    """
    from index.encoders import encoder_of
    from index.local import Index
    from search.coverage import Collection, read_articles
    from search.show import group_json, group_lines
    from search.types import DUPLICATES, Tier

    opened = Index.open(index)
    collection, first = Collection.of(opened, partial(encoder_of, opened.manifest, device, model)), 0
    rejected: Sequence[Rejected] = []
    if files:
        articles, rejected = read_articles(files)
        collection, first = collection.beside(articles)
    elif since:
        collection, first = collection.since(since)
    tiers = frozenset(map(Tier, tier or DUPLICATES))
    copies = tiers - {Tier.ALTERED}
    found = collection.groups(copies, first) if copies else []
    pairs = collection.altered(first) if Tier.ALTERED in tiers else []
    for story in (*found, *pairs):
        _show(group_json(story) if as_json else group_lines(story))
    if not as_json:
        if copies:
            say(f"Groups: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")
        if Tier.ALTERED in tiers:
            say(f"Altered copies: {len(pairs)} pairs")
    _exit_for(rejected, done=bool(files and len(collection) > first))


@app.command("related")
def related_command(
    article: Annotated[str, typer.Argument(metavar="ARTICLE|FILE|-", help="An id, a file, or - for standard input.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many to show.")] = 20,
    timeline: Annotated[bool, typer.Option("--timeline", help="In order of publication.")] = False,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Find related coverage: the same event, follow-ups and background, in both languages, each with its reason.

    Examples:

        khabar related 3f2c9a1b7d40 --timeline

        khabar related page.html

        pbpaste | khabar related -
    """
    from index.encoders import encoder_of
    from index.local import Index
    from search.coverage import Collection, asked_about, in_time, related
    from search.show import related_json, related_lines

    opened = Index.open(index)
    asked = asked_about(opened, article)
    found = related(*Collection.near(opened, asked, partial(encoder_of, opened.manifest, device, model)), k)
    if timeline:
        found = in_time(found)
    _show(related_json(asked, found) if as_json else related_lines(asked, found, timeline=timeline))


@app.command("check")
def check_command(
    text: Annotated[str, typer.Argument(metavar="TEXT|FILE|-", help="A claim, a file, or - for standard input.")],
    k: Annotated[
        int, typer.Option("-k", min=1, max=1_000, help="How many articles of each language that only cover it.")
    ] = 10,
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourcesOption = None,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Check a text against the index: who printed it, who printed it altered, who tells or covers it.

    Altered copies have the same words, but another number, name, date or negation; each is shown.

    Examples:

        khabar check "Crews rescued 300 passengers of the ferry"

        khabar check claim.txt --since 2025-01-01

        pbpaste | khabar check - --json
    """
    from index.encoders import encoder_of
    from index.local import Index
    from search import Engine
    from search.coverage import check, text_to_check
    from search.show import checked_json, checked_lines

    filters = _filters(lang, source, since, until)
    opened = Index.open(index)
    engine = Engine(opened, encoder_of(opened.manifest, device, model))
    checked = check(engine, text_to_check(text), filters, k)
    _show(checked_json(checked) if as_json else checked_lines(checked))


@app.command("stories")
def stories_command(
    since: Annotated[str | None, _date("Only stories with news of this day on.")] = None,
    until: Annotated[str | None, _date("Only stories that began by this day.")] = None,
    lang: LanguagesOption = None,
    source: SourcesOption = None,
    of: Annotated[str | None, typer.Option(metavar="ARTICLE", help="The story of this article, by its id.")] = None,
    order: Annotated[str, typer.Option(metavar="ORDER", parser=_order, help="date, size or recent.")] = "date",
    k: Annotated[int | None, typer.Option("-k", min=1, help="How many to show. Default: all.")] = None,
    by_affair: Annotated[bool, typer.Option("--affairs", help="Events together under their affair.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """List the stories that several articles cover, in both languages, by date; --json prints JSON lines.

    Examples:

        khabar stories --since 2025-03-01 --until 2025-03-31

        khabar stories --order size -k 10 --lang ar

        khabar stories --of ferry-ar-1 --affairs

        khabar stories --json
    """
    from index.local import Index
    from search.coverage import Collection, StoryOrder, affairs, listed, story_of
    from search.query import narrowed
    from search.show import affair_json, affair_lines, story_json, story_lines

    given = _filters(lang, source, since, until)
    opened = Index.open(index)
    with opened.reading() as view:
        filters, notes = narrowed(given, (), view)
    _warn(notes)
    asked = opened.article(of) if of else None
    found = Collection.of(opened).stories()
    if asked:
        found = story_of(found, asked) if by_affair else story_of(found, asked)[:1]
    found = listed(found, filters, StoryOrder(order))
    if by_affair:
        groups = affairs(found)[:k]
        found = [story for events in groups for story in events]
        for events in groups:
            _show(affair_json(events) if as_json else affair_lines(events))
    else:
        found = found[:k]
        for story in found:
            _show(story_json(story) if as_json else story_lines(story))
    if not as_json:
        say(f"Stories: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")


def _show(result: dict[str, Any] | list[Any] | Iterator[str]) -> None:
    """Print one result: lines for people, or JSON."""
    if isinstance(result, dict | list):
        show_json(result)
    else:
        show(result)


def _filters(lang: list[str] | None, source: list[str] | None, since: str | None, until: str | None) -> Filters:
    """The filters that options name; in what way an ambiguous one was read is said on standard error."""
    from datetime import date

    from search.query import read_filters

    first, last = ([day] if day else [] for day in (since, until))
    with _usage():
        filters, notes = read_filters(lang or (), source or (), first, last, date.today())
    _warn(notes)
    return filters


def _warn(lines: Iterable[str]) -> None:
    for line in lines:
        say(line, err=True)


def _exit_for(rejected: Sequence[Rejected], *, done: bool) -> None:
    """Name each rejected input on standard error, and say by the exit code whether anything was done."""
    from search.show import rejected_lines

    _warn(rejected_lines(rejected))
    if rejected:
        raise typer.Exit(SOME_REJECTED if done else NOTHING_DONE)


def main() -> None:
    """Run the command line; see search/console.py for how it ends."""
    # The matrices of one query are small: several threads would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Starting creates many objects and no garbage: collecting every 700 of them takes a tenth of a cold search.
    gc.set_threshold(100_000)
    run_app(app)
