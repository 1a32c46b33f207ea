"""The second step of training: dialect words, what becomes of old vectors, and how Arabic is typed in Latin letters."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import tiny
from safetensors.numpy import save_file

from index.text.arabizi import BEGIN, END, WITHIN
from training import alignment, arabizi, data

pytestmark = tiny.WITH_MODELS


def ragged(*texts: list[int]):  # type: ignore[no-untyped-def]
    from training.train import Ragged

    return Ragged(np.concatenate(texts).astype(np.int32), np.cumsum([0, *map(len, texts)]))


def test_an_old_vector_moves_by_the_share_of_dialect_in_its_texts_and_a_new_one_freely() -> None:
    from training.dialects import STANDARD, Texts, steps

    left, right = ragged([0], [0], [1]), ragged([2], [3], [3])
    texts = Texts(left, right, np.zeros(3, np.int64), np.ones(3), np.array([True, False, False]))
    free, dialect = steps(texts, rows=5, known=4)
    assert free == pytest.approx([1 / (1 + STANDARD), 0, 1, 0, 1], abs=1e-5)
    assert dialect.tolist() == [1, 0, 1, 0, 0]


def test_a_new_word_starts_where_the_words_are_that_it_is_paired_with() -> None:
    import torch

    from training.dialects import LENGTH, NOISE, Texts, first_vectors

    known = torch.eye(4)
    pairs = ragged([0, 1], [3]), ragged([4], [5, 2])
    texts = Texts(*pairs, np.zeros(2, np.int64), np.ones(2), np.ones(2, bool))
    first = first_vectors(texts, known, new=2, seed=1) / (LENGTH * 2)
    assert first.tolist() == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0, 0], [0, 0, 0, 1]]), abs=20 * NOISE)


def test_the_commonest_new_words_keep_vectors_and_others_take_the_nearest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    from training import dialects

    monkeypatch.setattr(dialects, "OWN", 1)
    table = torch.tensor([[9.0, 9.0], [1.0, 0.0], [0.0, 1.0], [0.9, 0.1], [0.6, 0.6]])
    small, places = dialects.shared(table, np.array([0, 0, 0, 2, 7], np.float32), known=3)
    assert small.tolist() == table[[0, 1, 2, 4]].tolist()
    assert places.tolist() == [0, 1, 2, 1, 3]


def test_a_word_is_learned_that_is_met_twice_or_alone_and_reads_as_nothing_known() -> None:
    from index.encoders.words import readings
    from training.dialects import words_to_learn
    from training.tokenizer import learn

    counts = Counter({"كتاب": 20, "book": 20})
    vocabulary = learn(counts, Counter(), rows=500, pieces=20)
    known, read = vocabulary.tokenizer, readings(vocabulary.tokenizer.token_to_id, vocabulary.rarity)
    texts = ["زوين", "وكتابها", "بزاف ديال ناس", "بزاف هنا اليوم"]
    corpus = data.Corpus(right=texts, counts=Counter(word for text in texts for word in text.split()))
    assert words_to_learn(corpus, known, read) == ["بزاف", "زوين"]


def test_the_lexicon_takes_words_that_it_lacks_and_keeps_the_others_as_they_were(tmp_path: Path) -> None:
    from search.query.dictionary import Dictionary

    links = np.array([0 * 2 + 0, 1 * 2 + 1])  # house: بيت, road: طريق
    old = alignment.table(np.array([9.0, 9.0]), links, ["house", "road"], ["بيت", "طريق"])
    links = np.array([0 * 2 + 0, 1 * 2 + 1, 2 * 2 + 1])
    heard = np.array([9.0, 9.0, 9.0])
    save_file(alignment.extended(old, heard, links, ["road", "house", "hut"], ["بيت", "حوش"]), tmp_path / "lexicon")
    dictionary = Dictionary(tmp_path / "lexicon")
    assert dictionary.translations("حوش") == {"house": 1}
    assert dictionary.translations("بيت") == {"house": 1}
    assert dictionary.translations("house") == {"بيت": 1}
    assert dictionary.translations("road") == {"طريق": 1}


def test_what_latin_letters_stand_for_is_learned_from_words_in_both_scripts() -> None:
    words = [("saba7", "صباح"), ("sabr", "صبر"), ("kbir", "كبير"), ("fa7m", "فحم"), ("7ar", "حار"), ("rsas", "رصاص")]
    allowed = {"s": ["س", "ص"], "a": ["", "ا"], "i": ["", "ي"], "7": ["ح", "خ"]} | {
        latin: [arabic] for latin, arabic in zip("bkrfm", "بكرفم", strict=True)
    }
    chances = arabizi.learned(words, allowed)
    assert chances["7", WITHIN]["ح"] > 0.9
    assert chances["7", END]["ح"] > 0.9
    assert chances["s", BEGIN]["ص"] > 0.9
    assert 0.2 < chances["a", WITHIN]["ا"] < 0.8
