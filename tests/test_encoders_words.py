"""Words that were met before are not tokenised again, and nobody can tell."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.encoders import words
from index.encoders.static import EMBEDDED
from index.encoders.words import Words

TOKENIZER = Tokenizer.from_file(str(EMBEDDED / "tokenizer.json"))
RARITY = load_file(EMBEDDED / "model.safetensors")["rarity"]
WORDS = Words(TOKENIZER, RARITY)

# What the tokenizer's rules change: marks, ligatures that hold spaces, question marks, articles, digits, joiners.
PIECES = [
    *("كَلْبُهُ", "والقمح", "للغة", "ﷺ", "ﷲ", "¨", "why?", "؟", "a?b", "?", "U.S.", "don't", "١٢٣", "مـــد", "\u200f"),
    *(
        "漢字",
        "Ǆ",
        "İ",
        "x" * 50,
        "\u0301",
        "é",
        "e\u0301",
        "-",
        "«نعم»",
        "ال",
        "بالـ",
        "\t",
        "\u00a0",
        "\r",
        "\u2028",
        "",
    ),
]

texts = st.lists(
    st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
              st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
              st.lists(st.sampled_from(PIECES), max_size=6).map("".join)),
    max_size=6,
)  # fmt: skip


def plain(asked: Sequence[str]) -> list[list[int]]:
    return [encoding.ids for encoding in TOKENIZER.encode_batch_fast(list(asked), add_special_tokens=False)]


def divided(asked: Sequence[str], tokens: Words) -> list[list[int]]:
    flat, counts = tokens(asked)
    assert len(counts) == len(asked)
    assert counts.sum() == len(flat)
    ends = counts.cumsum().tolist()
    return [flat[end - count : end].tolist() for end, count in zip(ends, counts.tolist(), strict=True)]


def read(text: str) -> list[str]:
    return [TOKENIZER.id_to_token(token) for token in divided([text], Words(TOKENIZER, RARITY))[0]]


@given(texts)
def test_the_tokens_of_a_text_are_the_same_whatever_was_read_before(asked: list[str]) -> None:
    alone = [divided([text], Words(TOKENIZER, RARITY))[0] for text in asked]
    assert divided(asked, WORDS) == alone
    assert divided(asked, WORDS) == alone  # now that all words are known


@given(texts.map(lambda asked: [word for text in asked for word in text.split() if word.isascii()]))
def test_words_in_latin_letters_alone_are_what_the_tokenizer_makes_of_them(asked: list[str]) -> None:
    known = [word for word, tokens in zip(asked, plain(asked), strict=True) if len(tokens) == 1]
    assert divided(known, WORDS) == plain(known)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("مابغيتيش", "مش بغيتي"),  # you do not want: negation around the verb
        ("كانتسنا", "نتسنا"),  # I am waiting
        ("وهنكتبلهم", "نكتب"),  # and we will write to them
        ("هووووا", "هوا"),  # he, drawn out
        ("ڨاعد", "قاعد"),  # staying, with the letter of the Maghreb
    ],
)
def test_a_word_that_is_no_token_is_read_without_clitics_or_in_another_spelling(written: str, known: str) -> None:
    assert read(written) == known.split()


def test_a_text_in_latin_letters_that_english_does_not_know_is_read_in_arabic_letters() -> None:
    assert read("kifach bghiti ndirha") == ["كيفاش", "بغيتي", "نديرها"]
    assert read("7abibi") == ["حبيبي"]


@pytest.mark.parametrize("text", ["iPhone5s case", "the F16 and the mp3", "Marlee Matlin", "CO2", "Qwertzuiop news"])
def test_english_with_a_strange_word_is_not_arabizi(text: str) -> None:
    assert all(token.isascii() for token in read(text))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "REMEMBERED", 100)
    tokens = Words(TOKENIZER, RARITY)
    for n in range(20):
        asked = [f"word{n} again and again", "and the same"]
        assert divided(asked, tokens) == plain(asked)
        assert tokens._letters <= 100
