"""Articles and claims compared with an index: duplicates, related coverage, checks, stories."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from ..console import say
from . import complete
from .options import (
    DEFAULT_INDEX,
    DeviceOption,
    IndexOption,
    JsonOption,
    LanguagesOption,
    ReadingModelOption,
    SinceOption,
    SourcesOption,
    UntilOption,
    date_option,
    exit_for,
    filters_of,
    progress_of_steps,
    read_story_order,
    read_tier,
    show_result,
    warn,
)

if TYPE_CHECKING:
    from index.types import Rejected


def duplicates_command(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE...]", help="New articles, checked before they are added.")
    ] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIER",
            parser=read_tier,
            autocompletion=complete.tiers,
            help="exact, near, contained, rewritten, translated or altered.",
        ),
    ] = None,
    since: Annotated[str | None, date_option("Only articles of this day or later, and what they repeat.")] = None,
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
    from index.open import open_store

    from ..coverage import Collection, read_articles
    from ..show import group_json, group_lines
    from ..types import DUPLICATES, Tier

    opened = open_store(index)
    rejected: Sequence[Rejected] = []
    tiers = frozenset(map(Tier, tier or DUPLICATES))
    copies = tiers - {Tier.ALTERED}
    with progress_of_steps() as watch, opened.reading():
        collection, first = Collection.of(opened, partial(encoder_of, opened.manifest, device, model), watch), 0
        if files:
            articles, rejected = read_articles(files)
            collection, first = collection.beside(articles)
        elif since:
            collection, first = collection.since(since)
        found = collection.groups(copies, first) if copies else []
        pairs = collection.altered(first) if Tier.ALTERED in tiers else []
    for story in (*found, *pairs):
        show_result(group_json(story) if as_json else group_lines(story))
    if not as_json:
        if copies:
            say(f"Groups: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")
        if Tier.ALTERED in tiers:
            say(f"Altered copies: {len(pairs)} pairs")
    exit_for(rejected, done=bool(files and len(collection) > first))


def related_command(
    article: Annotated[
        str,
        typer.Argument(
            metavar="ARTICLE|FILE|-",
            autocompletion=complete.articles,
            help="An id or its beginning, a file, or - for standard input.",
        ),
    ],
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
    from index.open import open_store

    from ..coverage import asked_about, in_time, related_to
    from ..show import related_json, related_lines

    opened = open_store(index)
    asked = asked_about(opened, article)
    found = related_to(opened, asked, k, partial(encoder_of, opened.manifest, device, model))
    if timeline:
        found = in_time(found)
    show_result(related_json(asked, found) if as_json else related_lines(asked, found, timeline=timeline))


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
    from index.open import open_store

    from ..coverage import check, text_to_check
    from ..engine import Engine
    from ..show import checked_json, checked_lines

    filters = filters_of(lang, source, since, until)
    opened = open_store(index)
    engine = Engine(opened, encoder_of(opened.manifest, device, model))
    checked = check(engine, text_to_check(text), filters, k)
    show_result(checked_json(checked) if as_json else checked_lines(checked))


def stories_command(
    since: Annotated[str | None, date_option("Only stories with news of this day on.")] = None,
    until: Annotated[str | None, date_option("Only stories that began by this day.")] = None,
    lang: LanguagesOption = None,
    source: SourcesOption = None,
    of: Annotated[
        str | None,
        typer.Option(metavar="ARTICLE", autocompletion=complete.articles, help="The story of this article, by its id."),
    ] = None,
    order: Annotated[
        str,
        typer.Option(
            metavar="ORDER",
            parser=read_story_order,
            autocompletion=complete.story_orders,
            help="date, size or recent.",
        ),
    ] = "date",
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
    from index.lookup import article_of
    from index.open import open_store

    from ..coverage import Collection, StoryOrder, affairs, listed, stories_since, story_of
    from ..query import narrowed
    from ..show import affair_json, affair_lines, story_json, story_lines

    given = filters_of(lang, source, since, until)
    opened = open_store(index)
    with opened.reading() as view:
        filters, notes = narrowed(given, (), view)
    warn(notes)
    asked = article_of(opened, of) if of else None
    with progress_of_steps() as watch, opened.reading():
        lately = filters.since if not asked else None
        found = stories_since(opened, lately, watch) if lately else Collection.of(opened, watch=watch).stories()
    if asked:
        found = story_of(found, asked) if by_affair else story_of(found, asked)[:1]
    found = listed(found, filters, StoryOrder(order))
    if by_affair:
        groups = affairs(found)[:k]
        found = [story for events in groups for story in events]
        for events in groups:
            show_result(affair_json(events) if as_json else affair_lines(events))
    else:
        found = found[:k]
        for story in found:
            show_result(story_json(story) if as_json else story_lines(story))
    if not as_json:
        say(f"Stories: {len(found)}, articles in them: {sum(len(story.articles) for story in found)}")
