"""Feeds and pages are fetched politely, only where the user leads, and what is fetched again updates what is there."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Khabar
from loopback import Page, Site, serving

pytest.importorskip("httpx")

from index import Index, load_encoder
from index.errors import InputError
from search.fetch import Client, FetchReport, Unreachable, feeds_of, fetch
from search.fetch.client import is_public, retry_after

PARAGRAPH = (
    "The night ferry Amal ran aground off Port Sarma on Sunday evening, and its 212 passengers were taken ashore in "
    "boats. The harbour office said that nobody was hurt. An inquiry will ask why the light on the pier was out. "
)


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index.create(tmp_path / "index", load_encoder())


def get(index: Index, *sources: str, pages: bool = True) -> FetchReport:
    return fetch(index, sources, load_encoder(), pages=pages, pause=0.0)


def page(title: str, text: str = PARAGRAPH) -> Page:
    paragraphs = "".join(f"<p>{text} Part {number}.</p>" for number in range(3))
    html = (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
    )
    return Page(html.encode())


def feed(*items: tuple[str, str, str], title: str = "Sarma Post") -> Page:
    """A feed of (id, title, address)."""
    written = "".join(
        f"<item><guid isPermaLink='false'>{id}</guid><title>{name}</title><link>{link}</link>"
        f"<description>Short: {name}.</description><pubDate>Thu, 09 Jan 2025 10:00:00 GMT</pubDate></item>"
        for id, name, link in items
    )
    return Page(
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{written}</channel></rss>".encode()
    )


def stored(index: Index) -> dict[str, str]:
    return {article.id: article.text for _, article in index.articles()}


def test_a_feed_gives_the_pages_of_its_entries_under_the_ids_of_the_entries(site: Site, index: Index) -> None:
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground", f"{site.url}/1"), ("n2", "Budget", f"{site.url}/gone"))
    site.pages["/1"] = page("Ferry aground off Sarma")
    done = get(index, f"{site.url}/feed.xml")
    assert done.indexed.added == 2
    ferry, budget = index.article("n1"), index.article("n2")
    assert "Part 2." in ferry.text
    assert (ferry.title, ferry.url, ferry.source) == ("Ferry aground", f"{site.url}/1", "Sarma Post")
    assert (ferry.published or "").startswith("2025-01-09")
    assert budget.text == "Short: Budget.", "what the feed says, where its page cannot be had"
    assert any("404" in note.what for note in done.indexed.notes)


def test_what_has_not_changed_is_not_fetched_or_read_again(site: Site, index: Index) -> None:
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground", f"{site.url}/1"))
    site.pages["/feed.xml"].etag = '"one"'
    site.pages["/1"] = page("Ferry aground")
    get(index, f"{site.url}/feed.xml")
    site.asked.clear()
    done = get(index, f"{site.url}/feed.xml")
    assert (done.asked, done.unchanged) == (1, 1)
    assert site.asked[0].headers["if-none-match"] == '"one"'
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground", f"{site.url}/1"), ("n3", "Tomatoes", f"{site.url}/3"))
    site.pages["/3"] = page("Tomatoes")
    site.asked.clear()
    assert get(index, f"{site.url}/feed.xml").indexed.added == 1
    assert site.paths() == ["/feed.xml", "/3"], "a page that was read is left alone"


def test_a_page_that_is_fetched_again_replaces_its_article(site: Site, index: Index) -> None:
    site.pages["/a.html"] = page("Ferry aground")
    assert get(index, f"{site.url}/a.html").indexed.added == 1
    site.pages["/a.html"] = page("Ferry aground: two hurt", PARAGRAPH.replace("nobody was", "two were"))
    done = get(index, f"{site.url}/a.html")
    assert (done.indexed.updated, done.indexed.added, len(stored(index))) == (1, 0, 1)
    assert "two were hurt" in next(iter(stored(index).values()))
    assert get(index, f"{site.url}/a.html").unchanged == 1


def test_an_entry_that_changes_has_its_page_read_again_and_never_shrinks(site: Site, index: Index) -> None:
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground", f"{site.url}/1"))
    site.pages["/1"] = page("Ferry aground")
    get(index, f"{site.url}/feed.xml")
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground, 2 hurt", f"{site.url}/1"))
    site.pages["/1"] = Page(status=500)
    get(index, f"{site.url}/feed.xml")
    assert "Part 2." in index.article("n1").text, "a summary does not replace a whole article"


def test_robots_are_obeyed_for_feeds_and_pages(site: Site, index: Index) -> None:
    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /private/\nDisallow: /*.php$", "text/plain")
    site.pages["/feed.xml"] = feed(("n1", "Ferry", f"{site.url}/private/1"))
    site.pages["/private/1"] = page("Ferry")
    done = get(index, f"{site.url}/feed.xml", f"{site.url}/x.php")
    assert site.paths() == ["/feed.xml"]
    assert index.article("n1").text == "Short: Ferry."
    assert any("robots.txt" in one.reason for one in done.indexed.rejected)
    assert len(site.robots) == 1


def test_where_robots_cannot_be_read_nothing_is_fetched(site: Site, index: Index) -> None:
    site.pages["/robots.txt"] = Page(status=500)
    site.pages["/a.html"] = page("Ferry")
    done = get(index, f"{site.url}/a.html")
    assert site.paths() == []
    assert "robots.txt" in done.indexed.rejected[0].reason


def test_one_request_at_a_time_goes_to_a_server_and_says_who_asks(site: Site, index: Index) -> None:
    for number in range(6):
        site.pages[f"/{number}.html"] = page(f"Story {number}")
    get(index, *(f"{site.url}/{number}.html" for number in range(6)))
    assert len(site.asked) == 6
    assert site.most_at_once == 1
    assert all(one.headers["user-agent"].startswith("Khabar/") for one in site.asked)


def test_requests_to_one_server_have_pauses(site: Site, index: Index) -> None:
    for number in range(3):
        site.pages[f"/{number}.html"] = page(f"Story {number}")
    began = time.monotonic()
    fetch(index, [f"{site.url}/{number}.html" for number in range(3)], load_encoder(), pause=0.2)
    assert time.monotonic() - began >= 3 * 0.2  # robots.txt, then three pages


def test_a_server_that_asks_to_wait_is_left_alone(site: Site, index: Index) -> None:
    site.pages["/busy.html"] = Page(status=503, headers={"Retry-After": "3600"})
    site.pages["/other.html"] = page("Other")
    first = get(index, f"{site.url}/busy.html")
    assert "60 minutes" in first.indexed.rejected[0].reason
    site.asked.clear()
    assert "asked again" in get(index, f"{site.url}/busy.html").indexed.rejected[0].reason
    assert site.asked == []


def test_failures_are_tried_again_later_and_later(site: Site, index: Index) -> None:
    address = f"{site.url}/feed.xml"
    waits = []
    for _ in range(3):
        get(index, address)
        state = index.searches.fetched(address)
        waits.append(state.after - time.time())
        index.searches.remember({address: state._replace(after=0.0)})
    assert waits[0] > 200
    assert waits[1] > 1.8 * waits[0]
    assert waits[2] > 1.8 * waits[1]


def test_what_is_gone_for_good_is_never_asked_again(site: Site, index: Index) -> None:
    site.pages["/old.xml"] = Page(status=410)
    get(index, f"{site.url}/old.xml")
    site.asked.clear()
    assert "410" in get(index, f"{site.url}/old.xml").indexed.rejected[0].reason
    assert site.asked == []


def test_redirects_are_followed_a_few_times(site: Site, index: Index) -> None:
    site.pages["/moved.html"] = Page(status=301, headers={"Location": "/now.html"})
    site.pages["/now.html"] = page("Ferry")
    site.pages["/round.html"] = Page(status=302, headers={"Location": "/round.html"})
    done = get(index, f"{site.url}/moved.html", f"{site.url}/round.html")
    assert done.indexed.added == 1
    assert "redirects" in done.indexed.rejected[0].reason


def test_a_feed_leads_into_no_private_network_that_the_user_did_not_name(site: Site, index: Index) -> None:
    with serving() as inner:
        inner.pages["/secret"] = page("Secret")
        inner.pages["/robots.txt"] = Page(b"", "text/plain")
        site.pages["/feed.xml"] = feed(
            ("n1", "Direct", f"{inner.url}/secret"), ("n2", "Round about", f"{site.url}/there"),
            ("n3", "File", "file:///etc/passwd"), ("n4", "Own", f"{site.url}/own"),
        )  # fmt: skip
        site.pages["/there"] = Page(status=302, headers={"Location": f"{inner.url}/secret"})
        site.pages["/own"] = page("Own")
        done = get(index, f"{site.url}/feed.xml")
        assert inner.asked == inner.robots == []
    assert index.article("n1").text == "Short: Direct."
    assert "Part 2." in index.article("n4").text, "the server that the user named may be in a private network"
    assert sum("private network" in note.what for note in done.indexed.notes) == 2


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1",
     "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:10.0.0.1", "fe80::1%eth0"],
)  # fmt: skip
def test_private_addresses_are_known_however_they_are_written(address: str) -> None:
    assert not is_public(address)
    assert is_public("93.184.215.14")
    assert is_public("2606:4700::1111")


def test_answers_that_are_too_large_are_not_read_to_their_end(site: Site) -> None:
    import gzip

    site.pages["/bomb"] = Page(gzip.compress(bytes(40 << 20)), headers={"Content-Encoding": "gzip"})
    with Client([site.url]) as client, pytest.raises(Unreachable, match="larger than 16 MiB"):
        client.once(f"{site.url}/bomb", {})


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http:///x", "http://u:p@127.0.0.1/", "http://[::1", "http://x:99999/", "javascript:1"]
)
def test_what_is_no_address_of_the_web_is_not_asked(url: str) -> None:
    with Client() as client, pytest.raises(Unreachable, match="address"):
        client.once(url, {})


def test_lists_of_feeds_are_read_from_files_and_addresses(site: Site, index: Index, tmp_path: Path) -> None:
    opml = f"""<?xml version="1.0"?><opml version="2.0"><body><outline text="News"><outline type="rss"
        xmlUrl="{site.url}/feed.xml"/><outline xmlurl="{site.url}/feed.xml"/></outline></body></opml>"""
    site.pages["/feed.xml"] = feed(("n1", "Ferry", f"{site.url}/1"))
    site.pages["/list.opml"] = Page(opml.encode(), "text/x-opml")
    (tmp_path / "list.opml").write_text(opml, "utf-8")
    assert get(index, str(tmp_path / "list.opml"), pages=False).indexed.added == 1
    site.asked.clear()
    done = get(index, f"{site.url}/list.opml", pages=False)
    assert site.paths() == ["/list.opml", "/feed.xml"]
    assert done.unchanged == 1


OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml><outline text="&e;"/></opml>'


@pytest.mark.parametrize("data", [b"", b"<html/>", b"<opml", b"<opml><body/></opml>", OUTSIDE])
def test_a_list_without_feeds_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="list"):
        feeds_of(data, "list.opml")


def test_the_command_says_what_it_fetched_and_names_what_it_could_not(
    khabar: Khabar, site: Site, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    site.pages["/feed.xml"] = feed(("n1", "Ferry aground", f"{site.url}/1"))
    site.pages["/1"] = page("Ferry aground")
    sources = [f"{site.url}/feed.xml", f"{site.url}/missing.html"]
    done = khabar("fetch", *sources, "--pause", 0, "--index", folder, "--json")
    assert done.code == 3
    assert (done.json["added"], done.json["asked"]) == (1, 3)
    assert "404" in done.err
    assert json.loads(khabar("show", "n1", "--index", folder, "--json").out)["url"] == f"{site.url}/1"
    assert khabar("fetch", "feed.xml", "--index", folder).code == 1
    assert khabar("verify", "--index", folder).code == 0


def test_without_the_extra_the_command_says_what_to_install(
    khabar: Khabar, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "httpx", None)
    done = khabar("fetch", "https://example.org/", "--index", tmp_path / "index")
    assert done.code == 1
    assert "khabar[fetch]" in done.err


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120.0), ("999999", 86_400.0), ("", None), ("soon", None), ("Thu, 09 Jan 2025 10:00:00 GMT", 0.0)],
)
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": said}) == seconds
