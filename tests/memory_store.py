"""A store in memory that fills the port by brute force: every score is computed for every passage, one at a time.

It is slow, exact and plain, so that what a real store answers can be held against it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from index.encoders import load_encoder
from index.errors import InputError
from index.local.bm25 import ABSENT, K1, MANY, B
from index.local.forms import preference
from index.passages import encoded_text, split
from index.ports import (
    FEW,
    Background,
    Candidates,
    Entry,
    Facet,
    Numbers,
    Problem,
    Profile,
    Question,
    Vocabulary,
    Wording,
)
from index.text import NameIndex, Sketch, Strings, match, sketch, term_key, terms, tokenize
from index.text.letters import script
from index.types import LANGUAGES, NO_FILTERS, Article, Concept, Encoder, Filters, Passage, Vectors


class MemoryStore:
    """Articles in a dict; the latest under an id replaces the one before."""

    embedded = True
    after_purge = None

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.added: dict[str, int] = {}
        self.generation = 0

    def add(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self.entries.pop(entry.article.id, None)
            self.entries[entry.article.id] = entry
            self.added[entry.article.id] = max(self.added.values(), default=0) + 1
        self.generation += 1

    @property
    def address(self) -> str:
        return "memory"

    def remove(self, ids: Sequence[str], *, purge: bool = False) -> int:
        gone = [one.article.id for one in self.entries.values() if {one.article.id, one.article.host} & set(ids)]
        for one in gone:
            del self.entries[one]
        self.generation += 1
        return len(gone)

    def compact(self) -> None:
        pass

    def reencode(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None) -> None:
        for entry in self.entries.values():
            passages = tuple(split(entry.article))
            texts = [encoded_text(entry.article.title, passage.text) for passage in passages]
            self.entries[entry.article.id] = replace(entry, passages=passages, vectors=encoder.encode_passages(texts))
        self.generation += 1

    @contextmanager
    def writing(self) -> Iterator[MemoryStore]:
        yield self

    def kept(self, name: str, /) -> bytes | None:
        return None

    def keep(self, name: str, data: bytes, generation: object, /) -> None:
        pass

    def counts(self) -> dict[str, int]:
        return {"articles": len(self.entries), "passages": sum(len(one.passages) for one in self.entries.values())}

    def summary(self) -> dict[str, Any]:
        articles = [entry.article for entry in self.entries.values()]
        days = [day for article in articles if (day := _day(article))]
        return self.counts() | {
            "languages": dict(sorted(Counter(article.language for article in articles).items())),
            "sources": len({article.source for article in articles} - {None}),
            "first_date": min(days, default=None),
            "last_date": max(days, default=None),
            "bytes": 0,
        }

    def verify(self) -> list[Problem]:
        return [
            Problem(f"article {entry.article.id}", "is not what its passages say", True)
            for entry in self.entries.values()
            for passage in entry.passages
            if entry.article.text[passage.start : passage.end] != passage.text
        ]

    def repair(self) -> list[Problem]:
        self.reencode(self.encoder())
        return self.verify()

    def close(self) -> None:
        pass

    @contextmanager
    def reading(self) -> Iterator[MemoryView]:
        yield MemoryView(list(self.entries.values()), self.generation, list(map(self.added.__getitem__, self.entries)))

    def encoder(self) -> Encoder:
        return load_encoder()

    def require(self, encoder: Encoder) -> None:
        assert encoder.hash == load_encoder().hash

    def known(self, ids: Iterable[str]) -> dict[str, str]:
        return {one: self.entries[one].document for one in ids if one in self.entries}

    def article(self, name: str, /) -> Article:
        if name not in self.entries:
            raise InputError(f"There is no article {name!r}.")
        return self.entries[name].article

    def ids_beginning(self, text: str, k: int) -> list[str]:
        return sorted(one for one in self.entries if one.startswith(text))[:k]

    def articles(self) -> Iterator[tuple[int, Article]]:
        yield from enumerate(entry.article for entry in self.entries.values())


class MemoryView:
    """The entries of one moment; passages are numbered in their order."""

    def __init__(self, entries: Sequence[Entry], generation: int, added: Sequence[int]) -> None:
        self.generation, self._added = generation, added
        self._entries = entries
        self._rows = [(i, p, v) for i, e in enumerate(entries) for p, v in zip(e.passages, e.vectors, strict=True)]
        titles = [entries[i].article.title for i, _, _ in self._rows]
        self._texts = [encoded_text(title, p.text) for title, (_, p, _) in zip(titles, self._rows, strict=True)]
        self._counts = [Counter(terms(text)) for text in self._texts]
        self._languages = [self._language(n) for n in range(len(self._rows))]
        self.vocabulary: Vocabulary = MemoryVocabulary(self._texts)

    @property
    def mark(self) -> int:
        return max(self._added, default=0)

    def newer(self, mark: int, k: int) -> tuple[Numbers, int]:
        first = sorted((added, n) for n, added in enumerate(self._added) if added > mark)[:k]
        return np.array([n for _, n in first], np.int64), first[-1][0] if first else mark

    @property
    def background(self) -> Background:
        vectors = self.vectors(np.arange(len(self._rows)))
        return Background(vectors.mean(0) if len(vectors) > FEW else vectors)

    def candidates(self, question: Question) -> Candidates:
        allowed = [n for n, (i, _, _) in enumerate(self._rows) if _answers(self._entries[i].article, question)
                   and (question.among is None or i in question.among)]  # fmt: skip
        chosen: set[int] = set()
        lexical, cosines, idf = self._bm25(question.concepts or ()), np.zeros(len(self._rows)), self._idf(question)
        if question.concepts is not None:
            chosen.update(_first(lexical, [n for n in allowed if lexical[n] > 0], question.k))
        if question.vector is not None:
            cosines = np.array([float(vector @ question.vector) for _, _, vector in self._rows])
            chosen.update(_first(cosines, allowed, question.k))
        rows = np.array(sorted(chosen), np.int64)
        return Candidates(
            rows,
            np.array([self._rows[n][0] for n in rows], np.int64),
            np.array([self._languages[n] for n in rows], np.int8),
            lexical[rows].astype(np.float32) if question.concepts is not None else None,
            cosines[rows].astype(np.float32) if question.vector is not None else None,
            np.array([self._rows[n][2] for n in rows], np.float32) if question.vector is not None else None,
            idf,
        )

    def passages(self, numbers: Numbers) -> list[tuple[str, Passage]]:
        return [(self._entries[self._rows[n][0]].article.title, self._rows[n][1]) for n in numbers]

    def vectors(self, numbers: Numbers) -> Vectors:
        return np.array([self._rows[n][2] for n in numbers], np.float32).reshape(len(numbers), -1)

    def articles(self, numbers: Numbers) -> list[Article]:
        return [self._entries[n].article for n in numbers]

    def ids(self, numbers: Numbers) -> list[str]:
        return [article.id for article in self.articles(numbers)]

    def days(self, numbers: Numbers) -> list[str | None]:
        return [_day(article) for article in self.articles(numbers)]

    def languages(self, numbers: Numbers) -> list[str]:
        return [article.language for article in self.articles(numbers)]

    def article_vectors(self, numbers: Numbers) -> Vectors:
        return np.array([self._profile(n).vector for n in numbers], np.float32)

    def sketches(self, numbers: Numbers) -> list[Sketch]:
        return [sketch(article.text) for article in self.articles(numbers)]

    def facets(
        self, by: Sequence[Facet], where: Filters = NO_FILTERS, among: Numbers | None = None
    ) -> dict[tuple[str | None, ...], int]:
        counted: Counter[tuple[str | None, ...]] = Counter()
        for number, entry in enumerate(self._entries):
            if where.passes(entry.article) and (among is None or number in among):
                values = {"source": entry.article.source, "language": entry.article.language}
                counted[tuple(values.get(name, _day(entry.article)) for name in by)] += 1
        return dict(counted)

    def named(self, ids: Sequence[str]) -> Numbers:
        return np.array([n for n, entry in enumerate(self._entries) if entry.article.id in ids], np.int64)

    def profiles(self, numbers: Numbers | None = None) -> list[Profile]:
        chosen = range(len(self._entries)) if numbers is None else numbers
        return [self._profile(n) for n in chosen]

    def similar(self, vector: Vectors, k: int) -> Numbers:
        cosines = np.array([float(v @ vector) for _, _, v in self._rows])
        found: list[int] = []
        for language in range(len(LANGUAGES)):
            found += _first(cosines, [n for n in range(len(self._rows)) if self._languages[n] == language], k)
        return np.unique(np.array([self._rows[n][0] for n in found], np.int64))

    def sharing(self, sketches: Sequence[Sketch], least: int, where: Filters = NO_FILTERS) -> Numbers:
        asked = {int(fingerprint) for one in sketches for fingerprint in one}
        shared = [len(asked & {int(f) for f in sketch(entry.article.text)}) for entry in self._entries]
        passing = [where.passes(entry.article) for entry in self._entries]
        return np.array([n for n, count in enumerate(shared) if count >= least and passing[n]], np.int64)

    def _profile(self, number: int) -> Profile:
        entry = self._entries[number]
        rows = [n for n, (i, _, _) in enumerate(self._rows) if i == number]
        total = sum(self._rows[n][2] * self._counts[n].total() for n in rows)
        return Profile(entry.article, sketch(entry.article.text), total / np.linalg.norm(total))

    def _language(self, number: int) -> int:
        arabic = sum(count for term, count in self._counts[number].items() if script(term) == "ar")
        return LANGUAGES.index("ar" if 2 * arabic > self._counts[number].total() else "en")

    def _expected(self, concept: Concept, number: int) -> float:
        spoken = concept.terms_in(LANGUAGES[self._languages[number]])
        return sum(p * self._counts[number][term] for term, p in spoken)

    def _idf(self, question: Question) -> np.ndarray:
        concepts = question.concepts or ()
        return np.array([[self._rarity(c, side) or 0 for c in concepts] for side in range(2)], np.float32)

    def _rarity(self, concept: Concept, side: int, absent: bool = False) -> float:
        """The inverse document frequency of a concept in a language, 0 where no passage holds it, unless `absent`."""
        here = [n for n in range(len(self._rows)) if self._languages[n] == side]
        df = sum(p * sum(t in self._counts[n] for n in here) for t, p in concept.terms_in(LANGUAGES[side]))
        return math.log1p((max(len(here) - df, 0) + 0.5) / (df + 0.5)) if df or absent else 0.0

    def _bm25(self, concepts: Sequence[Concept]) -> np.ndarray:
        scores = np.zeros(len(self._rows))
        for side in range(2):
            here = [n for n in range(len(self._rows)) if self._languages[n] == side]
            average = sum(self._counts[n].total() for n in here) / len(here) if here else 1.0
            share = 1 - (1 - ABSENT) * len(here) / (len(here) + MANY)
            weights = [self._rarity(c, side) for c in concepts]
            missing = [0.0 if w or c.function else self._rarity(c, side, absent=True) * share
                       for c, w in zip(concepts, weights, strict=True)]  # fmt: skip
            for n in here:
                back = K1 * (1 - B + B * self._counts[n].total() / average)
                tf = [self._expected(concept, n) for concept in concepts]
                gained = sum(w * f / (f + back) for w, f in zip(weights, tf, strict=True))
                scores[n] = min(gained / (sum(weights) + sum(missing) + 1e-9), 1)
        return scores


class MemoryVocabulary:
    """The terms of some texts, each with the written form that stands for it."""

    def __init__(self, texts: Sequence[str]) -> None:
        written = {(t.term, text[t.start : t.end]) for text in texts for t in tokenize(text)}
        self._frequencies = Counter(term for text in texts for term in set(terms(text)))
        encoder = load_encoder().words
        assert encoder
        every, forms = zip(*written, strict=True) if written else ((), ())
        keys = np.array([*map(term_key, every)], np.uint64)
        order = np.argsort(preference(keys, Strings.pack(forms), encoder.entries(forms)))[::-1]
        surface = {every[i]: forms[i] for i in order.tolist()}  # of a term, the preferred form is written last
        self._terms, self._names = list(surface), NameIndex.build(list(surface.values()))
        entries = encoder.entries(list(surface.values()))
        self._known = {
            language: [i for i, t in enumerate(self._terms) if entries[i] >= 0 and script(t) == language]
            for language in LANGUAGES
        }
        self._table = encoder.vectors(np.maximum(entries, 0))

    def holds(self, asked: Iterable[str]) -> set[str]:
        return set(asked) & set(self._terms)

    def frequencies(self, asked: Iterable[str]) -> dict[str, int]:
        return {term: self._frequencies[term] for term in set(asked) & self._frequencies.keys()}

    def translations(self, vectors: Vectors, language: str, k: int) -> list[list[tuple[str, float]]]:
        known = self._known[language]
        found = []
        for row in vectors @ self._table[known].T:
            terms_ = zip((self._terms[i] for i in known), row.tolist(), strict=True)
            found.append(sorted(terms_, key=lambda one: (one[1], one[0]), reverse=True)[:k])
        return found

    def spellings(self, word: str, k: int, least: float, *, within: bool = False) -> list[tuple[str, float]]:
        found = match(word, [self._names], k, least, across=not within, within=within)
        return [(self._terms[i], likely) for _, i, likely in found]


def _answers(article: Article, question: Question) -> bool:
    return (
        question.where.passes(article)
        and all(any(_holds(article, wording) for wording in group) for group in question.required)
        and not any(_holds(article, wording) for wording in question.excluded)
    )


def _holds(article: Article, wording: Wording) -> bool:
    for text in (article.title,) if wording.title else (article.title, article.text):
        tokens = tokenize(text)
        size = len(wording.phrase)
        if size and any([t.word for t in tokens[i : i + size]] == list(wording.phrase) for i in range(len(tokens))):
            return True
        if not size and any(token.term in wording.terms for token in tokens):
            return True
    return False


def _day(article: Article) -> str | None:
    return article.published[:10] if article.published is not None else None


def _first(scores: np.ndarray, rows: Sequence[int], k: int) -> list[int]:
    return sorted(rows, key=lambda n: (-scores[n], n))[:k]
