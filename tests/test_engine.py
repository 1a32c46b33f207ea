"""The engine asks its store for whole answers in few trips, and no step reads more of a query than is searched for."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from test_engine_search import engine_over

from index import Index, load_encoder
from index.encoders import StaticEncoder
from index.errors import InputError
from index.types import Filters, Tokens, Vectors
from search import Engine
from search.query.parsing import MOST_CHARACTERS
from search.ranker import READ
from search.types import Mode


class Recording(StaticEncoder):
    """The embedded encoder, which notes the length of the longest query it was given."""

    longest = 0

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.longest = max(self.longest, *map(len, texts))
        return super().encode_queries(texts)

    def query_tokens(self, queries: Sequence[str]) -> Tokens:
        self.longest = max(self.longest, *map(len, queries))
        return super().query_tokens(queries)


@pytest.mark.parametrize("query", ["ferry fire " * 95_000, "x" * 1_000_000, "حريق" * 250_000])
def test_no_step_of_a_search_reads_more_of_a_query_than_its_bound(corpus_index: Index, query: str) -> None:
    encoder = Recording()
    answer = Engine(corpus_index, encoder).search(query)
    assert answer.cut
    assert answer.query == query[: len(answer.query)]
    assert 0 < encoder.longest <= MOST_CHARACTERS


def test_a_query_without_words_is_refused_however_long(corpus_index: Index) -> None:
    with pytest.raises(InputError, match="no words"):
        Engine(corpus_index).search("( " * 500_000)


@pytest.mark.parametrize("k", [1, 10, 50])
def test_passages_and_articles_come_in_one_trip_each(corpus_index: Index, k: int) -> None:
    engine = Engine(corpus_index)
    engine.search("fire on the ferry", k)  # the view is loaded
    asked: list[str] = []
    corpus_index._db.set_trace_callback(asked.append)
    try:
        assert len(engine.search("wheat prices in the region", k).hits) == k
    finally:
        corpus_index._db.set_trace_callback(None)
    selects = [query for query in asked if "FROM passages" in query or "FROM articles" in query]
    trips = "the passages read closely, fingerprints, what may be copies, the articles shown"
    if k > READ:
        trips += ", the passages shown that were not read"
    assert len(selects) == len(trips.split(", "))


def test_passages_read_before_are_not_read_again(corpus_index: Index) -> None:
    engine = Engine(corpus_index)
    first = engine.search("fire on the ferry")
    asked: list[str] = []
    corpus_index._db.set_trace_callback(asked.append)
    try:
        assert engine.search("fire on the ferry").hits == first.hits
    finally:
        corpus_index._db.set_trace_callback(None)
    selects = [query for query in asked if "FROM passages" in query or "FROM articles" in query]
    trips = "fingerprints, what may be copies, the articles shown"
    assert len(selects) == len(trips.split(", "))


@pytest.mark.parametrize(
    ("name", "value"),
    [("language", "AR"), ("language", "arabic!"), ("since", "garbage"), ("until", "2025-02-30"), ("since", "20250201")],
)
def test_filters_that_can_match_nothing_are_refused_by_value(name: str, value: str) -> None:
    with pytest.raises(InputError, match=value):
        Filters(**{name: value})


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InputError, match="2025-02-01"):
        Filters(since="2025-02-01", until="2025-01-01")


@pytest.mark.parametrize("wanted", [{"k": -1}, {"k": 0}, {"k": 10**9}, {"min_score": 2.0}, {"diversity": -0.1}])
def test_numbers_out_of_range_are_refused_by_value(corpus_index: Index, wanted: dict[str, float]) -> None:
    with pytest.raises(InputError, match=str(next(iter(wanted.values())))):
        Engine(corpus_index).search("ferry", **wanted)  # type: ignore[arg-type]


def test_where_every_passage_is_a_copy_of_the_query_rounding_decides_nothing(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, {str(i): ("The ferry burned.", "en") for i in range(5)})
    scores = [hit.score for hit in engine.search("The ferry burned.", mode=Mode.SEMANTIC).hits]
    assert max(scores) - min(scores) < 0.05


def test_an_engine_loads_the_encoder_of_its_index(corpus_index: Index) -> None:
    assert Engine(corpus_index).encoder.hash == load_encoder().hash
