"""The command line: a thin skin over `index` and `search`. Heavy imports wait until a command runs."""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer
import typer.core

if TYPE_CHECKING:
    from index.local import Index
    from index.types import Encoder, Rejected
    from search.coverage import Skipper
    from search.evaluation import Relation
    from search.ranking import Reranker
    from search.types import Story, Tier

NOTHING_DONE, WRONG_USAGE, SOME_REJECTED = 1, 2, 3  # exit codes; 0 is done

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
    str | None, typer.Option("--device", help="Where a --model runs: cpu, cuda, mps. Default: the best there is.")
]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="A sentence-transformers model.")]
QueryPromptOption = Annotated[
    str | None, typer.Option("--query-prompt", metavar="TEXT", help="Put before queries, instead of the model's own.")
]
PassagePromptOption = Annotated[
    str | None,
    typer.Option("--passage-prompt", metavar="TEXT", help="Put before passages, instead of the model's own."),
]
DimensionsOption = Annotated[
    int | None, typer.Option("--dimensions", min=1, help="Keep only the first so many of a Matryoshka model.")
]
RerankOption = Annotated[
    str | None, typer.Option("--rerank", metavar="NAME|PATH", help="A cross-encoder that reads the best 50 again.")
]
DEFAULT_INDEX = Path(".khabar")


class _Asked(TypedDict):
    """How a model is to be used; None leaves it as it was, or to the model."""

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
    skip_duplicates: Annotated[
        str | None,
        typer.Option(metavar="TIER", help="Keep out new articles that print others again, so closely at least."),
    ] = None,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles to the index, or update them; unchanged ones are skipped.

    Reads txt, md, html, json, jsonl, csv, tsv, RSS and Atom, each also gzipped.

    Examples:

        khabar index articles/

        khabar index 'pages/*.html' dump.jsonl.gz --index news

        zcat feed.xml.gz | khabar index -

        khabar index articles/ --prune

        khabar index articles/ --skip-duplicates near

        khabar index articles/ --model intfloat/multilingual-e5-small --index e5
    """
    from index.encoders import load_encoder
    from index.errors import IndexMissing
    from index.ingest import ingest
    from index.local import Index
    from search.show import harmless, progress_bars

    asked = _Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    try:
        opened = Index.open(index)
    except IndexMissing:
        encoder = load_encoder(model or "default", device=device, **asked)
        opened = Index.create(index, encoder)
    else:
        encoder = opened.manifest.encoder(device, model, **asked)
    skipper = _skipper(opened, skip_duplicates, encoder)
    with progress_bars(encoder) as progress:
        report = ingest(opened, sources, encoder, progress, prune=prune, skip=skipper)
    skipped = skipper.skipped if skipper else {}
    cut = _warn_of_cut(encoder)
    if as_json:
        _print_json(asdict(report) | {"cut": cut, "skipped": {id: asdict(link) for id, link in skipped.items()}})
    else:
        done = f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged"
        if prune:
            done += f", {report.removed} removed"
        if skipper:
            done += f", {len(skipped)} skipped"
        typer.echo(f"{done}, {len(report.rejected)} rejected in {report.seconds:.1f} s. Index: {index}")
    for id, link in skipped.items() if not as_json else ():
        kept = link.b if id == link.a else link.a
        typer.echo(harmless(f"{id}: not added, {link.tier} beside {kept}"), err=True)
    for rejected in report.rejected:
        typer.echo(harmless(f"{rejected.path}: {rejected.reason}"), err=True)
    if report.rejected:
        used = report.added + report.updated + report.unchanged + len(skipped)
        raise typer.Exit(SOME_REJECTED if used else NOTHING_DONE)


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
    mode: Annotated[str, typer.Option(help="hybrid, semantic or lexical.")] = "hybrid",
    lang: Annotated[
        list[str] | None, typer.Option(metavar="LANGUAGE", help="Only articles in this language: ar, en, arabic.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only articles of this day or later: 2018, 2018-05, 7d.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Only articles of this day or earlier.")] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Only articles of this source, or of one named like it.")
    ] = None,
    min_score: Annotated[float, typer.Option(min=0, max=1, help="Only articles that score this or more.")] = 0.0,
    diversity: Annotated[
        float, typer.Option(min=0, max=1, help="How much articles that repeat those above them are put back.")
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
    from datetime import date

    from index.errors import InputError
    from index.local import Index
    from search import Engine
    from search.evaluation import read_queries, write_run
    from search.query import read_filters
    from search.show import answer_json, answer_lines, answers_json, answers_lines
    from search.types import FACETS, Listing, Mode, Order

    if bool(query) == (queries is not None) or (queries is None) != (run is None):
        raise typer.BadParameter("Give either a QUERY, or --queries FILE together with --run FILE.")
    if queries is not None and (sort != "relevance" or offset or facet or both):
        raise typer.BadParameter("A run lists what is best first: give no --sort, --offset, --facet or --both with it.")
    if mode not in list(Mode):
        raise typer.BadParameter(f"{mode!r} is not a mode. Choose hybrid, semantic or lexical.")
    if sort not in list(Order):
        raise typer.BadParameter(f"{sort!r} is not an order. Choose relevance, newest or oldest.")
    facets = tuple(name for name in FACETS if name in (facet or "").split(","))
    if facet is not None and len(facets) != len(facet.split(",")):
        raise typer.BadParameter(f"{facet!r} names other facets than source, language and day.")
    try:
        filters, notes = read_filters(lang or (), source or (), _given(since), _given(until), date.today())
    except InputError as error:
        raise typer.BadParameter(str(error)) from None
    for note in notes:
        typer.echo(note, err=True)
    opened = Index.open(index)
    engine = Engine(opened, opened.manifest.encoder(device), _reranker(rerank, device))
    if queries is not None and run is not None:
        answers = ((asked.id, engine.run(asked.text, k, Mode(mode), filters)) for asked in read_queries(queries))
        count = write_run(run, answers)
        if as_json:
            _print_json({"queries": count, "run": str(run)})
        else:
            typer.echo(f"{count} queries answered. Run: {run}")
        return
    asked = " ".join(query or ())
    listing = Listing(Order(sort), offset, not unfolded, facets)
    bold = sys.stdout.isatty()
    if both:
        found = engine.search_both(asked, k, Mode(mode), filters, min_score, diversity, listing)
        if as_json:
            _print_json(answers_json(found))
        else:
            typer.echo("\n".join(answers_lines(found, bold=bold)))
        return
    answer = engine.search(asked, k, Mode(mode), filters, min_score, diversity, listing)
    if as_json:
        _print_json(answer_json(answer))
        return
    for line in answer_lines(answer, bold=bold):
        typer.echo(line)


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
    if as_json:
        _print_json({"sources": [asdict(source) for source in found]})
        return
    for line in source_lines(found):
        typer.echo(line)


@app.command("show")
def show_command(
    article: Annotated[str, typer.Argument(metavar="ARTICLE", help="The id of an article.")],
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Show one article whole.

    Example:

        khabar show 3f2c9a1b7d40
    """
    from index.local import Index

    found = Index.open(index).article(article)
    if as_json:
        _print_json(asdict(found))
        return
    from search.show import article_lines

    for line in article_lines(found):
        typer.echo(line)


@app.command("remove")
def remove_command(
    articles: Annotated[list[str], typer.Argument(metavar="ARTICLE...", help="Ids of articles.")],
    purge: Annotated[bool, typer.Option("--purge", help="Rewrite every file that held their text.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Remove articles, and those that were embedded in their pages.

    Example:

        khabar remove 3f2c9a1b7d40 --purge
    """
    from index.local import Index, writing

    opened = Index.open(index)
    known = opened.known(articles)
    unknown = [id for id in articles if id not in known]
    with writing(opened) as writer:
        removed = writer.remove(articles, purge=purge)
    if as_json:
        _print_json({"removed": removed, "unknown": unknown})
    else:
        typer.echo(f"{removed} removed.")
    for id in unknown:
        typer.echo(f"There is no article {id!r} in {index}.", err=True)
    if unknown:
        raise typer.Exit(SOME_REJECTED if removed else NOTHING_DONE)


@app.command("verify")
def verify_command(
    repair: Annotated[bool, typer.Option("--repair", help="Make again what can be made from the articles.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Check every article, count and file of the index against its checksum; exit code 1 when something is wrong.

    --repair makes the lexical index and the vector index anew from the stored articles; nothing is encoded again.

    Example:

        khabar verify --repair --index news
    """
    from index.local import repair as mend
    from index.local import verify
    from search.show import harmless

    problems = mend(index) if repair else verify(index)
    if as_json:
        _print_json({"ok": not problems, "problems": [asdict(problem) for problem in problems]})
    for problem in problems if not as_json else ():
        typer.echo(harmless(f"{problem.where}: {problem.what}"))
    if not problems:
        if not as_json:
            typer.echo("Every article, count and file is as it was written.")
        return
    if any(problem.mendable for problem in problems):
        typer.echo(f"Mend it with: khabar verify --repair --index {index}", err=True)
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
    """Encode all stored articles again, in one step: searches see the old vectors until all new ones are there.

    Without options by the same model as before, else as named; what is not named stays as it was.

    Examples:

        khabar reindex

        khabar reindex --model intfloat/multilingual-e5-small

        khabar reindex --dimensions 256
    """
    from index.local import Index, writing
    from search.show import progress_bars

    opened = Index.open(index, outdated=True)
    asked = _Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    encoder = opened.manifest.encoder(device, model, **asked)
    with writing(opened) as writer, progress_bars(encoder, "articles") as progress:
        writer.reencode(encoder, progress)
    cut = _warn_of_cut(encoder)
    facts = {"model": encoder.name, "dimension": encoder.dim, "cut": cut} | Index.open(index).counts()
    if as_json:
        _print_json(facts)
    else:
        typer.echo(f"{facts['passages']} passages encoded by {encoder.name}. Index: {index}")


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
    from index.backup import lines, write
    from index.local import Index

    opened = Index.open(index, outdated=True)
    if file == "-":
        for line in lines(opened):
            typer.echo(line)
        return
    count = write(opened, Path(file))
    if as_json:
        _print_json({"articles": count, "file": file})
    else:
        typer.echo(f"{count} articles written to {file}")


@app.command("info")
def info_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Say what an index holds and what it was made with.

    Example:

        khabar info --index news
    """
    from index.local import Index

    opened = Index.open(index)
    facts: dict[str, Any] = {"path": str(index)} | asdict(opened.manifest) | opened.summary()
    if as_json:
        _print_json(facts)
        return
    for name, value in facts.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        typer.echo(f"{name.replace('_', ' '):>14}  {shown}")


@app.command("models")
def models_command(as_json: JsonOption = False) -> None:
    """List models whose prompts are on record, for --model and --rerank, with size, licence and published figures.

    They need the extra: pip install 'khabar[models]'. Any other sentence-transformers model can be named as well.
    Without --model, the small model that comes with Khabar is used.

    Example:

        khabar models
    """
    from index.encoders import models
    from search.show import model_lines

    if as_json:
        _print_json([asdict(model) for model in models()])
        return
    for line in model_lines(models()):
        typer.echo(line)


@app.command("evaluate")
def evaluate_command(
    folder: Annotated[Path, typer.Argument(metavar="BEIR_DIR", help="corpus.jsonl, queries.jsonl and qrels.tsv.")],
    measure: Annotated[
        list[str] | None, typer.Option("--measure", metavar="NAME", help="nDCG@10, RR@10, R@100, P@5, AP ...")
    ] = None,
    mode: Annotated[list[str] | None, typer.Option("--mode", help="hybrid, semantic or lexical.")] = None,
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
    """Measure how well queries with known answers are answered, by language of query and passage.

    Give --mode, --model or --rerank twice to compare: every configuration is tested against the first. Where the folder
    has a stories.tsv, the groups of duplicates and the stories are measured too.

    Examples:

        khabar evaluate corpus

        khabar evaluate corpus --mode hybrid --mode lexical --measure nDCG@10

        khabar evaluate corpus --model default --model intfloat/multilingual-e5-small

        khabar evaluate corpus --rerank none --rerank BAAI/bge-reranker-v2-m3
    """
    from index.encoders import load_encoder
    from index.local import Index
    from search.coverage import Collection
    from search.engine import Engine
    from search.evaluation import MEASURES, Benchmark, evaluate, read_stories, report, write_run
    from search.show import evaluation_lines
    from search.types import Mode

    for name in mode or []:
        if name not in list(Mode):
            raise typer.BadParameter(f"{name!r} is not a mode. Choose hybrid, semantic or lexical.")
    models, modes, rerankers = model or ["default"], [Mode(m) for m in mode or ["hybrid"]], rerank or ["none"]
    if index is not None and model:
        raise typer.BadParameter("Give either --index or --model: an index has its model.")
    if run is not None and len(models) * len(modes) * len(rerankers) > 1:
        raise typer.BadParameter("Give --run with one configuration only.")
    measures = measure or MEASURES
    benchmark = Benchmark.read(folder)
    relations = read_stories(folder / "stories.tsv") if (folder / "stories.tsv").is_file() else None
    done = []
    groups = []
    with ExitStack() as closing:
        for name in models:
            if index:
                opened = Index.open(index)
                encoder = opened.manifest.encoder(device)
            else:
                encoder = load_encoder(name, device=device)
                opened = closing.enter_context(_temporary_index(benchmark.corpus, encoder))
            for reranker in rerankers:
                engine = Engine(opened, encoder, _reranker(None if reranker == "none" else reranker, device))
                for how in modes:
                    named = {"model": encoder.name, "mode": how.value, "rerank": reranker}
                    done.append((named, evaluate(engine, benchmark, measures, how)))
            if relations is not None:
                collection = Collection.of(opened)
                kinds = {"duplicates": collection.groups(), "stories": collection.stories()}
                groups.append({"model": encoder.name} | {k: _agreement(found, relations) for k, found in kinds.items()})
    if run is not None:
        write_run(run, done[0][1].run.items())
    facts = {"benchmark": str(folder)} | report(done) | {"groups": groups}
    if as_json:
        _print_json(facts)
    else:
        for line in evaluation_lines(facts):
            typer.echo(line)


@app.command("duplicates")
def duplicates_command(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE...]", help="New articles, checked before they are added.")
    ] = None,
    tier: Annotated[
        list[str] | None, typer.Option(metavar="TIER", help="exact, near, contained, rewritten, translated.")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only what was printed this day or later.")] = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Find articles that print the same story again, with what is shared and what differs; --json prints lines.

    Examples:

        khabar duplicates

        khabar duplicates --tier exact --tier near --since 2025-01-01

        khabar duplicates new/*.html --json
    """
    from index.local import Index
    from search.coverage import Collection, read_articles
    from search.show import group_json, group_lines

    tiers, day = _tiers(tier), _day(since)
    opened = Index.open(index)
    collection, first = Collection.of(opened, partial(opened.manifest.encoder, device)), 0
    if files:
        articles, rejected = read_articles(files)
        collection, first = collection.beside(articles)
    elif day:
        rejected = []
        collection, first = collection.since(day)
    else:
        rejected = []
    found = collection.groups(tiers, first)
    for story in found:
        if as_json:
            _print_json(group_json(story))
        else:
            typer.echo("\n".join(group_lines(story)))
    if not as_json:
        typer.echo(f"Groups: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")
    _exit_for(rejected, done=bool(files and len(collection) > first))


@app.command("related")
def related_command(
    article: Annotated[str, typer.Argument(metavar="ARTICLE|FILE|-", help="An id, a file, or - for standard input.")],
    k: Annotated[int, typer.Option("-k", min=1, max=1_000, help="How many to show.")] = 20,
    timeline: Annotated[bool, typer.Option("--timeline", help="In order of time.")] = False,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Find what else was written: the same event, follow-ups and background, in both languages, each with its reason.

    Examples:

        khabar related 3f2c9a1b7d40 --timeline

        khabar related page.html

        pbpaste | khabar related -
    """
    from index.local import Index
    from search.coverage import Collection, asked_about, in_time, related
    from search.show import related_json, related_lines

    opened = Index.open(index)
    asked = asked_about(opened, article)
    found = related(*Collection.near(opened, asked, partial(opened.manifest.encoder, device)), k)
    if timeline:
        found = in_time(found)
    if as_json:
        _print_json(related_json(asked, found))
    else:
        typer.echo("\n".join(related_lines(asked, found, timeline=timeline)))


@app.command("stories")
def stories_command(
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Only stories with news of this day on.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Only stories that began by this day.")] = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """List the stories that several articles cover, in both languages, in order of time; --json prints lines.

    Examples:

        khabar stories --since 2025-03-01 --until 2025-03-31

        khabar stories --json
    """
    from index.local import Index
    from search.coverage import Collection, covering
    from search.show import story_json, story_lines

    first, last = _day(since), _day(until)
    found = covering(Collection.of(Index.open(index)).stories(), first, last)
    for story in found:
        if as_json:
            _print_json(story_json(story))
        else:
            typer.echo("\n".join(story_lines(story)))
    if not as_json:
        typer.echo(f"Stories: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")


# ---------------------------------------------------------------- helpers


def _tiers(names: list[str] | None) -> frozenset[Tier]:
    from search.types import Tier

    for name in names or []:
        if name not in list(Tier):
            raise typer.BadParameter(f"{name!r} is not a tier. Choose {', '.join(Tier)}.")
    return frozenset(map(Tier, names)) if names else frozenset(Tier)


def _agreement(found: Sequence[Story], relations: Sequence[Relation]) -> dict[str, Any]:
    from search.evaluation import evaluate_groups

    return asdict(evaluate_groups([[article.id for article in story.articles] for story in found], relations))


def _skipper(index: Index, tier: str | None, encoder: Encoder) -> Skipper | None:
    if tier is None:
        return None
    from search.coverage import Skipper

    (named,) = _tiers([tier])
    return Skipper(index, named, encoder)


def _exit_for(rejected: Sequence[Rejected], *, done: bool) -> None:
    from search.show import harmless

    for problem in rejected:
        typer.echo(harmless(f"{problem.path}: {problem.reason}"), err=True)
    if rejected:
        raise typer.Exit(SOME_REJECTED if done else NOTHING_DONE)


def _reranker(name: str | None, device: str | None) -> Reranker | None:
    if name is None:
        return None
    from search.ranking import Reranker

    return Reranker(name, device=device)


def _warn_of_cut(encoder: Encoder) -> int:
    """How many passages the model did not see the end of, said on standard error."""
    cut = encoder.cut
    if cut:
        seen = f"of which {encoder.name} sees only the first {encoder.limit} tokens"
        typer.echo(f"{cut} passages hold a sentence or title too long for the model, {seen}.", err=True)
    return cut


def _given(option: str | None) -> tuple[str, ...]:
    return () if option is None else (option,)


def _day(written: str | None) -> str | None:
    if written is None:
        return None
    from datetime import date

    from index.text import parse_date

    day = parse_date(written, date.today())
    if day is None:
        raise typer.BadParameter(f"{written!r} is not a date. Write it like 2024-12-31.")
    return day[:10]


@contextmanager
def _temporary_index(corpus: Path, encoder: Encoder) -> Iterator[Index]:
    from tempfile import TemporaryDirectory

    from index.ingest import ingest
    from index.local import Index
    from search.show import progress_bars

    with TemporaryDirectory(prefix="khabar-") as place:
        index = Index.create(Path(place) / "index", encoder)
        with progress_bars(encoder) as progress:
            report = ingest(index, [str(corpus)], encoder, progress)
        for rejected in report.rejected:
            typer.echo(f"{rejected.path}: {rejected.reason}", err=True)
        yield index
        index.close()


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))


def main() -> None:
    """Run the command line. Every KhabarError ends here, as one sentence and exit code 1."""
    # The matrices of one query are small: more threads than one only wait for each other, and for other programs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Starting makes many objects and no garbage: looking for it every 700 of them takes a tenth of a cold search.
    gc.set_threshold(100_000)
    try:
        app()
    except Exception as error:
        from index.errors import KhabarError

        if not isinstance(error, KhabarError):
            raise
        from search.show import harmless

        typer.echo(f"khabar: {harmless(str(error))}", err=True)
        sys.exit(NOTHING_DONE)
