"""The embedded model, as it is shipped: what its vectors know, and the promises of its format."""

import hashlib
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.encoders.load import embedded, load_encoder
from index.encoders.static import EMBEDDED, POOLING, StaticEncoder
from index.errors import ModelUnavailable
from index.types import Vectors

ENCODER = load_encoder()
needs_extra = pytest.mark.skipif(find_spec("sentence_transformers") is None, reason="the extra `models` is absent")


def likeness(one: str, other: str) -> float:
    a, b = ENCODER.encode_passages([one, other])
    return float(a @ b)


@pytest.mark.parametrize(
    ("text", "same", "different"),
    [
        # "The central bank raised interest rates" / "the team won the cup final"
        ("رفع البنك المركزي أسعار الفائدة", "The central bank raised interest rates", "The team won the cup final"),
        ("فاز الفريق بنهائي الكأس", "The team won the cup final", "The central bank raised interest rates"),
        # "An earthquake struck the coast" / "Elections for parliament next month"
        ("ضرب زلزال قوي الساحل", "A strong earthquake hit the coast", "Parliamentary elections are next month"),
        (
            "الانتخابات البرلمانية الشهر المقبل",
            "Parliamentary elections next month",
            "A strong earthquake hit the coast",
        ),
        # "Doctors warn of a new wave of the virus"
        (
            "الأطباء يحذرون من موجة جديدة للفيروس",
            "Doctors warn of a new wave of the virus",
            "Oil prices fell on Monday",
        ),
        ("تراجعت أسعار النفط يوم الاثنين", "Oil prices fell on Monday", "Doctors warn of a new wave of the virus"),
    ],
)
def test_a_sentence_is_nearer_to_its_translation_than_to_another_subject(text: str, same: str, different: str) -> None:
    assert likeness(text, same) > likeness(text, different) + 0.2


@pytest.mark.parametrize(
    ("headline", "lead", "other"),
    [
        (
            "Ministers agree on fishing quotas",
            "After a night of talks in the capital, governments settled how much cod and herring boats may catch.",
            "The singer announced a tour of twelve cities, her first since the birth of her son.",
        ),
        (
            "اتفاق على حصص المياه بين البلدين",  # agreement on shares of water between the two countries
            "بعد مفاوضات طويلة وقع الوزيران على تقاسم مياه النهر والسدود",  # the ministers signed on sharing the river
            "أعلنت المطربة عن جولة غنائية في اثنتي عشرة مدينة",  # the singer announced a tour
        ),
    ],
)
def test_a_headline_is_nearer_to_its_own_story(headline: str, lead: str, other: str) -> None:
    assert likeness(headline, lead) > likeness(headline, other) + 0.1


@pytest.mark.parametrize(
    ("arabic", "english", "wrong"),
    [
        ("حكومة", "government", "football"),
        ("مستشفى", "hospital", "airport"),
        ("حرب", "war", "music"),
        ("اقتصاد", "economy", "weather"),
        ("القاهرة", "Cairo", "London"),
    ],
)
def test_single_words_find_their_translation(arabic: str, english: str, wrong: str) -> None:
    assert likeness(arabic, english) > likeness(arabic, wrong) + 0.2


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("أردوغان في القِمّة", "اردوغان في القمه"),  # Erdogan at the summit: hamza, vowel marks, teh marbuta
        ("مستشفى الأطفال", "مستشفي الاطفال"),  # children's hospital: the Egyptian final yeh
        ("عام ٢٠٢٤", "عام 2024"),  # the year 2024: digits
        ("جـمـيـل", "جميل"),  # beautiful: stretched letters
        ("PARIS, Café!", "paris cafe"),
    ],
)
def test_spelling_habits_make_no_difference(written: str, typed: str) -> None:
    assert likeness(written, typed) == pytest.approx(1, abs=1e-5)


@given(st.lists(st.text(max_size=60), max_size=8))
def test_every_row_is_of_unit_length_or_zero(texts: list[str]) -> None:
    vectors = ENCODER.encode_passages(texts)
    assert vectors.shape == (len(texts), ENCODER.dim)
    assert vectors.dtype == np.float32
    norms = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(norms - 1) < 1e-5) | (norms == 0))


@pytest.mark.parametrize("nothing", ["", "   ", "؟!، …", "\u200f\u0640"])
def test_a_text_without_words_is_a_zero_row(nothing: str) -> None:
    assert not ENCODER.encode_queries([nothing]).any()


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    texts = [f"report {i} من الميدان" for i in range(600)] + [""]  # from the field
    together = ENCODER.encode_passages(texts)
    assert np.allclose(
        together[[0, 300, 599, 600]], [ENCODER.encode_queries([texts[i]])[0] for i in (0, 300, 599, 600)]
    )


def test_the_stored_hash_is_that_of_the_files_and_of_the_way_to_average() -> None:
    digest = hashlib.sha256(POOLING.encode())
    for name in ("model.safetensors", "tokenizer.json"):
        digest.update((EMBEDDED / name).read_bytes())
    assert ENCODER.hash == json.loads((EMBEDDED / "encoder.json").read_text())["hash"] == digest.hexdigest()[:16]


def test_the_model_stays_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in EMBEDDED.rglob("*") if path.is_file()) <= 36_000_000


def test_the_embedded_model_needs_no_torch() -> None:
    code = (
        "import sys; from index.encoders import load_encoder; load_encoder().encode_queries(['خبر']); "
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'faiss') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def summed(text: str) -> Vectors:
    """The sum of the vectors of the words, their forms left out."""
    tokens = ENCODER.tokens([text])
    words = slice(tokens.words[0])
    vectors: Vectors = (tokens.scales * ENCODER.lengths(tokens.entries))[words] @ ENCODER.vectors(tokens.entries[words])
    return vectors


def test_what_a_text_says_again_and_again_counts_more_but_does_not_drown_the_rest() -> None:
    texts = ["القمح and storm", "القمح القمح القمح القمح and storm"]
    wheat = ENCODER.vectors(ENCODER.entries(["القمح"]))[0]
    once, often = ENCODER.encode(texts) @ wheat
    plain = [summed(text) for text in texts]
    assert once < often < plain[1] @ wheat / np.linalg.norm(plain[1])
    assert ENCODER.encode(["القمح القمح"])[0] == pytest.approx(wheat, abs=1e-6)


def test_the_form_of_a_word_tells_whose_dog_it_is() -> None:
    his, mine = ENCODER.encode(["هذا كلبه", "هذا كلبي"])
    entries = ENCODER.entries(["كلبه", "كلبي"])
    assert entries[0] == entries[1]  # one word, one vector
    assert his @ mine < 0.99
    (whose,) = ENCODER.encode(["this is his dog"])
    assert whose @ his > whose @ mine


def test_a_question_is_not_its_answer_but_a_query_is_read_without_its_mark() -> None:
    asked, said = ENCODER.encode(["هل أنت متعب؟", "هل أنت متعب"])
    assert asked @ said < 0.99
    assert ENCODER.encode_queries(["هل أنت متعب؟"])[0] == pytest.approx(said, abs=1e-6)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["storm", "storms", "القمح", "the", "zzqx", "wheat", "漢字"]), max_size=8))
def test_vectors_are_of_unit_length_and_of_tokens_in_any_order(words: list[str]) -> None:
    forth, back = ENCODER.encode([" ".join(words), " ".join(reversed(words))])
    assert forth == pytest.approx(back, abs=1e-5)
    assert float(forth @ forth) == pytest.approx(1, abs=1e-5) or not forth.any()


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from(["storm", "كلبه", "القمح", "the", "zzqx"]), max_size=40), max_size=30))
def test_a_text_has_the_same_vector_whatever_others_it_is_encoded_with(texts: list[list[str]]) -> None:
    written = [" ".join(words) for words in texts]
    together = ENCODER.encode(written)
    assert all((ENCODER.encode([text])[0] == vector).all() for text, vector in zip(written, together, strict=True))


def test_no_texts_have_no_tokens_and_an_unknown_word_no_entry() -> None:
    assert [len(part) for part in ENCODER.tokens([])] == [0, 0, 0, 0]
    assert ENCODER.encode([]).shape == (0, ENCODER.dim)
    known, unknown, several, none = ENCODER.entries(["storm", "漢", "zzqxv kwyt", ""])
    assert known >= 0 > unknown == several == none


@needs_extra
def test_sentence_transformers_reads_the_folder_as_a_plain_mean() -> None:
    from sentence_transformers import SentenceTransformer

    texts = ["The minister resigned.", "استقال الوزير", "", "Türkiye 2024 — قمة المناخ في دبي", "zzqx 漢字 🙂"]
    model = SentenceTransformer(str(EMBEDDED), device="cpu")
    for text, theirs in zip(texts, model.encode(texts), strict=True):
        plain = summed(text)
        assert theirs == pytest.approx(plain / (np.linalg.norm(plain) or 1), abs=1e-5), text


@needs_extra
def test_a_folder_of_another_model_is_an_encoder_too() -> None:
    encoder = load_encoder(str(EMBEDDED), device="cpu")
    assert not isinstance(encoder, StaticEncoder)
    assert encoder.dim == ENCODER.dim
    assert np.allclose(encoder.encode_queries(["عاجل"]), ENCODER.encode_queries(["عاجل"]), atol=1e-5)
    assert encoder.encode_passages([]).shape == (0, ENCODER.dim)
    assert encoder.hash == load_encoder(str(EMBEDDED), device="cpu").hash


@needs_extra
def test_an_unknown_model_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable, match="hf download nobody/no-such-model"):
        load_encoder("nobody/no-such-model")


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)  # as if it were not installed
    with pytest.raises(ModelUnavailable, match=r"pip install 'khabar\[models\]'"):
        load_encoder("intfloat/multilingual-e5-small")


def test_a_word_that_is_one_token_has_an_entry_with_its_vector_and_any_other_text_has_none() -> None:
    entries = embedded().entries(["minister", "الوزير", "ministers", "the minister", "qwzxkvjy", "", "☃"])
    assert (entries[:3] >= 0).all()
    assert entries[0] == entries[2] != entries[1]  # a plural shares the vector of its singular
    assert (entries[3:] == -1).all()
    whole = embedded().vectors(entries[:2])
    assert whole == pytest.approx(embedded().encode(["minister", "الوزير"]), abs=1e-6)
    heads = embedded().vectors(entries[:2], 80)
    assert heads.shape == (2, 80)
    assert np.linalg.norm(heads, axis=1) == pytest.approx(1)
    assert (heads * whole[:, :80]).sum(axis=1) == pytest.approx(np.linalg.norm(whole[:, :80], axis=1))
