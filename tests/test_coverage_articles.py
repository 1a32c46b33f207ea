"""Articles that are compared stay in the store until they are read side by side, and are those of one moment."""

import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import CORPUS

from index import Index, load_encoder
from index.errors import StorageError
from index.ingest import ingest
from index.local.view import LocalView
from index.publication import published_order
from search.coverage import Collection, articles, collection, retellings
from search.coverage.articles import Articles
from search.types import Tier


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    made = Index.create(tmp_path / "index", load_encoder())
    ingest(made, [str(CORPUS / "corpus.jsonl")], load_encoder())
    yield made
    made.close()


def told(index: Index) -> tuple[Any, ...]:
    with index.reading():
        found = Collection.of(index)
        return found.links(frozenset(Tier)), found.altered(), found.stories()


def test_they_are_a_list_in_order_of_publication(index: Index) -> None:
    found = Collection.of(index).articles
    stored = sorted((article for _, article in index.articles()), key=published_order)
    assert list(found) == stored
    assert found[3] == stored[3]
    assert found[-2:] == stored[-2:]
    assert found.several([5, 2, 5]) == [stored[5], stored[2], stored[5]]
    assert list(found.take([4, 1]) + stored[:1]) == [stored[4], stored[1], stored[0]]
    assert found.named([stored[7].id, stored[2].id, "unknown"]) == [stored[2], stored[7]]
    with pytest.raises(IndexError):
        found[len(stored)]


def test_what_is_known_of_them_unread_is_what_they_say(index: Index) -> None:
    found = Collection.of(index).articles
    known, said = found.heads, Articles.of(list(found)).heads
    for name in known.__slots__:
        assert getattr(known, name).tolist() == getattr(said, name).tolist()
    assert known.in_order().tolist() == list(range(len(found)))
    assert known.take(np.array([2, 0])).ids.tolist() == [found[2].id, found[0].id]


def test_few_are_read_at_once_and_what_is_found_is_the_same(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = told(index)
    (index.path / "links").unlink()
    read: list[int] = []
    real = LocalView.articles
    monkeypatch.setattr(LocalView, "articles", lambda view, some: (read.append(len(some)), real(view, some))[1])
    for module in (articles, collection):
        monkeypatch.setattr(module, "AT_ONCE", 8)
    assert told(index) == expected
    assert sum(size > 8 for size in read) < len(read) / 4  # pairs are read together, and the articles of one affair


def test_a_block_sees_one_moment_and_without_it_a_change_is_said(index: Index) -> None:
    with index.reading():
        found = Collection.of(index)
        first = found.articles[0]
        other = Index.open(index.path)
        with other.writing() as writer:
            writer.remove([first.id])
        assert found.articles[0] == first
    with pytest.raises(StorageError, match="changed while its articles were compared"):
        list(found.articles)


def test_vectors_are_not_read_for_copies(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> Sequence[Any]:
        raise AssertionError

    monkeypatch.setattr(LocalView, "profiles", never)
    assert Collection.of(index).groups(frozenset((Tier.EXACT, Tier.NEAR, Tier.CONTAINED)))


def test_vectors_are_let_go_when_it_is_known_which_articles_are_near(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[weakref.ref[Any]] = []
    alive: list[bool] = []
    read, count = Articles.vectors, retellings._told_by_numbers

    def watched(some: Articles) -> Any:
        vectors = read(some)
        held.append(weakref.ref(vectors))
        return vectors

    def counting(*given: Any) -> Any:
        alive.extend(one() is not None for one in held)
        return count(*given)

    monkeypatch.setattr(Articles, "vectors", watched)
    monkeypatch.setattr(retellings, "_told_by_numbers", counting)
    monkeypatch.setattr(collection, "MANY", 0)
    assert Collection.of(index).links()
    assert alive == [False]
