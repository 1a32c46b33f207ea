"""What an archive knows of a text: printed before, altered, told in other words, or only covered."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter
from typing import Protocol

import numpy as np

from index.encoders import load_encoder
from index.errors import InputError
from index.ports import Store
from index.publication import first_published
from index.text import Sketch, bags, language, overlap, sentences, sketch
from index.types import NO_FILTERS, Article, Filters

from ..query import Query, narrowed, plain
from ..types import Alteration, Answer, Checked, Finding, Hit, Kind, Listing, Reasons
from . import facts
from .alignment import Comparison, compare_tokens
from .alterations import altered
from .collection import Collection, read_articles
from .copies import COPIED, judge
from .leads import lead
from .rarity import Rarity
from .reasons import NONE, Said, shared_reasons
from .texts import Texts, body
from .words import Words

CLAIM = 60
"""Words of the longest text that is sought inside articles; a longer one is compared with whole articles."""

HALF = 0.5
"""Share of the words of a claim that a stretch of an article must have to be compared with it word by word."""

SLACK = 4
"""A stretch may be longer than the claim by one word in so many."""

SEARCHED = 50
"""Articles that the search engine is asked for."""

COVERED = 10
"""Articles of each language that are listed because they only cover what a text says."""

FLOOR = 0.2
"""Score of a search from which an article is taken to cover what a text says: 96% of the articles that answer the
questions of the sample corpus have it among 4,000 others. What is not covered is mostly above it too."""

_FILE = re.compile(r"\S+\.(?:txt|md|html?|jsonl?|csv|tsv|xml|rss)(?:\.gz)?")

PRINTED = (Kind.EXACT, Kind.NEAR, Kind.CONTAINED)


class Searcher(Protocol):
    """What is needed of a search engine: its index, and a ranking of articles in both languages."""

    index: Store

    def search(self, query: Query, k: int = ..., *, filters: Filters = ..., listing: Listing = ...) -> Answer:
        """The k best articles for a query among those that pass the filters, each with its best passage."""
        ...


@dataclass(frozen=True, slots=True)
class _Excerpt:
    """What an article says of the text that is checked.

    `said` are its sentences, and `told` is the article with nothing else. `compared` is the text beside the words that
    are nearest to it; None where the two have too few words in common. `whole` says that these are the whole text.
    """

    article: Article
    told: Article
    said: str
    compared: Comparison | None
    whole: bool


def check(engine: Searcher, text: str, filters: Filters = NO_FILTERS, k: int = COVERED) -> Checked:
    """The articles that print, alter, retell or cover a text, the closest first, each with its reasons.

    A text of at most `CLAIM` words is a claim, and is compared with the nearest words of each article. Of the articles
    that only cover it, at most `k` of each language are listed. Raises InputError for a text without words.
    """
    text = text.strip()
    asked = Article("", "", text, language(text))
    query = text[: words[-1].end] if (words := Words(text)[:CLAIM]) else text  # news says what matters first
    with engine.index.reading() as view:
        where, _ = narrowed(filters, (), view)
        sharing = view.articles(view.sharing([sketch(text)], 1, where))
    # A claim is words: what would be operators in a query belongs to them.
    found = engine.search(plain(query), SEARCHED, filters=where, listing=Listing(folded=False))
    hits = {hit.article.id: hit for hit in found.hits}
    others = [article for article in sharing if article.id not in hits]
    excerpts = list(_excerpts(asked, [*(hit.article for hit in hits.values()), *others], hits))
    retold = _retold(asked, excerpts)
    judged = []
    for n, excerpt in enumerate(excerpts):
        hit = hits.get(excerpt.article.id)
        kind, score, told = _printed(asked, excerpt) or retold.get(excerpt.article.id) or _covering(hit)
        if kind is not Kind.COVERS or score >= FLOOR:
            judged.append((n, Finding(excerpt.article, kind, round(score, 4), excerpt.said, told, NONE)))
    judged.sort(key=lambda one: (list(Kind).index(one[1].kind), -one[1].score, one[1].article.id))
    findings = tuple(_explained(judged, _Reasoning(asked, excerpts, hits), k))
    first = first_published(one.article for one in findings if one.kind in PRINTED)
    return Checked(text, first, findings)


def text_to_check(named: str) -> str:
    """The text of a file or, for "-", of standard input; what names no file is the text itself.

    Of a file with several articles it is the first one. Raises InputError where a file holds no text, and for what can
    only be the name of a file that does not exist.
    """
    if named != "-" and not os.path.isfile(named):
        if _FILE.fullmatch(named):
            raise InputError(f"There is no file {named!r}. To check these words themselves, put a space behind them.")
        return named
    articles, rejected = read_articles([named])
    if not articles:
        reasons = "; ".join(problem.reason for problem in rejected) or "it is empty"
        raise InputError(f"No text could be read from {named}: {reasons}.")
    return body(articles[0])


_Judged = tuple[Kind, float, tuple[Alteration, ...]]


def _excerpts(asked: Article, articles: Sequence[Article], hits: dict[str, Hit]) -> Iterator[_Excerpt]:
    """What each article says of a text. One that the search did not find must have words in common with it."""
    words = Words(asked.text)
    claim = len(words) <= CLAIM
    nearest = _nearest(asked.text, hits) if claim else {}
    (own,) = bags([asked.text])
    held = zip(bags([body(article) for article in articles]), bags([a.title for a in articles]), strict=True)
    for article, (text, title) in zip(articles, held, strict=True):
        found = None
        if not claim and overlap(own, text) >= COPIED:
            compared = compare_tokens((asked.text, body(article)), words, Words(body(article)))
            found = _Excerpt(article, article, body(article), compared, whole=True)
        elif claim:
            written = article.title if _held(own, title) > _held(own, text) else body(article)
            if max(_held(own, title), _held(own, text)) >= HALF:
                found = _beside(asked.text, words, article, written)
        if found is None and article.id in hits:
            said = nearest[article.id] if claim else hits[article.id].passage.text
            found = _Excerpt(article, _only(article, said) if claim else article, said, None, whole=False)
        if found:
            yield found


def _held(own: Sketch, other: Sketch) -> float:
    """The share of the words of a bag that another one has."""
    return len(np.intersect1d(own, other, assume_unique=True)) / max(1, len(own))


def _only(article: Article, said: str) -> Article:
    return replace(article, title="", text=said)


def _beside(text: str, words: Words, article: Article, written: str) -> _Excerpt | None:
    """The words of `written`, the title or the body of an article, that are nearest to a claim.

    None where too few are in common.
    """
    its = Words(written)
    start, end = _stretch(words.hashes.tolist(), its.hashes.tolist())
    blocks = compare_tokens((text, written), words, its[start:end]).blocks
    if not blocks or sum(block.size for block in blocks) < HALF * len(words):
        return None
    # Where the text begins or ends with other words, the article has as many others there; negations are added.
    before, after = words[: blocks[0].a], words[blocks[-1].a + blocks[-1].size :]
    first, last = min(block.b for block in blocks), max(block.b + block.size for block in blocks)
    end = start + last + len(after)
    start = max(0, start + first - len(before) + facts.negations(before, 0, len(before)))
    if start and facts.negations(its, start - 1, start):
        start -= 1
    near = its[start:end]
    touched = [(a, b) for a, b in sentences(written) if a < near[-1].end and near[0].start < b]
    said = written[touched[0][0] : touched[-1][1]]
    whole = written == body(article) and len(near) == len(its)
    return _Excerpt(article, _only(article, said), said, compare_tokens((text, written), words, near), whole)


def _stretch(asked: Sequence[int], words: Sequence[int]) -> tuple[int, int]:
    """Where most words of a claim stand together: the first such stretch [start, end) of the words of an article.

    Words are given by their hashes.
    """
    size = len(asked) + len(asked) // SLACK
    left = Counter(asked)
    count = best = end = 0
    for n, word in enumerate(words):
        if word in left:
            left[word] -= 1
            count += left[word] >= 0
        if n >= size and (before := words[n - size]) in left:
            count -= left[before] >= 0
            left[before] += 1
        if count > best:
            best, end = count, n + 1
    return max(0, end - size), end


def _nearest(text: str, hits: dict[str, Hit]) -> dict[str, str]:
    """The sentence of the passage of each hit that is nearest to a claim in meaning, by the embedded model."""
    said = {}
    for name, hit in hits.items():
        passage = hit.passage.text
        said[name] = [passage[start:end] for start, end in sentences(passage)] or [passage]
    vectors = load_encoder("default").encode_passages([text, *chain.from_iterable(said.values())])
    likeness = iter((vectors[1:] @ vectors[0]).tolist())
    return {name: max(((next(likeness), part) for part in parts), key=itemgetter(0))[1] for name, parts in said.items()}


def _printed(asked: Article, excerpt: _Excerpt) -> _Judged | None:
    """Whether an excerpt prints a text again or in altered form."""
    compared = excerpt.compared
    if compared is None:
        return None
    told = altered(compared)
    if told:
        return Kind.ALTERED, compared.shared / min(len(compared.a), len(compared.b)), told
    written = compared.texts[1][compared.b[0].start : compared.b[-1].end]
    link = judge(asked, Article("-", "", written, asked.language))
    if link is None:
        return None
    return Kind(link.tier) if excerpt.whole else Kind.CONTAINED, link.score, ()


def _retold(asked: Article, excerpts: Sequence[_Excerpt]) -> dict[str, _Judged]:
    """Which excerpts tell the same in other words or in the other language, by the ids of their articles.

    They must share a number or a name: meaning alone takes any accident for any other.
    """
    if not excerpts:
        return {}
    said = [excerpt.told for excerpt in excerpts]
    links = Collection.of_new([*said, asked]).retold((), len(said))
    links = [link for link in links if link.evidence["numbers"] or link.evidence["names"]]
    return {link.a or link.b: (Kind(link.tier), link.score, ()) for link in links}


def _covering(hit: Hit | None) -> _Judged:
    return Kind.COVERS, hit.score if hit else 0.0, ()


class _Reasoning:
    """What each excerpt shares with a text; where that is nothing, the words by which the search found its article."""

    def __init__(self, asked: Article, excerpts: Sequence[_Excerpt], hits: dict[str, Hit]) -> None:
        self._excerpts, self._hits, self._texts, self._rarity = excerpts, hits, Texts(), Rarity()
        self._terms = [lead(excerpt.told) for excerpt in excerpts]
        for words in self._terms:
            self._rarity.learn(words)
        self._mine = Said.by(asked, self._rarity.weigh(lead(asked)), self._texts)

    def of(self, n: int) -> Reasons:
        """The reasons of excerpt number n."""
        article = self._excerpts[n].told
        its = Said.by(article, self._rarity.weigh(self._terms[n]), self._texts)
        shared = shared_reasons(self._mine, its, self._texts)
        if shared == NONE and article.id in self._hits:
            shared = Reasons(terms=tuple((match.query, match.term) for match in self._hits[article.id].matched))
        return shared


def _explained(judged: Sequence[tuple[int, Finding]], reasoning: _Reasoning, k: int) -> Iterator[Finding]:
    """Findings with their reasons, without which none only covers a text; of these the first k of each language."""
    left: Counter[str] = Counter()
    for n, one in judged:
        covers = one.kind is Kind.COVERS
        if covers and left[one.article.language] >= k:
            continue
        reasons = reasoning.of(n)
        if not covers or reasons != NONE:
            left[one.article.language] += covers
            yield replace(one, reasons=reasons)
