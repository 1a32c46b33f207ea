"""All articles of an index with what is compared of them, the links among them, and new articles beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Collection as Tiers
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial

import numpy as np

from index.encoders import article_vectors
from index.errors import InputError
from index.ports import Numbers, Store
from index.publication import published_order
from index.text import Sketch, Sketches, sketches
from index.types import Article, Document, Encoder, Rejected, Vectors

from ..types import DUPLICATES, Link, Story, Tier
from .alterations import altered_links
from .articles import AT_ONCE, Articles, Heads
from .candidates import Fingerprints
from .copies import copies, groups
from .judged import Judged, Watch
from .model_scale import LEAST, Scale, encoded
from .neighbours import DAYS
from .retellings import retold_links
from .stories import stories
from .texts import Texts

ALL = 1 << 62
"""More articles than any store has."""

PRINTED = frozenset((Tier.EXACT, Tier.NEAR, Tier.CONTAINED))

MANY = 500
"""From this many new articles on, comparing all articles with all, a few thousand at a time, is quicker."""

NEAR_ASKED = 512
"""Passages of each script that are looked up for an article that is asked about. For 60 articles among 43,495 they hold
all 1,022 related ones; half as many miss 24."""

NEAREST = 60
"""Articles of each language that are read to see how they are related to an article, the nearest in meaning."""

NEAR_NEW = 16
"""Articles of each language that are read beside a new one, to see which tells the same and which is nearest."""


@dataclass(frozen=True)
class Collection:
    """Articles and, in the same order, their sketches and vectors (float32, (n, dim), unit rows), which `read` gives.

    The vectors are those of the index's model, on the scale of the embedded one (see scale.py); where the articles are
    too few to tell that, those of the embedded model. `encode` gives new articles vectors of the same kind. `judged`
    are the pairs that were compared before.
    """

    articles: Articles
    sketches: Sketches
    read: Callable[[], Vectors] = field(repr=False, compare=False)
    encode: Callable[[Sequence[Article]], Vectors] = encoded
    judged: Judged = field(default_factory=Judged, repr=False, compare=False)
    texts: Texts = field(default_factory=Texts, repr=False, compare=False)

    @cached_property
    def vectors(self) -> Vectors:
        """Their vectors, read when they are first asked for and then held; `read` gives them to be held for a time."""
        return self.read()

    @classmethod
    def of(
        cls,
        index: Store,
        encoder: Callable[[], Encoder] | None = None,
        watch: Watch | None = None,
        recent: Numbers | None = None,
    ) -> Collection:
        """All articles of an index, in order of publication. Raises IndexDamaged or StorageError.

        With `recent`, only those with these numbers, in an index with the embedded model: the scale of another is that
        of all articles. Texts and vectors are read when they are compared: see `Articles`. `encoder` gives the encoder
        of the index, and is only called when there are new articles for it. `watch` is told of the progress.
        """
        with index.reading() as view:
            judged = Judged(index, view.generation, watch, recent=recent is not None)
            numbers = view.newer(0, ALL)[0] if recent is None else recent
            heads: list[Heads] = []

            def sketched() -> Iterator[Sketch]:
                for start in range(0, len(numbers), AT_ONCE):
                    judged.tell("articles", start, len(numbers))
                    part = numbers[start : start + AT_ONCE]
                    read = view.articles(part)
                    heads.append(Heads.of(read))
                    yield from view.sketches(part)

            packed = Sketches.of(sketched())
            # Neighbours in time are compared with each other, and are read together when they stand together.
            known = Heads.joined(heads)
            order = known.in_order()
            articles = Articles.stored(index, view.generation, numbers[order], known.take(order))
        found = cls(articles, packed.take(order), articles.vectors, judged=judged)
        if index.embedded:
            return found
        if len(found) < LEAST:
            return replace(found, read=partial(encoded, articles))
        scale = cache(lambda: Scale.of(articles, found.read()))
        encode = partial(_encoded_by, cache(encoder or index.encoder), scale)
        return replace(found, read=lambda: scale()(articles, found.read()), encode=encode)

    @classmethod
    def near(cls, index: Store, asked: Article, encoder: Callable[[], Encoder] | None = None) -> tuple[Collection, int]:
        """The articles of an index that are nearest to one in meaning, and its place among them, in the index or not.

        Only these are read. With another model than the embedded one it is all articles, as in `of`: their scale is
        that of all. Raises IndexDamaged or StorageError.
        """
        if index.embedded:
            with index.reading() as view:
                own = view.named([asked.id])
                known = view.articles(own) == [asked]
                vector = (view.article_vectors(own) if known else encoded([asked]))[0]
                numbers = view.similar(vector, NEAR_ASKED)
                vectors = view.article_vectors(numbers)
                chosen = np.array(nearest(view.languages(numbers), vectors, vector), np.int64)
                near = cls.held(view.articles(numbers[chosen]), view.sketches(numbers[chosen]), vectors[chosen])
            found = near.pick(near.articles.heads.in_order())
        else:
            found = cls.of(index, encoder)
        place = next((i for i, article in enumerate(found.articles) if article == asked), None)
        return (found, place) if place is not None else found.beside([asked])

    @classmethod
    def held(
        cls,
        articles: Sequence[Article],
        sketches: Iterable[Sketch],
        vectors: Vectors,
        encode: Callable[[Sequence[Article]], Vectors] = encoded,
    ) -> Collection:
        """Articles that are in memory, with their sketches and vectors."""
        return cls(Articles.of(articles), Sketches.of(sketches), lambda: vectors, encode)

    @classmethod
    def of_new(
        cls, articles: Sequence[Article], encode: Callable[[Sequence[Article]], Vectors] = encoded
    ) -> Collection:
        """Articles that are in no index."""
        return cls.held(articles, sketches([article.text for article in articles]), encode(articles), encode)

    def nearest(self, position: int) -> list[int]:
        """The positions of the `NEAREST` articles of each language, but for the one at this position."""
        languages = [article.language for article in self.articles]
        chosen = nearest(languages, self.vectors, self.vectors[position])
        return [i for i in chosen if i != position]

    def __len__(self) -> int:
        return len(self.articles)

    def __add__(self, other: Collection) -> Collection:
        return replace(
            self,
            articles=self.articles + other.articles,
            sketches=self.sketches + other.sketches,
            read=lambda: np.concatenate((self.vectors, other.vectors)) if len(self) else other.vectors,
        )

    def pick(self, positions: Iterable[int]) -> Collection:
        """The articles at some positions."""
        chosen = np.fromiter(positions, np.int64)
        return replace(
            self,
            articles=self.articles.take(chosen),
            sketches=self.sketches.take(chosen),
            read=lambda: self.vectors[chosen],
        )

    def beside(self, new: Sequence[Article]) -> tuple[Collection, int]:
        """These articles, then new ones, and where the new ones begin; a new one replaces the old one with its id."""
        ids = {article.id for article in new}
        kept = self.pick(i for i, name in enumerate(self.articles.heads.ids) if name not in ids)
        return kept + Collection.of_new(new, self.encode), len(kept)

    def since(self, date: str) -> tuple[Collection, int]:
        """The same articles with those published on a day or later behind all others, and where these begin."""
        recent = self.articles.heads.dates >= date
        return self.pick(np.argsort(recent, kind="stable")), len(self) - int(recent.sum())

    def links(self, tiers: Tiers[Tier] = DUPLICATES, first: int = 0) -> list[Link]:
        """The links of some tiers between articles, of which one is at position `first` or later."""
        printed = self.printed(first)
        retold = [] if PRINTED.issuperset(tiers) else self.retold(printed, first)
        return [link for link in (*printed, *retold) if link.tier in tiers]

    def printed(self, first: int = 0) -> list[Link]:
        """The links between copies, of which one is at position `first` or later."""
        return copies(self.articles, self.sketches, first, self.texts, self.judged)

    def retold(self, printed: Sequence[Link], first: int = 0) -> list[Link]:
        """The links between retellings likewise; `printed` are the links between copies."""
        beside = self if len(self) - first > MANY else self.pick(self._beside(first))
        new = set(self.articles.heads.ids[first:])
        links = retold_links(
            beside.articles,
            beside.read(),
            printed,
            self.texts,
            judged=self.judged,
            asked=len(beside) - len(self) + first,
            whole=not first,
        )
        return [link for link in links if link.a in new or link.b in new]

    def groups(self, tiers: Tiers[Tier] = DUPLICATES, first: int = 0) -> list[Story]:
        """The articles that `links` hold together, the earliest group first."""
        return groups(self.articles, self.links(tiers, first))

    def altered(self, first: int = 0) -> list[Story]:
        """The altered copies, of which one is at position `first` or later: pairs, which never form larger groups."""
        links = altered_links(self.articles, self.sketches, first, self.texts, self.judged)
        known = {
            article.id: article for article in self.articles.named(end for link in links for end in (link.a, link.b))
        }
        return [story for link in links for story in groups([known[link.a], known[link.b]], [link])]

    def stories(self, links: Sequence[Link] | None = None) -> list[Story]:
        """Clusters of coverage, the story that began first coming first. `links` are those of DUPLICATES, if known."""
        held = self.links() if links is None else links
        return stories(self.articles, self.vectors, held, watch=self.judged.tell)

    def _beside(self, first: int) -> list[int]:
        """The new articles from position `first`, and the old ones that may tell the same."""
        days, languages = self.articles.heads.days, self.articles.heads.languages
        chosen: set[int] = set(range(first, len(self)))
        for i in range(first, len(self)):
            close = (days < 0) | (days[i] < 0) | (np.abs(days - days[i]) <= DAYS)
            for language in np.unique(languages):
                here = np.flatnonzero(close & (languages == language))
                few = min(NEAR_NEW, len(here))
                if few:
                    near = np.argpartition(-(self.vectors[here] @ self.vectors[i]), few - 1)[:few]
                    chosen.update(here[near].tolist())
        return sorted(chosen)


def nearest(languages: Sequence[str], vectors: Vectors, vector: Vectors, most: int = NEAREST + 1) -> list[int]:
    """The positions of the articles of each language that are nearest in meaning to a vector, in order of position."""
    cosines, written = vectors @ vector, np.array(languages)
    chosen: list[int] = []
    for language in np.unique(written):
        here = np.flatnonzero(written == language)
        chosen += here[np.argsort(-cosines[here], kind="stable")[:most]].tolist()
    return sorted(chosen)


class Skipper:
    """Says of new articles which print again what an index holds, or what came before among them, and add nothing.

    `skipped` names them, with the link to the article that is kept.
    """

    def __init__(self, index: Store, tier: Tier, encoder: Encoder | None = None) -> None:
        """For copies of this tier, one of DUPLICATES, and of the closer ones.

        `encoder` is that of the index, loaded when not given.
        """
        self._tiers = frozenset(DUPLICATES[: DUPLICATES.index(tier) + 1])
        known = Collection.of(index, (lambda: encoder) if encoder else None)
        # The index is being written to: what is known of it is held, and nothing is kept in it.
        self._known = Collection.held(list(known.articles), known.sketches, known.vectors, known.encode)
        self._fingerprints = Fingerprints(self._known.sketches)
        self._ids = self._known.articles.heads.ids.tolist()  # by their positions in the fingerprints
        self.skipped: dict[str, Link] = {}

    def __call__(self, articles: Sequence[Article]) -> set[str]:
        """The ids of those to be skipped; of copies among the new ones, the one printed first is kept.

        An article that is longer than what it prints again is kept as well: it tells more.
        """
        both, first = self._known.beside(sorted(articles, key=published_order))
        links: dict[str, list[Link]] = {}
        for link in self._links(both, first):
            for end in (link.a, link.b):
                links.setdefault(end, []).append(link)
        kept = list(range(first))
        here = {article.id for article in both.articles[:first]}
        skipped = set()
        for i, article in enumerate(both.articles[first:], first):
            beside = (link for link in links.get(article.id, ()) if {link.a, link.b} & here)
            again = next((link for link in beside if link.evidence.get("longer") != article.id), None)
            if again:
                self.skipped[article.id] = again
                skipped.add(article.id)
            else:
                here.add(article.id)
                kept.append(i)
        self._known = both.pick(kept)
        added = both.pick(kept[first:])
        self._fingerprints.add(added.sketches)
        self._ids += [article.id for article in added.articles]
        return skipped

    def _links(self, both: Collection, first: int) -> list[Link]:
        """As `both.links`, but only those known articles are looked at that share a fingerprint with a new one."""
        shared = {self._ids[n] for n in self._fingerprints.sharing(both.sketches[first:]).tolist()}
        old = [i for i, article in enumerate(both.articles[:first]) if article.id in shared]
        printed = both.pick([*old, *range(first, len(both))]).printed(len(old))
        retold = [] if PRINTED.issuperset(self._tiers) else both.retold(printed, first)
        return [link for link in (*printed, *retold) if link.tier in self._tiers]


def _encoded_by(load: Callable[[], Encoder], scale: Callable[[], Scale], articles: Sequence[Article]) -> Vectors:
    return scale()(articles, article_vectors(articles, load()))


def duplicates(index: Store, tiers: Tiers[Tier] = DUPLICATES) -> list[Story]:
    """The groups of articles of an index that repeat each other in some tiers, the earliest group first."""
    return Collection.of(index).groups(tiers)


def read_articles(sources: Sequence[str]) -> tuple[list[Article], list[Rejected]]:
    """The clean articles of files, folders or "-" for standard input, and what could not be used."""
    from index.clean import Cleaner  # most who compare articles read none: these load for longer than all else here
    from index.read import read

    documents = []
    rejected: list[Rejected] = []
    for record in read(sources):
        if isinstance(record, Rejected):
            rejected.append(record)
        elif isinstance(record, Document):
            documents.append(record)
    cleaner = Cleaner()
    cleaner.learn(documents)
    articles = []
    for document in documents:
        try:
            articles += cleaner.clean(document)
        except InputError as error:
            rejected.append(Rejected(document.path, str(error)))
    return articles, rejected
