"""Results as JSON-ready dictionaries. Texts are the original ones, in logical order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.publication import first_published
from index.types import Article

from ..types import Answer, Checked, Hit, Link, News, Saved, Story

if TYPE_CHECKING:
    from ..coverage import Related


_FIELDS = ("id", "title", "language", "published", "source", "url", "path")


def article_json(article: Article) -> dict[str, Any]:
    """The fields of a listed article."""
    return {name: getattr(article, name) for name in _FIELDS}


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer as `khabar search --json` prints it, with `facets` where they were asked for."""
    shown = {
        "query": answer.query,
        "language": answer.language,
        "mode": answer.mode,
        "seconds": round(answer.seconds, 6),
        "hits": [{"rank": hit.rank} | hit_json(hit) for hit in answer.hits],
        "cut": answer.cut,
        "relevant": answer.relevant,
        "notes": answer.notes,
    }
    if answer.facets:
        shown["facets"] = {
            name: [{"value": value, "articles": count} for value, count in counts.items()]
            for name, counts in answer.facets.items()
        }
    return shown


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit without its rank."""
    shown = {
        "score": round(hit.score, 6),
        "article": article_json(hit.article),
        "passage": {"start": hit.passage.start, "end": hit.passage.end, "text": hit.passage.text},
        "highlights": hit.highlights,
        "matched": [asdict(match) for match in hit.matched],
        "title_highlights": hit.title_highlights,
    }
    return shown | ({"copies": [article_json(copy) for copy in hit.copies]} if hit.copies else {})


def news_json(news: News) -> dict[str, Any]:
    """A hit of a saved search, as `khabar news --json` prints it and a webhook is sent it."""
    return {"search": news.search} | hit_json(news.hit) | {"id": news.id, "found": news.found, "told": news.told}


def saved_json(saved: Saved) -> dict[str, Any]:
    """A saved search, as `khabar saved --json` lists it."""
    return asdict(saved)


def answers_json(answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Answers to one query by the language of their articles, as `khabar search --both --json` prints them."""
    first = next(iter(answers.values()))
    return {
        "query": first.query,
        "language": first.language,
        "mode": first.mode,
        "seconds": round(sum(answer.seconds for answer in answers.values()), 6),
        "lists": {language: answer_json(answer) for language, answer in answers.items()},
    }


def group_json(story: Story) -> dict[str, Any]:
    """A group of duplicates, as `khabar duplicates --json` prints it."""
    return {
        "representative": story.representative.id,
        "articles": [article_json(article) for article in story.articles],
        "links": [_link_json(link) for link in story.links],
    }


def _link_json(link: Link) -> dict[str, Any]:
    """A link; its evidence, which may be long, is not copied."""
    return {"a": link.a, "b": link.b, "tier": link.tier, "score": link.score, "evidence": link.evidence}


def story_json(story: Story) -> dict[str, Any]:
    """A story as `khabar stories --json` prints it; dates are days, None where no article has one.

    "first" is the id of the report with a date that was certainly published first, None where that is unknown;
    previews, opinions and round-ups are never first. "kinds" says of each article that is no report what it is.
    """
    from ..coverage import Genre, genre_of  # a search shows no story, and starts sooner without them

    kinds = {article.id: genre_of(article) for article in story.articles}
    first = first_published(article for article in story.articles if kinds[article.id].reports)
    days = sorted(article.published[:10] for article in story.articles if article.published)
    return {
        "title": story.representative.title,
        "languages": sorted({article.language for article in story.articles}),
        "sources": sorted({article.source for article in story.articles if article.source}),
        "first_date": days[0] if days else None,
        "last_date": days[-1] if days else None,
        "first": first.id if first else None,
        "affair": story.affair,
        "kinds": {article: kind for article, kind in kinds.items() if kind is not Genre.REPORT},
    } | group_json(story)


def affair_json(events: Sequence[Story]) -> dict[str, Any]:
    """An affair and its events, as `khabar stories --affairs --json` prints it.

    "affair" is the id of its first article, None for a story that is the only event of its affair; "articles" and
    "sources" count and name those of all its events.
    """
    told = [story_json(story) for story in events]
    days = sorted(day for event in told for day in (event["first_date"], event["last_date"]) if day)
    return {
        "affair": events[0].affair,
        "title": max(events, key=lambda story: len(story.articles)).representative.title,
        "languages": sorted({language for event in told for language in event["languages"]}),
        "sources": sorted({source for event in told for source in event["sources"]}),
        "first_date": days[0] if days else None,
        "last_date": days[-1] if days else None,
        "articles": sum(len(story.articles) for story in events),
        "events": told,
    }


def related_json(asked: Article, found: Sequence[Related]) -> dict[str, Any]:
    """Related coverage, as `khabar related --json` prints it."""
    return {
        "article": article_json(asked),
        "related": [
            {
                "relation": one.relation,
                "score": one.score,
                "tier": one.tier,
                "kind": one.kind,
                "article": article_json(one.article),
                "printed": [article_json(copy) for copy in one.printed],
                "reasons": asdict(one.reasons),
                "alterations": [asdict(alteration) for alteration in one.alterations],
            }
            for one in found
        ],
    }


def checked_json(checked: Checked) -> dict[str, Any]:
    """A text beside an archive, as `khabar check --json` prints it."""
    return {
        "text": checked.text,
        "first": article_json(checked.first) if checked.first else None,
        "findings": [
            {
                "article": article_json(one.article),
                "kind": one.kind,
                "score": one.score,
                "said": one.said,
                "alterations": [asdict(alteration) for alteration in one.alterations],
                "reasons": asdict(one.reasons),
            }
            for one in checked.findings
        ],
    }
