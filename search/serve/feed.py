"""What a search finds as an Atom feed, the newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from index.types import Article

from ..show import Feed, FeedEntry, feed_xml
from ..types import Answer

ATOM = "application/atom+xml"


def answer_feed(answer: Answer, base: str, query: str) -> str:
    """The hits of an answer as a feed at `base`/feed.atom?`query`.

    Articles without a date are left out, since each entry needs one, and counted.
    """
    dated = [hit for hit in answer.hits if hit.article.published]
    undated = len(answer.hits) - len(dated)
    address = f"{base}/feed.atom?{query}"
    pages = [f"{base}/article?{urlencode({'id': hit.article.id})}" for hit in dated]
    return feed_xml(
        Feed(
            id=address,
            title=f"Khabar: {answer.query}",
            updated=max((_instant(hit.article) for hit in dated), default="1970-01-01T00:00:00+00:00"),
            entries=[FeedEntry(page, hit, _instant(hit.article), page) for page, hit in zip(pages, dated, strict=True)],
            subtitle=f"Left out: {undated} articles without a date." if undated else "",
            address=address,
        )
    )


def _instant(article: Article) -> str:
    """When an article was published, as Atom has it: a day is its beginning, a time without a zone is in UTC."""
    written = article.published or ""
    when = datetime.fromisoformat(written)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat()
