"""What else was written: the same event first, then what followed and what came before, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from index.encoders import load_encoder
from index.errors import InputError
from index.local import Index
from index.publication import published_day, published_order
from index.text import Token, fold, tokenize
from index.types import Article

from ..query import stopwords
from ..types import Tier
from . import facts
from .collection import Collection, read_articles
from .copies import groups
from .retellings import DAYS, plain
from .stories import Rarity, TermWeights, lead
from .texts import Texts
from .weights import WEIGHTS

RELATED = 0.8
"""Share of the likeness that makes one story, from which an article is related at all."""

SHARED = 2
"""Names that an article in the other language must share: meaning alone takes any accident for any other."""

REPEATED = 0.05
"""What a result loses for each one before it from the same source, so that others are heard too; and half of it for
each of its language."""

TERMS = 12
"""Weightiest terms of an article that are looked for in another, and offered as a reason."""

TELLING = 0.25
"""Weight of such a term beside the weightiest; what is left are words of any news."""

MEANING = 0.5
"""Cosine of two words of two languages that are called one term."""


_HOUSES = frozenset(map(fold, ("شركة", "نادي")))
"""Company and club: what stands after these is a name, but of no place."""


class Relation(StrEnum):
    """How an article is related to the one that was asked about."""

    SAME = "same event"
    FOLLOW_UP = "follow-up"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class Reasons:
    """What two articles share, as each writes it: pairs (in the article asked about, in the other one)."""

    names: tuple[tuple[str, str], ...]
    places: tuple[tuple[str, str], ...]
    numbers: tuple[int | float, ...]
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Related:
    """One related article. `score` is 1 where two articles just make one story; `printed` are its copies and itself.

    `tier` is set where it, or one of its copies, prints the article asked about again.
    """

    article: Article
    relation: Relation
    score: float
    tier: Tier | None
    printed: tuple[Article, ...]
    reasons: Reasons


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
    texts = [lead(article) for article in near.articles]
    rarity = Rarity()  # among what is near: the words of the subject say little of the event
    for words in texts:
        rarity.learn(words)
    weights = [rarity.weigh(words) for words in texts]
    shares = {}  # of the likeness that makes one story
    for i, (article, cosine) in enumerate(zip(others.articles, others.vectors @ near.vectors[last], strict=True)):
        same = article.language == asked.language
        alike = likeness(float(cosine), weights[last], weights[i], same_language=same)
        shares[article.id] = alike / (WEIGHTS.like if same else WEIGHTS.across).least(len(texts[last]))
    weighed = {article.id: weights[i] for i, article in enumerate(others.articles)}
    mine = _Said.by(asked, weights[last])
    grouped = [story.articles for story in groups(others.articles, printed)]
    together = {article.id for copies in grouped for article in copies}
    grouped += [(article,) for article in others.articles if article.id not in together]
    found = []
    for copies in grouped:
        best = min(copies, key=published_order)
        tier = tiers.get(best.id) or next((tiers[copy.id] for copy in copies if copy.id in tiers), None)
        alike = max(shares[copy.id] for copy in copies)
        relation = _relation(asked, best, tier, alike)
        if relation is None:
            continue
        reasons = _reasons(mine, _Said.by(best, weighed[best.id]), near.texts)
        if tier or asked.language == best.language or len(reasons.names) + len(reasons.places) >= SHARED:
            found.append(Related(best, relation, round(alike, 4), tier, tuple(copies), reasons))
    return _spread(found)[:k]


def asked_about(index: Index, named: str) -> Article:
    """The article that an id, a file or "-" for standard input names; of a file, the first one.

    An id is looked for first. Raises InputError when there is no such article and no file that holds one.
    """
    if index.known([named]):
        return index.article(named)
    if named != "-" and not Path(named).exists():
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


def likeness(cosine: float, mine: TermWeights, its: TermWeights, *, same_language: bool) -> float:
    """How alike two articles are, about 0 to 1: the cosine of their vectors, in one language meaned with their words'.

    `mine` and `its` are of unit length (see Rarity.weigh).
    """
    if not same_language:
        return cosine
    return (cosine + sum(value * its[word] for word, value in mine.items() if word in its)) / 2


def _relation(asked: Article, other: Article, tier: Tier | None, alike: float) -> Relation | None:
    if tier:
        return Relation.SAME
    if alike < RELATED:
        return None
    days = published_day(other) - published_day(asked)
    dated = min(published_day(asked), published_day(other)) >= 0
    if alike >= 1 and (not dated or abs(days) <= DAYS):
        return Relation.SAME
    return Relation.FOLLOW_UP if dated and days > 0 else Relation.BACKGROUND


def _spread(found: Sequence[Related]) -> list[Related]:
    """By relation, printings before other reports of the event, then by likeness less what repeats what was shown."""
    order = list(Relation)
    left = sorted(found, key=lambda r: (order.index(r.relation), -r.score, r.article.id))
    shown: list[Related] = []
    while left:
        relation = left[0].relation

        def worth(one: Related) -> float:
            sources = sum(r.article.source == one.article.source for r in shown if one.article.source)
            languages = sum(r.article.language == one.article.language for r in shown)
            return (one.tier is not None) + one.score - REPEATED * sources - REPEATED / 2 * languages

        best = max((one for one in left if one.relation is relation), key=worth)
        left.remove(best)
        shown.append(best)
    return shown


@dataclass(frozen=True, slots=True)
class _Said:
    """What an article gives as reasons: its terms with their weights, its words as it writes them, and its places."""

    article: Article
    weights: TermWeights
    written: dict[str, str]
    places: set[str]

    @classmethod
    def by(cls, article: Article, weights: TermWeights) -> _Said:
        text = f"{article.title}\n{article.text}"
        tokens = tokenize(text)
        return cls(article, weights, _written(text, tokens), _places(article.city, tokens))


def _reasons(mine: _Said, its: _Said, texts: Texts) -> Reasons:
    one, two = texts.facts(mine.article), texts.facts(its.article)
    shared = texts.shared_names(mine.article, its.article)
    named = [(a, b) for a, b in shared if a in mine.written and b in its.written]
    places = mine.places | its.places
    return Reasons(
        tuple((mine.written[a], its.written[b]) for a, b in named if not {a, b} & places),
        tuple((mine.written[a], its.written[b]) for a, b in named if {a, b} & places),
        tuple(plain(one.numbers & two.numbers)),
        tuple(_terms(mine, its, {word for pair in named for word in pair})),
    )


def _terms(one: _Said, two: _Said, names: set[str]) -> Iterator[tuple[str, str]]:
    """The weightiest terms of one article that the other has too, in its language by their meaning."""
    told = names | stopwords()  # in a small collection even these are rare
    mine, its = ({w: v for w, v in said.weights.items() if w.isalpha() and w not in told} for said in (one, two))
    written, other = one.written, two.written
    shared = sorted(mine.keys() & its.keys(), key=lambda word: (-mine[word] * its[word], word))
    if shared:
        enough = TELLING * max(mine.values()) * max(its.values())
        telling = [word for word in shared[:TERMS] if mine[word] * its[word] >= enough]
        yield from ((written[word], other[word]) for word in telling if word in written and word in other)
        return
    heavy = [
        [word for word in sorted(weights, key=lambda word: (-weights[word], word)) if word in known][: 2 * TERMS]
        for weights, known in ((mine, written), (its, other))
    ]
    if not all(heavy):
        return
    encode = load_encoder("default").encode_passages
    cosines = encode([written[word] for word in heavy[0]]) @ encode([other[word] for word in heavy[1]]).T
    for i, word in enumerate(heavy[0]):
        j = int(cosines[i].argmax())
        if cosines[i, j] >= MEANING and int(cosines[:, j].argmax()) == i:
            yield written[word], other[heavy[1][j]]


def _written(text: str, tokens: Sequence[Token]) -> dict[str, str]:
    """Folded words and terms -> how the article writes them where they first stand."""
    found: dict[str, str] = {}
    for token in tokens:
        found.setdefault(token.word, text[token.start : token.end])
        found.setdefault(token.term, text[token.start : token.end])
    return found


def _places(city: str | None, tokens: Sequence[Token]) -> set[str]:
    """The folded words that stand in the dateline, or after a word such as "town"."""
    found = set(fold(city or "").split())
    place = facts.Meaning("role", "place")
    words = [token.word for token in tokens]
    found.update(after for word, after in pairwise(words) if place in facts.meanings(word) and word not in _HOUSES)
    return found
