"""Being told: searches that are saved, what they found among new articles, folders that are watched."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import InputError, KhabarError

from ..console import NOTHING_DONE, remark, say, show_json
from .options import (
    DEFAULT_INDEX,
    SOME_REJECTED,
    DeviceOption,
    IndexOption,
    JsonOption,
    LanguagesOption,
    ModeOption,
    ReadingModelOption,
    SinceOption,
    SourcesOption,
    UntilOption,
    filters_of,
    show_result,
    usage,
)

if TYPE_CHECKING:
    from index.ports import Store
    from index.types import Encoder

    from ..types import News
    from ..watch import Channel

AtomOption = Annotated[
    Path | None, typer.Option("--atom", metavar="FILE", help="Write the latest hits to an Atom feed file.")
]
PostOption = Annotated[
    str | None,
    typer.Option("--post", metavar="URL", help="Post the hits as JSON, signed with $KHABAR_WEBHOOK_SECRET."),
]
MailOption = Annotated[
    list[str] | None,
    typer.Option("--mail", metavar="ADDRESS", help="Mail the hits, through the server $KHABAR_SMTP."),
]
PrivateOption = Annotated[bool, typer.Option("--allow-private", help="Let --post lead into a private network.")]


def save_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the search.")],
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="What to look for, as in khabar search.")],
    rate: Annotated[
        float | None, typer.Option(metavar="N", help="About how many of 1,000 new articles to tell of. Default: 0.5.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(min=0, max=1, help="The score an article needs, instead of a rate.")
    ] = None,
    mode: ModeOption = "hybrid",
    lang: LanguagesOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    source: SourcesOption = None,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Save a search: from now on new articles are matched against it, and khabar news tells of those that fit.

    What it takes to fit is found on the articles that are indexed already: of 1,000 new articles that have nothing to
    do with the query, about --rate pass. Those of the old ones that would have passed are shown.

    Examples:

        khabar save ferry ferry accident inquiry

        khabar save وباء 'إنفلونزا الطيور' --lang ar --rate 2

        khabar save dam '"grand dam" -football' --source bbc --min-score 0.45
    """
    from index.encoders import encoder_of
    from index.open import open_store

    from ..engine import Engine
    from ..show import saving_json, saving_lines
    from ..types import Mode
    from ..watch import RATE, save

    if rate is not None and min_score is not None:
        raise typer.BadParameter("Give either --rate or --min-score: each says what is told.")
    filters = filters_of(lang, source, since, until)
    opened = open_store(index)
    engine = Engine(opened, encoder_of(opened.manifest, device, model))
    made, old = save(
        engine,
        name,
        " ".join(query),
        mode=Mode(mode),
        filters=filters,
        rate=RATE if rate is None else rate,
        min_score=min_score,
    )
    show_result(saving_json(made, old) if as_json else saving_lines(made, old, bold=sys.stdout.isatty()))


def saved_command(
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="NAME", help="Remove a saved search and what it found.")
    ] = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """List the saved searches with their thresholds, and how many hits each has.

    Examples:

        khabar saved

        khabar saved --remove ferry
    """
    from index.open import open_store

    from ..show import saved_json, saved_lines
    from ..watch import remove as remove_search
    from ..watch import saved, undelivered

    opened = open_store(index)
    if remove is not None:
        remove_search(opened, remove)
        if as_json:
            show_json({"removed": remove})
        else:
            remark(f"Removed: {remove}", err=False)
        return
    found, waiting = saved(opened), undelivered(opened)
    if as_json:
        show_json({"saved": [saved_json(one) for one in found], "undelivered": waiting})
    else:
        show_result(saved_lines(found, waiting))


def news_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only the hits of this search.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also what was told before. Nothing is marked.")] = False,
    atom: AtomOption = None,
    post: PostOption = None,
    mail: MailOption = None,
    allow_private: PrivateOption = False,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Tell what saved searches found among new articles and was not told yet; --json prints JSON lines.

    With --post, --mail or --atom the hits go there instead. What cannot be delivered is tried again the next time.

    Examples:

        khabar news

        khabar news ferry --all --json

        khabar news --atom /var/www/news.xml

        khabar news --post https://example.org/hook --mail desk@example.org
    """
    from index.encoders import encoder_of
    from index.open import open_store

    from ..watch import hits, match

    opened = open_store(index)
    channels = channels_of(post, mail, allow_private=allow_private)
    match(opened, partial(encoder_of, opened.manifest, device, model))
    if everything:
        if atom or channels:
            raise typer.BadParameter("--all lists what was found. Give no --atom, --post or --mail with it.")
        _show_news(list(reversed(hits(opened, name, -1))), as_json=as_json)
        return
    tell_waiting(opened, name, channels, atom, as_json=as_json)


def say_news(new: Mapping[str, int], index: str) -> None:
    """Say how many hits wait to be told, where there are any."""
    if new:
        counts = ", ".join(f"{name} {count}" for name, count in sorted(new.items()))
        remark(f"New for saved searches: {counts}. Read them with: khabar news --index {index}", err=False)


def channels_of(post: str | None, mail: Sequence[str] | None, *, allow_private: bool) -> list[Channel]:
    """The channels that options name; what is secret about them comes from the environment."""
    from ..watch import Mail, Webhook

    channels: list[Channel] = []
    with usage():
        if post:
            channels.append(Webhook(post, os.environ.get("KHABAR_WEBHOOK_SECRET", ""), allow_private))
        if mail:
            server = os.environ.get("KHABAR_SMTP")
            if not server:
                raise InputError("--mail needs a mail server. Name it: KHABAR_SMTP=smtp://host:port")
            sender, user, password = (
                os.environ.get(name, "") for name in ("KHABAR_MAIL_FROM", "KHABAR_SMTP_USER", "KHABAR_SMTP_PASSWORD")
            )
            channels.append(Mail(tuple(mail), sender or mail[0], server, user, password))
    return channels


def match_and_say(opened: Store, encoder: Encoder) -> dict[str, int]:
    """Match what was just indexed against the saved searches; what goes wrong there does not undo the indexing."""
    from ..watch import match

    try:
        return match(opened, lambda: encoder)
    except KhabarError as error:
        say(f"The saved searches were not matched: {error} The next khabar news tries again.", err=True)
        return {}


def _show_news(found: Sequence[News], *, as_json: bool) -> None:
    from ..show import news_json, news_lines

    if as_json:
        for one in found:
            show_json(news_json(one))
    else:
        show_result(news_lines(found, bold=sys.stdout.isatty()))


def tell_waiting(
    opened: Store,
    name: str | None,
    channels: Sequence[Channel],
    atom: Path | None,
    *,
    as_json: bool,
    quiet: bool = False,
) -> None:
    """Tell what waits: to channels and a feed file, or where there are none to standard output.

    With `quiet`, only news and failures are printed, and no failure ends the command.
    """
    from index.output import writing_file

    from ..watch import atom as feed
    from ..watch import news, tell, told

    if not channels and atom is None:
        found = news(opened, name)
        _show_news(found, as_json=as_json)
        if not found and not as_json and not quiet:
            remark("Nothing new.", err=False)
        sys.stdout.flush()  # what cannot be printed was not told
        told(opened, found)
        return
    if atom is not None:
        with writing_file(atom) as out:
            out.write(feed(opened, name))
    deliveries = tell(opened, channels, name)
    if quiet:
        pass
    elif as_json:
        show_json({"deliveries": [asdict(one) for one in deliveries], "atom": str(atom) if atom else None})
    else:
        if atom is not None:
            remark(f"Written: {atom}", err=False)
        for one in deliveries:
            remark(f"{one.label}: {one.sent} told", err=False)
    failed = [one for one in deliveries if one.failure]
    for one in failed:
        say(f"{one.label} {one.failure}. What it was to be told is kept for the next time.", err=True)
    if failed and not quiet:
        raise typer.Exit(SOME_REJECTED if any(one.sent for one in deliveries) or atom else NOTHING_DONE)
