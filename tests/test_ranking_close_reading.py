"""Among the best passages, those that say most of a query in one sentence come first."""

from pathlib import Path

import numpy as np
import pytest

from index import Index, load_encoder
from index.encoders.load import embedded
from index.ingest import ingest
from index.ports import Candidates
from index.types import LANGUAGES, Concept
from search import Engine
from search.ranking.close_reading import (
    Reader,
    Text,
    _sentences,
    sentence_coverage,
    sentence_similarity,
    word_similarity,
)
from search.ranking.fusion import Weights, refine
from search.types import Mode

ENGLISH, ARABIC = (LANGUAGES.index(language) for language in ("en", "ar"))

TOGETHER = "The minister opened a school in the valley. Rain is expected. Fishermen stayed at home, the harbour said."
APART = "The minister stayed at home. A school is expected to close. The harbour said that fishermen opened the valley."


def texts_of(*passages: list[str]) -> list[Text]:
    return Reader(embedded()).texts(passages)


def found(idf: list[list[float]], languages: list[int]) -> Candidates:
    """As many candidates as there are languages, with the rarity of each concept in English and in Arabic."""
    numbers = np.arange(len(languages))
    return Candidates(numbers, numbers, np.array(languages, np.int8), None, None, None, np.array(idf, np.float32))


def concept(*terms: tuple[str, float]) -> Concept:
    return Concept(terms)


def test_the_title_is_a_sentence_and_a_text_without_any_is_one() -> None:
    assert _sentences("Rain", "It rained. It stopped.") == ["Rain", "It rained.", "It stopped."]
    assert _sentences("", "") == [""]


def test_words_count_by_their_weight_in_the_sentence_that_has_the_most() -> None:
    asked = [concept(("rain", 1.0)), concept(("school", 1.0))]
    passages = texts_of(["rain", "a school"], ["rain over the school"], ["wheat"])
    shares = sentence_coverage(asked, found([[1, 3], [0, 0]], [ENGLISH] * 3), passages)
    assert shares.tolist() == [0.75, 1.0, 0.0]


def test_a_translation_counts_by_its_probability() -> None:
    asked = [concept(("school", 1.0), ("مدرسه", 0.5))]
    passages = texts_of(["مدرسة قديمة"], ["مدرسة school"])
    shares = sentence_coverage(asked, found([[1], [1]], [ARABIC, ARABIC]), passages)
    np.testing.assert_allclose(shares, [0.5, 1.0])


def test_no_word_of_the_passage_s_language_says_nothing() -> None:
    asked = [concept(("school", 1.0))]
    assert sentence_coverage(asked, found([[0], [0]], [ENGLISH]), texts_of(["school"])).tolist() == [0.0]


def test_the_nearest_sentence_stands_for_its_passage() -> None:
    encoder = embedded()
    query = "a new school was opened"
    vector = encoder.encode_queries([query])[0]
    passages = texts_of(["Rain fell on the harbour.", query], ["Rain fell on the harbour."])
    cosines = sentence_similarity(vector, passages)
    assert cosines.dtype == np.float32
    assert cosines[0] == pytest.approx(1.0, abs=1e-5)
    assert cosines[1] < cosines[0]
    assert len(sentence_similarity(vector, [])) == 0


def test_a_function_word_is_said_in_its_own_language_alone() -> None:
    concepts = [Concept((("the", 1.0), ("هذا", 0.5)), function=True), Concept((("rain", 1.0), ("مطر", 1.0)))]
    read = texts_of(["The rain."], ["The مطر."], ["هذا مطر."])
    shares = sentence_coverage(concepts, found([[1, 1], [1, 1]], [ENGLISH, ARABIC, ARABIC]), read)
    assert shares.tolist() == [1.0, 0.5, 0.75]


def test_each_word_of_a_query_counts_by_the_nearest_word_of_a_passage_in_either_language() -> None:
    encoder = embedded()
    passages = texts_of(["A school.", "Rain fell."], ["مدرسة"], ["Rain fell on the harbour."], [""])
    likeness = word_similarity("school", passages, encoder)
    assert likeness.dtype == np.float32
    assert likeness[0] == pytest.approx(1.0, abs=1e-5)
    assert 1 > likeness[1] > likeness[2] >= likeness[3] == 0
    assert word_similarity("school", [], encoder).tolist() == []
    assert word_similarity("\u2603", passages, encoder).tolist() == [0, 0, 0, 0]  # no word that is known


def test_a_word_that_adds_more_to_the_vector_of_the_query_counts_more() -> None:
    encoder = embedded()
    alone, little = encoder.encode(["school", "the"])
    both = encoder.encode(["the school"])[0]
    shares = word_similarity("the school", texts_of(["school"], ["the"]), encoder)
    assert both @ alone > both @ little
    assert shares[0] > shares[1]


def test_what_was_not_read_keeps_its_order_and_stays_below() -> None:
    first = np.array([0.9, 0.8, 0.7, 0.6], np.float32)
    said = np.array([0.0, 1.0], np.float32)
    values = refine(first, {"semantic": said, "lexical": said}, np.ones(4, np.bool_), Weights())
    assert values[1] > values[0] >= values[2] > values[3] >= 0


def test_an_unread_ranking_is_left_as_it_is() -> None:
    first = np.array([0.9, 0.8], np.float32)
    np.testing.assert_array_equal(refine(first, {}, np.ones(2, np.bool_), Weights()), first)
    none = np.zeros(0, np.float32)
    assert len(refine(none, {"words": none}, np.zeros(0, np.bool_), Weights())) == 0


@pytest.mark.parametrize("mode", [Mode.HYBRID, Mode.LEXICAL])
def test_words_in_one_sentence_rank_above_the_same_words_apart(tmp_path: Path, mode: Mode) -> None:
    source = tmp_path / "articles"
    source.mkdir()
    (source / "apart.txt").write_text(APART, "utf-8")
    (source / "together.txt").write_text(TOGETHER, "utf-8")
    encoder = load_encoder()
    index = Index.create(tmp_path / "index", encoder)
    ingest(index, [str(source)], encoder)
    hits = Engine(index, encoder).search("minister opened school valley", mode=mode).hits
    assert [Path(hit.article.path or "").stem for hit in hits] == ["together", "apart"]
