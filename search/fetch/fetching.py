"""Feeds, the pages that they name, and single pages -> articles in an index.

What a server said of a version (ETag, Last-Modified) is stored after its articles: a run that is killed asks again.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from threading import Event

from index.errors import InputError
from index.ingest import ingest
from index.ports import Store
from index.read import Given, read_content
from index.searches import Fetched
from index.types import Document, Encoder, Noted, Rejected, Report, is_address

from .client import Client, Reply, Unreachable, require_http, retry_after
from .opml import feeds_of, is_opml
from .polite import PAUSE, Polite, Refused

HOSTS_AT_ONCE = 8
"""Servers that are asked at the same time."""

WHOLE = 1_200
"""Characters from which on the text that a feed gives is taken for the whole article: its page is not asked for."""

MOST_PAGES = 100
"""Pages that are fetched of one feed in one run; the next run goes on."""

SOURCES_AT_ONCE = 20
"""Feeds and pages that are held in memory before their articles are stored."""

WAIT, LONGEST_WAIT = 300.0, 86_400.0
"""Seconds until an address that failed is asked again, which double with each failure, and the most they grow to."""

_KINDS = {
    "text/html": "page.html",
    "application/xhtml+xml": "page.html",
    "application/json": "rows.json",
    "application/x-ndjson": "rows.jsonl",
    "text/csv": "rows.csv",
    "text/markdown": "text.md",
}


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What one run of fetching did: `asked` addresses, `unchanged` of which their servers said nothing is new, and the
    report of the indexing. What could not be had is among its rejected inputs, by its address."""

    asked: int
    unchanged: int
    indexed: Report


@dataclass(slots=True)
class _Taken:
    """What was taken from one feed or page: records, what is known of the addresses now, and what went wrong."""

    address: str
    records: list[Document | Rejected | Noted] = field(default_factory=list)
    states: dict[str, Fetched] = field(default_factory=dict)
    asked: int = 0
    unchanged: int = 0


def fetch(
    index: Store, sources: Sequence[str], encoder: Encoder, *, pages: bool = True, pause: float = PAUSE
) -> FetchReport:
    """Fetch feeds, OPML lists (files or addresses) and pages, and index what is new in them.

    Of a feed that gives less than whole articles, the page of each new entry is fetched, unless `pages` is False; where
    that cannot be had, what the feed says is the article. `pause` is in seconds, between two requests to one host.
    Only the addresses in `sources` may be in a private network. Raises InputError for a source that is no address and
    no list, and where the extra is missing; as `ingest` otherwise.
    """
    addresses, own = _addresses(sources)
    began, asked, unchanged = time.perf_counter(), 0, 0
    reports: list[Report] = []
    with Client(own) as client:
        fetcher = _Fetcher(index, Polite(client, pause), pages)
        for group in _groups(fetcher.taken(addresses), SOURCES_AT_ONCE):
            given = [Given(taken.address, taken.records) for taken in group if taken.records]
            if given:
                reports.append(ingest(index, given, encoder))
            states = {address: state for taken in group for address, state in taken.states.items()}
            if states:
                index.searches.remember(states)
            asked += sum(taken.asked for taken in group)
            unchanged += sum(taken.unchanged for taken in group)
    return FetchReport(asked, unchanged, _joined(reports, time.perf_counter() - began))


class _Fetcher:
    def __init__(self, index: Store, polite: Polite, pages: bool) -> None:
        self._index, self._polite, self._pages = index, polite, pages
        self._stopped = Event()

    def taken(self, addresses: Sequence[str]) -> Iterator[_Taken]:
        """What each address gave, as it comes; several servers are asked at once."""
        left, seen = deque(addresses), set(addresses)
        pool = ThreadPoolExecutor(HOSTS_AT_ONCE)
        asked: set[Future[tuple[_Taken, list[str]]]] = set()
        try:
            while left or asked:
                while left and len(asked) < 2 * HOSTS_AT_ONCE:
                    asked.add(pool.submit(self._take, left.popleft()))
                done, asked = wait(asked, return_when=FIRST_COMPLETED)
                for future in done:
                    taken, listed = future.result()
                    left += [address for address in listed if address not in seen]
                    seen.update(listed)
                    yield taken
        finally:
            self._stopped.set()
            pool.shutdown(cancel_futures=True)

    def _take(self, address: str) -> tuple[_Taken, list[str]]:
        """What a feed or page gave; and the feeds that it lists, where it is a list."""
        taken = _Taken(address)
        reply = self._ask(address, taken)
        if reply is None:
            return taken, []
        if is_opml(reply.data):
            taken.states.clear()  # so that the next run is given the list again
            try:
                return taken, feeds_of(reply.data, address)
            except InputError as error:
                taken.records.append(Rejected(address, str(error)))
                return taken, []
        records = list(read_content(address, reply.data, _kind(reply)))
        if self._pages and is_feed(reply):
            records = self._with_pages(records, taken)
        taken.records = records
        return taken, []

    def _with_pages(
        self, records: Sequence[Document | Rejected | Noted], taken: _Taken
    ) -> list[Document | Rejected | Noted]:
        """The records of a feed with the text of their pages."""
        found: list[Document | Rejected | Noted] = []
        left = MOST_PAGES
        for record in records:
            if not isinstance(record, Document) or record.url is None or len(record.text) >= WHOLE:
                found.append(record)
                continue
            version = _digest(record.title, record.published or "")
            known = self._index.searches.fetched(record.url)
            if known.seen == version:
                continue  # its page was read before
            if not left or self._stopped.is_set():
                del taken.states[taken.address]  # so that the next run is given the feed again
                break
            left -= 1
            found += self._page(record, known, version, taken)
        return found

    def _page(
        self, entry: Document, known: Fetched, version: bytes, taken: _Taken
    ) -> list[Document | Rejected | Noted]:
        assert entry.url is not None
        page = _Taken(entry.url)
        reply = self._ask(entry.url, page, known)
        taken.asked += page.asked
        taken.states |= page.states
        if page.unchanged:
            taken.states[entry.url] = page.states[entry.url]._replace(seen=version)
            return []
        records = [] if reply is None else list(read_content(entry.url, reply.data, _kind(reply)))
        documents = [record for record in records if isinstance(record, Document)]
        if len(documents) != 1:
            if known.seen is not None:
                return []  # it was read before, and what the feed says of it is less
            reasons = [record.reason for record in (*page.records, *records) if isinstance(record, Rejected)]
            return [
                entry,
                Noted(entry.url, f"its page {'; '.join(reasons) or 'is no article'}: what the feed says is kept"),
            ]
        taken.states[entry.url] = page.states[entry.url]._replace(seen=version)
        (read,) = documents
        merged = replace(
            read,
            id=entry.id,
            title=entry.title or read.title,
            published=entry.published or read.published,
            source=entry.source or read.source,
            language=read.language or entry.language,
            url=entry.url,
            keywords=read.keywords or entry.keywords,
        )
        return [merged, *(record for record in records if isinstance(record, Noted))]

    def _ask(self, address: str, taken: _Taken, known: Fetched | None = None) -> Reply | None:
        """What an address answers, if that is anything new; how it went is noted in `taken`."""
        known = known or self._index.searches.fetched(address)
        if known.gone:
            taken.records.append(Rejected(address, "is gone for good, its server said (410); it was not asked again"))
            return None
        if (pause := known.after - time.time()) > 0:
            taken.records.append(Rejected(address, f"failed before; it is asked again in {_minutes(pause)}"))
            return None
        headers = {"if-none-match": known.etag, "if-modified-since": known.modified}
        taken.asked += 1
        try:
            reply = self._polite.get(address, {name: value for name, value in headers.items() if value})
        except Refused as refusal:
            if refusal.wait:
                taken.states[address] = known._replace(after=time.time() + refusal.wait)
            taken.records.append(Rejected(address, str(refusal)))
            return None
        except Unreachable as error:
            return self._failed(address, known, taken, str(error))
        if reply.status == 304:
            taken.unchanged += 1
            taken.states[address] = known._replace(failures=0, after=0.0)
            return None
        if reply.status == 410:
            taken.states[address] = known._replace(gone=1)
            taken.records.append(Rejected(address, "is gone for good (410); it will not be asked for again"))
            return None
        if not 200 <= reply.status < 300:
            asked = retry_after(reply.headers) or 0.0
            return self._failed(address, known, taken, f"cannot be had: its server answered {reply.status}", asked)
        seen = _digest(reply.data)
        state = Fetched(reply.headers.get("etag"), reply.headers.get("last-modified"), seen)
        taken.states[address] = state
        if known.seen == seen:
            taken.unchanged += 1
            return None
        return reply

    def _failed(self, address: str, known: Fetched, taken: _Taken, what: str, asked: float = 0.0) -> Reply | None:
        pause = max(asked, min(WAIT * 2**known.failures, LONGEST_WAIT))
        taken.states[address] = known._replace(failures=min(known.failures + 1, 30), after=time.time() + pause)
        taken.records.append(Rejected(address, f"{what}; it is asked again in {_minutes(pause)}"))
        return None


def is_feed(reply: Reply) -> bool:
    """Whether an answer is a feed, by its first characters."""
    head = reply.data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<?xml", b"<rss", b"<feed", b"<rdf")) and any(
        m in head for m in (b"<rss", b"<feed", b"<rdf")
    )


def _addresses(sources: Sequence[str]) -> tuple[list[str], list[str]]:
    """The addresses to ask, and those of them that the user named: a list from a file is the user's own too."""
    found: list[str] = []
    for source in sources:
        if is_address(source):
            try:
                require_http(source)
            except Unreachable as error:
                raise InputError(f"{source} {error}.") from None
            found.append(source)
        elif Path(source).is_file():
            found += feeds_of(Path(source).read_bytes(), source)
        else:
            raise InputError(
                f"{source} is no address and no OPML file. Write an address with http:// or https:// before it."
            )
    return list(dict.fromkeys(found)), list(found)


def _kind(reply: Reply) -> str:
    """A name that says what kind of content an answer is; "" where that is better told by its beginning."""
    stated = reply.headers.get("content-type", "").split(";")[0].strip().lower()
    return "feed.xml" if is_feed(reply) else _KINDS.get(stated, "")


def _digest(*parts: str | bytes) -> bytes:
    joined = b"\n".join(part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part for part in parts)
    return blake2b(joined, digest_size=16).digest()


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))} minutes"


def _groups(found: Iterable[_Taken], size: int) -> Iterator[list[_Taken]]:
    group: list[_Taken] = []
    for taken in found:
        group.append(taken)
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


def _joined(reports: Sequence[Report], seconds: float) -> Report:
    """Several reports as one."""
    return Report(
        added=sum(report.added for report in reports),
        updated=sum(report.updated for report in reports),
        unchanged=sum(report.unchanged for report in reports),
        removed=0,
        passages=sum(report.passages for report in reports),
        rejected=tuple(one for report in reports for one in report.rejected),
        seconds=seconds,
        notes=tuple(one for report in reports for one in report.notes),
        renamed=tuple(one for report in reports for one in report.renamed),
        replaced=tuple(one for report in reports for one in report.replaced),
    )
