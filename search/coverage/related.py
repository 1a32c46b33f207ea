"""What else was written: the same event first, then what followed and what came before, in both languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import islice
from pathlib import Path

from index.errors import InputError
from index.lookup import id_of
from index.ports import Store
from index.publication import published_day, published_order
from index.text import first_terms
from index.types import Article, Encoder, Vectors

from ..types import Alteration, Reasons, Tier
from .alterations import altered_beside
from .collection import Collection, read_articles
from .copies import groups
from .events import beside_the_common
from .genres import Genre, genre_of
from .leads import WORDS, lead, lead_text
from .rarity import Compared, TermWeights, shared_weight
from .reasons import NONE, Said, prepare, shared_reasons
from .weights import WEIGHTS

RELATED, RELATED_ACROSS = 0.86, 0.85
"""Share of the likeness that makes one story, from which an article is related at all, in one language and across
languages. Across languages, where a name or a number must be shared as well, it is of the same affair then."""

SAME_AFFAIR = 0.95
"""The same share, from which an article in one language is of the same affair, and not only on the same subject."""

SAME_DAY, SAME_DAY_ACROSS = 0.44, 0.36
"""Likeness of events, in one language and across languages, from which two articles of one day tell the same event. Of
pairs of one day that reach it 44 of 54 do (benchmarks/events.py, 11-13 June); of those a day apart so few that the next
day is always another event, unless it prints the same again."""

REPEATED = 0.05
"""What a result loses for each one before it from the same source, so that others are heard too; and half of it for
each of its language."""


class Relation(StrEnum):
    """How an article is related to the one that was asked about.

    `AFFAIR` is another report or step of one day, of which the dates do not tell what came first.
    """

    SAME = "same event"
    AFFAIR = "same affair"
    FOLLOW_UP = "follow-up"
    BACKGROUND = "background"
    UNDATED = "same affair, undated"


@dataclass(frozen=True, slots=True)
class Related:
    """One related article and its kind. `score`, 0 to 1, is .5 where two articles just make one story; `printed` are
    its copies and itself.

    `tier` is set where it, or one of its copies, prints the article asked about again; `alterations` say what it says
    otherwise in the same words.
    """

    article: Article
    relation: Relation
    score: float
    tier: Tier | None
    printed: tuple[Article, ...]
    reasons: Reasons
    alterations: tuple[Alteration, ...] = ()
    kind: Genre = Genre.REPORT


def related(collection: Collection, position: int, k: int = 20) -> list[Related]:
    """The k articles most related to the one at a position of the collection: same event, follow-ups, background.

    Copies stand together, under the one printed first. Within each relation the most alike come first, those of
    sources and languages that were not heard yet a little earlier.
    """
    asked = collection.articles[position]
    near = collection.pick([*collection.nearest(position), position])
    last = len(near) - 1
    printed = near.printed()
    links = [*(link for link in printed if asked.id in (link.a, link.b)), *near.retold(printed, last)]
    tiers = {link.b if link.a == asked.id else link.a: link.tier for link in links}
    others = near.pick(range(last))
    terms, sizes = first_terms([lead_text(article) for article in near.articles], WORDS)
    among = Compared(terms, sizes)  # what is near: the words of the subject say little of the event
    weights = cache(lambda i: among.weigh(lead(near.articles[i])))  # few are needed
    cosines, shared = (others.vectors @ near.vectors[last]).tolist(), among.shared(last).tolist()
    shares = {}  # of the likeness that makes one story
    for i, article in enumerate(others.articles):
        same = article.language == asked.language
        alike = likeness(cosines[i], shared[i]) if same else cosines[i]
        shares[article.id] = alike / (WEIGHTS.like if same else WEIGHTS.across).least(int(sizes[last]))
    place = {article.id: i for i, article in enumerate(others.articles)}
    told = beside_the_common(near.vectors)
    mine = Said.by(asked, weights(last), near.texts)
    altered = altered_beside(near.articles, near.sketches, last, near.texts)
    grouped = [story.articles for story in groups(others.articles, printed)]
    together = {article.id for copies in grouped for article in copies}
    grouped += [(article,) for article in others.articles if article.id not in together]
    found = []
    for copies in grouped:
        best = min(copies, key=published_order)
        tier = tiers.get(best.id) or next((tiers[copy.id] for copy in copies if copy.id in tiers), None)
        alike = max(shares[copy.id] for copy in copies)
        if not tier and alike < (RELATED if asked.language == best.language else RELATED_ACROSS):
            continue
        i = place[best.id]
        relation = Relation.SAME
        if not tier:
            relation = _relation(asked, best, alike)
            if relation is Relation.AFFAIR and _is_same_event(near, told, weights, i):
                relation = Relation.SAME
        score, differing = round(alike / (1 + alike), 4), altered.get(best.id, ())
        found.append(Related(best, relation, score, tier, tuple(copies), NONE, differing))

    @cache
    def said(name: str) -> Said:
        return Said.by(others.articles[place[name]], weights(place[name]), near.texts)

    def explained(one: Related) -> Related | None:
        """The same with its kind and its reasons; None where there are not enough."""
        reasons = shared_reasons(mine, said(one.article.id), near.texts)
        if not one.tier and asked.language != one.article.language and not _is_sure(reasons):
            return None
        if not (one.tier or one.alterations or reasons != NONE):
            return None
        return replace(one, reasons=reasons, kind=genre_of(one.article))

    order = list(Relation)
    found.sort(key=lambda r: (order.index(r.relation), -r.score, r.article.id))
    prepare(mine, [said(one.article.id) for one in found[:k]], near.texts)
    return list(islice(_spread(found, explained), k))


def related_to(
    index: Store, asked: Article | str, k: int = 20, encoder: Callable[[], Encoder] | None = None
) -> list[Related]:
    """What is related to an article, or to the one that a text names (see `asked_about`), as `related` lists it.

    `encoder` gives the encoder of the index where that must not be loaded by its name. Raises as `asked_about`.
    """
    article = asked_about(index, asked) if isinstance(asked, str) else asked
    return related(*Collection.near(index, article, encoder), k)


def asked_about(index: Store, named: str) -> Article:
    """The article that an id, a file or "-" for standard input names; of a file, the first one.

    An id is looked for first, then a file, then the beginning of an id. Raises InputError when there is no such article
    and no file that holds one.
    """
    is_file = named == "-" or Path(named).exists()
    found = id_of(index, named) if not is_file or index.known([named]) else None
    if found is not None:
        return index.article(found)
    if not is_file:
        raise InputError(
            f"{named!r} is neither the id of an article in the index nor a file. Find ids with: khabar search"
        )
    articles, rejected = read_articles([named])
    if not articles:
        reasons = "; ".join(problem.reason for problem in rejected) or "it is empty"
        raise InputError(f"No article could be read from {named}: {reasons}.")
    return articles[0]


def in_time(found: Sequence[Related]) -> list[Related]:
    """The same in order of publication."""
    return sorted(found, key=lambda one: published_order(one.article))


def likeness(cosine: float, shared: float) -> float:
    """How alike two articles of one language are, about 0 to 1: the mean of the cosines of their vectors and words."""
    return (cosine + shared) / 2


def _relation(asked: Article, other: Article, alike: float) -> Relation:
    """By the days and the share of the likeness that makes one story."""
    days = published_day(other) - published_day(asked)
    undated = min(published_day(asked), published_day(other)) < 0
    enough = SAME_AFFAIR if asked.language == other.language else RELATED_ACROSS
    if alike < enough or (days < 0 and not undated):
        return Relation.BACKGROUND
    if undated:
        return Relation.UNDATED
    return Relation.FOLLOW_UP if days > 0 else Relation.AFFAIR


def _is_sure(reasons: Reasons) -> bool:
    """Whether a name or a number is shared across languages: meaning alone takes any accident for any other."""
    return bool(reasons.names or reasons.places or (reasons.numbers and reasons.terms))


def _is_same_event(near: Collection, told: Vectors, weights: Callable[[int], TermWeights], i: int) -> bool:
    """Whether article `i` and the last one report the same: by what others do not say, by their openings and words."""
    last = len(near) - 1
    asked, other = near.articles[last], near.articles[i]
    if not (genre_of(asked).reports and genre_of(other).reports):
        return False
    opening = float(near.texts.opening(asked) @ near.texts.opening(other))
    like = (float(told[-1] @ told[i]) + opening) / 2
    if asked.language != other.language:
        return like >= SAME_DAY_ACROSS
    return (2 * like + shared_weight(weights(last), weights(i))) / 3 >= SAME_DAY


def _spread(found: Sequence[Related], explained: Callable[[Related], Related | None]) -> Iterator[Related]:
    """By relation, printings before other reports of the event, then by likeness less what repeats what was shown.

    They come in order of relation and likeness. Each is `explained` when its turn comes, which takes the longest; None
    is not shown.
    """
    left = list(found)
    sources: Counter[str | None] = Counter()  # of what was shown
    languages: Counter[str] = Counter()

    def worth(one: Related) -> float:
        repeated = sources[one.article.source] if one.article.source else 0
        again = languages[one.article.language]
        return (one.tier is not None) + one.score - REPEATED * repeated - REPEATED / 2 * again

    while left:
        best = max((one for one in left if one.relation is left[0].relation), key=worth)
        left.remove(best)
        shown = explained(best)
        if shown:
            sources[shown.article.source] += 1
            languages[shown.article.language] += 1
            yield shown
