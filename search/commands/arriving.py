"""What arrives by itself: folders that are watched, feeds and pages that are fetched."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import remark, say, show_json
from .options import (
    DEFAULT_INDEX,
    DeviceOption,
    IndexOption,
    JsonOption,
    ReadingModelOption,
    WaitOption,
    exit_for,
    patience,
    warn,
)
from .telling import (
    AtomOption,
    MailOption,
    PostOption,
    PrivateOption,
    channels_of,
    match_and_say,
    say_news,
    tell_waiting,
)


def watch_command(
    folders: Annotated[list[str], typer.Argument(metavar="FOLDER...", help="Folders to watch.")],
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=1, help="Look at the folders so often without an event.")
    ] = 300.0,
    atom: AtomOption = None,
    post: PostOption = None,
    mail: MailOption = None,
    allow_private: PrivateOption = False,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    wait: WaitOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Index what is in folders and what arrives there, and tell what saved searches find, until it is stopped.

    It prints news as khabar news does, and beside it only what went wrong. It needs: pip install 'khabar[watch]'

    Examples:

        khabar watch incoming/

        khabar watch incoming/ --post https://example.org/hook --index news
    """
    from index.encoders import encoder_again, load_encoder
    from index.errors import IndexLocked, IndexMissing
    from index.open import create_store, open_store

    from ..show import rejected_lines
    from ..watch import watch_folder

    channels = channels_of(post, mail, allow_private=allow_private)
    try:
        opened = open_store(index, patience=patience(wait))
        encoder = encoder_again(opened.manifest, device, model)
    except IndexMissing:
        encoder = load_encoder(model or "default", device=device)
        opened = create_store(index, encoder, patience=patience(wait))
    named: set[str] = set()
    for report in watch_folder(opened, folders, encoder, every):
        if isinstance(report, IndexLocked):
            say(report, err=True)
            continue
        lines = list(rejected_lines(report.rejected))
        for line in lines:
            if line not in named:  # a run names again what it cannot read
                say(line, err=True)
        named.update(lines)
        match_and_say(opened, encoder)
        tell_waiting(opened, None, channels, atom, as_json=as_json, quiet=True)


def fetch_command(
    sources: Annotated[
        list[str], typer.Argument(metavar="FEED|OPML|URL...", help="Addresses of feeds or pages; OPML lists or files.")
    ],
    feed_only: Annotated[
        bool, typer.Option("--feed-only", help="Do not fetch the pages of entries that are no whole articles.")
    ] = False,
    pause: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Wait between two requests to one server.")
    ] = 1.0,
    model: ReadingModelOption = None,
    device: DeviceOption = None,
    wait: WaitOption = None,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Fetch feeds and pages from the network and index what is new in them.

    Servers are asked politely: as robots.txt says, one request at a time, only for what has changed; a server that
    asks to wait is left alone. Only addresses that you name may be in a private network. It needs: pip install
    'khabar[fetch]'

    Examples:

        khabar fetch https://example.org/feed.xml

        khabar fetch subscriptions.opml --index news

        khabar fetch https://example.org/2025/01/09/story.html
    """
    from index.encoders import encoder_again, load_encoder
    from index.errors import IndexMissing
    from index.open import create_store, open_store

    from ..fetch import fetch
    from ..show import remark_lines, report_json, report_line

    try:
        opened = open_store(index, patience=patience(wait))
        encoder = encoder_again(opened.manifest, device, model)
    except IndexMissing:
        encoder = load_encoder(model or "default", device=device)
        opened = create_store(index, encoder, patience=patience(wait))
    done = fetch(opened, sources, encoder, pages=not feed_only, pause=pause)
    report = done.indexed
    new = match_and_say(opened, encoder)
    if as_json:
        counted = {"asked": done.asked, "not_modified": done.unchanged, "news": new}
        show_json(report_json(report, encoder, {}) | counted)
    else:
        remark(f"{done.asked} addresses asked, {done.unchanged} with nothing new.", err=False)
        remark(report_line(report, index, pruned=False, skipped=None), err=False)
        say_news(new, index)
    warn(remark_lines(report, {}))
    exit_for(report.rejected, done=bool(report.added + report.updated + report.unchanged + done.unchanged))
