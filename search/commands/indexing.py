"""What is in an index: adding, removing and encoding articles."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from index.errors import IndexMissing

from ..console import NOTHING_DONE, Ended, remark, say, show_json
from . import complete
from .options import (
    DEFAULT_INDEX,
    SOME_REJECTED,
    Asked,
    DeviceOption,
    DimensionsOption,
    IndexOption,
    JsonOption,
    ModelOption,
    PassagePromptOption,
    QueryPromptOption,
    WaitOption,
    exit_for,
    patience,
    progress_of,
    read_duplicate_tier,
    read_shard,
    warn,
)
from .telling import match_and_say, say_news


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
        typer.Option(
            metavar="TIER",
            parser=read_duplicate_tier,
            autocompletion=complete.duplicate_tiers,
            help="Keep out new articles that repeat others this closely.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Processes that prepare articles. Default: as many as there are cores."),
    ] = None,
    shard: Annotated[
        Any,
        typer.Option(
            metavar="K/N",
            parser=read_shard,
            show_default=False,
            help="Only the Kth of N parts of the documents: N runs share the work, on as many machines.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="PATTERN", help="Leave out files and folders of this name or path."),
    ] = None,
    device: DeviceOption = None,
    wait: WaitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add articles to the index, or update them; unchanged ones are skipped.

    Reads txt, md, html, mhtml, json, jsonl, csv, tsv, RSS, Atom, eml, mbox, docx, odt and epub; with extras pdf, xlsx,
    parquet and warc; all also gzipped, or in a zip or tar.

    An id is an id within its file: of two articles with one id, the one from another file gets that file's name before
    it (b.csv:7). What was renamed is listed.

    --prune removes nothing when a source is missing or empty, or when more than 20 articles and more than a third of
    what the sources gave would go; --prune-all does.

    Examples:

        khabar index articles/

        khabar index 'pages/*.html' dump.jsonl.gz --index news

        zcat feed.xml.gz | khabar index -

        khabar index articles/ --prune

        khabar index articles/ --exclude drafts --exclude '*/2019/*.html' --wait --quiet

        khabar index articles/ --skip-duplicates near

        khabar index archive.jsonl.gz --workers 4

        khabar index archive/ --shard 2/8 --index milvus://10.0.0.5:19530/news

        khabar index articles/ --model intfloat/multilingual-e5-small --index e5
    """
    from index.encoders import encoder_again, load_encoder
    from index.ingest import ingest
    from index.open import create_store, open_store

    from ..show import cut_lines, remark_lines, report_json, report_line

    asked = Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    try:
        opened = open_store(index, patience=patience(wait))
    except IndexMissing:
        encoder = load_encoder(model or "default", device=device, **asked)
        opened = create_store(index, encoder, patience=patience(wait))
    else:
        encoder = encoder_again(opened.manifest, device, model, **asked)
    skipper = None
    if skip_duplicates:
        from ..coverage import Skipper
        from ..types import Tier

        skipper = Skipper(opened, Tier(skip_duplicates), encoder)
    try:
        with progress_of(encoder) as progress:
            report = ingest(
                opened,
                sources,
                encoder,
                progress,
                prune=prune,
                prune_all=prune_all,
                skip=skipper,
                exclude=exclude or (),
                workers=workers,
                shard=shard,
            )
    except Ended as ended:
        stored = opened.counts()["articles"]
        ended.said = f"Stopped. {index} keeps {stored} articles; the same command goes on from there."
        raise
    skipped = skipper.skipped if skipper else {}
    new = match_and_say(opened, encoder)
    if as_json:
        show_json(report_json(report, encoder, skipped) | {"news": new})
    else:
        pruned = prune or prune_all
        remark(report_line(report, index, pruned=pruned, skipped=skipped if skipper else None), err=False)
        say_news(new, index)
    warn(remark_lines(report, skipped))
    warn(cut_lines(encoder))
    used = bool(report.added + report.updated + report.unchanged + len(skipped))
    exit_for(report.rejected, done=used)
    if report.unknown and not used:
        raise typer.Exit(NOTHING_DONE)


def remove_command(
    articles: Annotated[
        list[str],
        typer.Argument(metavar="ARTICLE...", autocompletion=complete.articles, help="Ids, or beginnings."),
    ],
    purge: Annotated[bool, typer.Option("--purge", help="Also rewrite every file that contained their text.")] = False,
    wait: WaitOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Remove articles, and those embedded in their pages.

    Example:

        khabar remove 3f2c9a1b7d40 --purge
    """
    from index.lookup import id_of
    from index.open import open_store

    opened = open_store(index, patience=patience(wait))
    found = {name: id_of(opened, name) for name in articles}
    unknown = [name for name, known in found.items() if known is None]
    with opened.writing() as writer:
        removed = writer.remove([known for known in found.values() if known is not None], purge=purge)
    if as_json:
        show_json({"removed": removed, "unknown": unknown})
    else:
        remark(f"{removed} removed.", err=False)
    if purge and removed and opened.after_purge:
        warn([opened.after_purge])
    for name in unknown:
        say(f"There is no article {name!r} in {index}.", err=True)
    if unknown:
        raise typer.Exit(SOME_REJECTED if removed else NOTHING_DONE)


def reindex_command(
    model: ModelOption = None,
    query_prompt: QueryPromptOption = None,
    passage_prompt: PassagePromptOption = None,
    dimensions: DimensionsOption = None,
    device: DeviceOption = None,
    wait: WaitOption = None,
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
    from index.open import open_store

    from ..show import cut_lines

    opened = open_store(index, outdated=True, patience=patience(wait))
    asked = Asked(query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions)
    encoder = encoder_again(opened.manifest, device, model, **asked)
    try:
        with opened.writing() as writer, progress_of(encoder, "articles") as progress:
            writer.reencode(encoder, progress)
    except Ended as ended:
        ended.said = f"Stopped. {index} keeps the vectors that it had."
        raise
    warn(cut_lines(encoder))
    facts = {"model": encoder.name, "dimension": encoder.dim, "cut": encoder.cut} | open_store(index).counts()
    if as_json:
        show_json(facts)
    else:
        remark(f"{facts['passages']} passages encoded by {encoder.name}. Index: {index}", err=False)
