"""The lexical index counts words, within and across languages, the same however it was put together."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.local import bm25
from index.local.bm25 import ABSENT, K1, MANY, B, Lexicon, Ranking
from index.local.merging import merge_postings
from index.local.postings import Postings
from index.text import NameIndex, analysed, terms
from index.text.packed import Strings
from index.types import Concept

PASSAGES = [
    "The minister opened the new school",
    "افتتح الوزير المدرسة الجديدة",  # the minister opened the new school
    "School, school, and school again",
    "زار الرئيس المدارس",  # the president visited the schools
    "Rain fell on the harbour",
]


def entries(surfaces: Sequence[str]) -> np.ndarray:
    return np.array([ord(s[0]) for s in surfaces], np.int32)


def build(passages: Sequence[str]) -> Postings:
    return Postings.build(analysed(passages), entries)


def word(text: str) -> Concept:
    (term,) = terms(text)
    return Concept(((term, 1.0),))


def scores(segments: Sequence[Postings], concepts: Sequence[Concept]) -> np.ndarray:
    lexicon = Lexicon(segments)
    return Ranking(lexicon, concepts).scores(np.arange(len(lexicon)))


def idf_of(segments: Sequence[Postings], concepts: Sequence[Concept]) -> np.ndarray:
    return Ranking(Lexicon(segments), concepts).idf


def merged(parts: Sequence[Postings], keep: Sequence[np.ndarray], folder: Path) -> Postings:
    folder.mkdir()
    merge_postings(folder, parts, [NameIndex.build(part.surfaces) for part in parts], keep, [])
    return Postings.open(folder)


def test_a_passage_that_says_a_word_more_often_scores_higher_and_one_without_it_scores_nothing() -> None:
    found = scores([build(PASSAGES)], [word("school")])
    assert found[2] > found[0] > 0
    assert not found[[1, 3, 4]].any()


def test_a_plural_is_found_by_its_singular() -> None:
    found = scores([build(PASSAGES)], [word("مدرسة")])  # school; the passages say "the school" and "the schools"
    assert found[1] > 0
    assert found[3] > 0


def test_the_score_is_bm25_as_a_share_of_the_most_it_could_be() -> None:
    postings = build(["flood flood warning", "flood", "calm sea today", "calm"])
    n, length, average = 4, 3, 8 / 4

    def bm25(tf: int, df: int) -> float:
        idf = np.log(1 + (n - df + 0.5) / (df + 0.5))
        return idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average))

    ideal = sum(np.log(1 + (n - df + 0.5) / (df + 0.5)) * (K1 + 1) for df in (2, 1))
    found = scores([postings], [word("flood"), word("warning")])
    assert found[0] == pytest.approx((bm25(2, 2) + bm25(1, 1)) / ideal, rel=1e-5)


def test_translations_share_one_expected_frequency() -> None:
    """A rare wrong translation must not win by its rarity: frequencies are added up before the statistics are taken."""
    postings = build(["البنك المركزي", "البنك الدولي", "ضفة النهر", "المطر غزير"])  # bank, bank, river bank, rain
    bank, shore = terms("البنك")[0], terms("ضفة")[0]
    both = scores([postings], [Concept(((bank, 0.9), (shore, 0.1)))])
    assert both[0] > both[2] > 0
    rare_alone = scores([postings], [Concept(((shore, 1.0),))])
    assert rare_alone[2] > both[0]


def test_a_rare_word_weighs_more_than_a_common_one_and_one_that_no_passage_has_nothing() -> None:
    idf = idf_of([build(["flood warning", "flood", "calm"])], [word("flood"), word("warning"), word("مدرسة")])
    assert idf[0][1] > idf[0][0] > 0
    assert idf[0][2] == 0
    assert not idf[1].any()


def test_a_passage_that_says_everything_again_and_again_scores_nearly_one() -> None:
    assert scores([build(["flood warning " * 60, "calm sea"])], [word("flood"), word("warning")])[0] > 0.95


def test_each_language_has_its_own_statistics() -> None:
    few = build(["سوق القمح", "wheat market"])
    many = build(["سوق القمح", "wheat market", "steel market", "stock market", "open market"])
    arabic = [word("القمح")]
    assert scores([few], arabic)[0] == pytest.approx(scores([many], arabic)[0])


def test_a_word_is_as_rare_in_a_language_as_all_that_express_it_there() -> None:
    passages = ["مدرسة قديمة في المدينة"] * 20 + ["زار الوزير القرية"] * 20  # an old school; the minister's visit
    passages += ["شارك الممثل في فيلم عن القرية، School of Rock"]  # the actor was in a film
    school = Concept((("school", 1.0), ("مدرسه", 0.9)))
    found, idf = scores([build(passages)], [school]), idf_of([build(passages)], [school])
    assert idf[1][0] == pytest.approx(np.log(1 + (41 - 19 + 0.5) / (19 + 0.5)))
    assert idf[0][0] == 0
    assert found[40] < 1.2 * found[0]  # the English word is rare, but what it means is not


def test_a_function_word_counts_in_its_own_language_alone() -> None:
    the = Concept((("the", 1.0),), function=True)
    arabic = "شارك الممثل في فيلم جديد عنوانه The Name of the Rose"  # the actor was in a new film, of this title
    found = scores([build(["The Name of the Rose", arabic])], [the])
    assert found[0] > 0
    assert found[1] == 0


def test_few_passages_of_a_language_are_blamed_for_what_none_of_them_says() -> None:
    english = ["A list of codes, 1980"] + 11 * ["A list of other codes"]
    # the price of wheat; the minister opened a school; the president visited the village; fishermen came home
    arabic = ["سعر القمح في السوق", "افتتح الوزير مدرسة", "زار الرئيس القرية", "عاد الصيادون إلى الميناء"]
    asked = ["القمح", "الوزير", "مدرسة", "الرئيس", "القرية", "الميناء", "1980"]
    found = scores([build(english + 60 * arabic)], [*map(word, asked)])
    assert found[0] < found[12]  # one word each, of which the year is the rarer one


def dense(passages: Sequence[Counter[str]], concepts: Sequence[Concept]) -> np.ndarray:
    """The scores of all passages by the formula, one at a time; every term is English."""
    sizes = [sum(counts.values()) for counts in passages]
    n, average = len(passages), sum(sizes) / len(passages)
    scores, ideal = np.zeros(n), 0.0
    for concept in concepts:
        frequencies = [sum(p * counts[term] for term, p in concept.terms) for counts in passages]
        df = sum(p * sum(term in counts for counts in passages) for term, p in concept.terms)
        idf = np.log1p((max(n - df, 0) + 0.5) / (df + 0.5))
        ideal += idf * (1 if df else 0 if concept.function else 1 - (1 - ABSENT) * n / (n + MANY))
        if df:
            scores += [idf * f / (f + K1 * (1 - B + B * s / average)) for f, s in zip(frequencies, sizes, strict=True)]
    return np.minimum(scores / (ideal + 1e-9), 1)


COMMON, RARE = [f"common{i}" for i in range(4)], [f"rare{i}" for i in range(30)]


@st.composite
def collections(draw: st.DrawFn) -> tuple[list[list[str]], list[Concept]]:
    """Passages in which some words are common and most are rare, and a question of both."""
    chance = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    passages = [
        [*chance.choice(COMMON, chance.integers(1, 12)), *chance.choice(RARE, chance.integers(0, 4))]
        for _ in range(draw(st.integers(5, 90)))
    ]
    asked = draw(st.lists(st.lists(st.sampled_from(COMMON + RARE), min_size=1, max_size=3, unique=True), max_size=6))
    chances = st.sampled_from([0.2, 0.5, 1.0])
    concepts = [Concept(tuple((term, draw(chances)) for term in terms_), draw(st.booleans())) for terms_ in asked]
    return passages, concepts


@given(collections(), st.integers(1, 12), st.sampled_from([1, 2, 9]), st.integers(1, 3), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_best_passages_are_those_of_the_dense_scorer(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    made: tuple[list[list[str]], list[Concept]],
    k: int,
    share: int,
    parts: int,
    data: st.DataObject,
) -> None:
    """Whatever is left out on the way: with filters, in several segments, in chunks of few rows, joined or not."""
    monkeypatch.setattr("index.local.postings.CHUNK", 16)
    monkeypatch.setattr("index.local.postings.SEVERAL", data.draw(st.sampled_from([0, 8, 1000])))
    monkeypatch.setattr("index.local.merging.POSTINGS_AT_ONCE", 50)
    monkeypatch.setattr(bm25, "LOOKED_UP", data.draw(st.sampled_from([0, 1, 1000])))
    monkeypatch.setattr(bm25, "POOL", data.draw(st.sampled_from([5, 1000])))
    passages, concepts = made
    segments = [
        build([" ".join(passage) for passage in part])
        for part in np.array_split(np.array(passages, object), parts)
        if len(part)
    ]
    if data.draw(st.booleans()):
        folder = tmp_path_factory.mktemp("merged") / "segment"
        segments = [merged(segments, [np.ones(len(part.lengths), bool) for part in segments], folder)]
    allowed = np.arange(len(passages)) % share == 0
    expected = dense([Counter(part) for part in passages], concepts)
    ranking = Ranking(Lexicon(segments), concepts)
    found = ranking.best(k, allowed)
    candidates = np.flatnonzero(allowed & (expected > 0))
    np.testing.assert_allclose(expected[found], np.sort(expected[candidates])[::-1][:k], atol=1e-5)
    assert allowed[found].all()
    assert len(set(found.tolist())) == len(found)
    np.testing.assert_allclose(ranking.scores(np.arange(len(passages))), expected, atol=1e-5)
    fewer = allowed.copy()
    fewer[found[:1]] = False  # as when the text of an article does not hold a phrase
    candidates = np.flatnonzero(fewer & (expected > 0))
    np.testing.assert_allclose(expected[ranking.best(k, fewer)], np.sort(expected[candidates])[::-1][:k], atol=1e-5)


def test_words_that_tell_little_are_looked_up_only_in_the_passages_that_the_others_found() -> None:
    passages = [["the", "of", "ferry", "sank"] if i % 50 == 0 else ["the", "of", f"word{i % 7}"] for i in range(2000)]
    ranking = Ranking(
        Lexicon([build([" ".join(passage) for passage in passages])]), [*map(word, ["ferry", "sank", "the", "of"])]
    )
    assert sorted(ranking.best(20, np.ones(2000, bool))) == list(range(0, 1000, 50))
    assert ranking.added == 2


@given(st.lists(st.sampled_from(PASSAGES), min_size=1, max_size=8), st.data())
@settings(max_examples=50, deadline=None)
def test_segments_score_like_one_index_and_so_does_their_merge(
    tmp_path_factory: pytest.TempPathFactory, passages: list[str], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(passages)))
    parts = [build(p) for p in (passages[:cut], passages[cut:]) if p]
    concepts = [word("school"), word("الوزير"), word("harbour")]
    whole = scores([build(passages)], concepts)
    np.testing.assert_allclose(scores(parts, concepts), whole, rtol=1e-5)
    folder = tmp_path_factory.mktemp("merged") / "segment"
    joined = merged(parts, [np.ones(len(p.lengths), bool) for p in parts], folder)
    np.testing.assert_allclose(scores([joined], concepts), whole, rtol=1e-5)


@given(st.lists(st.sampled_from(PASSAGES), min_size=2, max_size=8), st.data())
@settings(max_examples=50, deadline=None)
def test_a_merge_without_some_rows_is_an_index_that_never_held_them(
    tmp_path_factory: pytest.TempPathFactory, passages: list[str], data: st.DataObject
) -> None:
    alive = data.draw(st.lists(st.booleans(), min_size=len(passages), max_size=len(passages)).filter(any))
    joined = merged([build(passages)], [np.array(alive)], tmp_path_factory.mktemp("merged") / "segment")
    fresh = build([p for p, kept in zip(passages, alive, strict=True) if kept])
    assert list(joined.vocabulary) == list(fresh.vocabulary)
    for name in set(Postings.ARRAYS) - {"entries"}:  # the commonest form of a word may come from a row that is gone
        np.testing.assert_array_equal(getattr(joined, name), getattr(fresh, name), err_msg=name)


def test_a_saved_index_opens_as_it_was(tmp_path: Path) -> None:
    postings = build(PASSAGES)
    postings.save(tmp_path)
    opened = Postings.open(tmp_path)
    assert list(opened.vocabulary) == list(postings.vocabulary)
    assert opened.numbers("ar") == postings.numbers("ar")
    concepts = [word("school"), word("الوزير")]
    np.testing.assert_array_equal(scores([opened], concepts), scores([postings], concepts))


@given(st.lists(st.text()))
def test_packed_strings_come_out_as_they_went_in(strings: list[str]) -> None:
    packed = Strings.pack(strings)
    assert list(packed) == strings
    assert packed[1:] == strings[1:]
