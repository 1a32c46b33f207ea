"""Articles as an Atom feed: whatever strangers write in them, it is XML that reads back."""

from xml.etree.ElementTree import fromstring

import feedparser
from hypothesis import given
from hypothesis import strategies as st

from index.harmless import harmless
from index.types import Article, Passage
from search.show import Feed, FeedEntry, feed_xml
from search.types import Hit

WHEN = "2025-03-12T00:00:00+00:00"
TEXT = st.text() | st.sampled_from(["\ufffe\uffff", "\x00\x1b", "\ud800", "]]><b>&amp;", "\u202eturned", 'a"b'])


def hit(title: str, text: str, source: str | None = None, published: str | None = None) -> Hit:
    article = Article("a", title, text, "en", source=source, published=published)
    return Hit(1, 0.5, article, Passage("a", 0, len(text), text))


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_text_is_told_and_is_no_markup(title: str, text: str, source: str, query: str) -> None:
    entry = FeedEntry("urn:a", hit(title, text, source), WHEN, f"https://example.org/{query}", query)
    written = feed_xml(Feed("urn:feed", query, WHEN, [entry], subtitle=query, address=query))
    names = {element.tag.rpartition("}")[2] for element in fromstring(written.encode()).iter()}
    assert names <= {*("feed", "id", "title", "subtitle", "link", "updated", "author", "name"), "entry"} | {
        *("category", "summary", "published")
    }
    summary = fromstring(written.encode()).findtext("{*}entry/{*}summary") or ""
    assert summary == harmless(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def test_only_a_date_with_a_time_and_its_zone_is_when_an_article_was_published() -> None:
    for written, said in (("2025-03-12T10:00:00+03:00", True), ("2025-03-12", False), ("2025-03-12T10:00", False)):
        entry = FeedEntry("urn:a", hit("Title", "Text", published=written), WHEN)
        (read,) = feedparser.parse(feed_xml(Feed("urn:feed", "Khabar", WHEN, [entry]))).entries
        assert ("published" in read) == said
        assert (read.title, read.author, read.updated) == ("Title", "unknown", WHEN)
