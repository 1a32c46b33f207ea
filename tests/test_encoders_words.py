"""Words that were met before are not tokenised again, and nobody can tell."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.encoders.static import EMBEDDED
from index.encoders.unknown import LONGEST, Readings
from index.encoders.wordpieces import WordPieces
from index.encoders.words import ReadWords
from index.text import pieces

DESCRIBED = (EMBEDDED / "tokenizer.json").read_text(encoding="utf-8")
TOKENIZER = Tokenizer.from_str(DESCRIBED)
WORDS = WordPieces(DESCRIBED)
RARITY = load_file(EMBEDDED / "model.safetensors")["rarity"]
READ = ReadWords(WORDS, RARITY)

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


def divided(asked: Sequence[str], tokens: Callable[[Sequence[str]], tuple[Any, Any]]) -> list[list[int]]:
    flat, counts = tokens(asked)
    assert len(counts) == len(asked)
    assert counts.sum() == len(flat)
    ends = counts.cumsum().tolist()
    return [flat[end - count : end].tolist() for end, count in zip(ends, counts.tolist(), strict=True)]


@given(texts)
def test_the_tokens_are_those_of_the_whole_texts(asked: list[str]) -> None:
    assert divided(asked, WORDS) == plain(asked)


STRANGE = ("kifach", "Qwertzuiop", "مابغيتيش", "7abibi", "naïve", "وهنكتبلهم")


@given(st.sampled_from([*PIECES, *STRANGE]), st.text(pieces._MARKS, max_size=3), st.text(pieces._MARKS, max_size=3))
def test_marks_around_a_word_change_no_token(word: str, before: str, after: str) -> None:
    written = f"{before}{word}{after}"
    assert plain([pieces.bare(written)]) == plain([written])
    assert [found.tolist() for found in READ.learn([pieces.bare(written)])] == [
        found.tolist() for found in READ.learn([written])
    ]


def test_what_is_remembered_is_bounded_and_what_is_met_again_and_again_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "REMEMBERED", 100)
    monkeypatch.setattr(pieces, "_pieces", pieces._Pieces())
    tokens, asked_of = ReadWords(WORDS, RARITY), []
    learn = tokens.learn
    monkeypatch.setattr(tokens, "learn", lambda new: asked_of.extend(new) or learn(new))
    for n in range(40):
        asked = [f"word{n} again and again", "and the same"]
        assert divided(asked, tokens) == plain(asked)
        assert pieces._pieces._table.letters <= 100
    assert asked_of.count("again") == 1


def read(text: str) -> list[str]:
    return [TOKENIZER.id_to_token(token) for token in divided([text], READ)[0]]


@given(texts)
def test_a_text_is_read_alike_whatever_stands_beside_it(asked: list[str]) -> None:
    assert divided(asked, READ) == [divided([text], READ)[0] for text in asked]


@given(texts)
def test_what_is_made_of_tokens_alone_is_read_as_it_is_written(asked: list[str]) -> None:
    known = [text for text, tokens in zip(asked, plain(asked), strict=True) if len(tokens) == 1 and tokens[0]]
    assert divided(known, READ) == plain(known)


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


def test_a_word_longer_than_any_is_left_as_it_is() -> None:
    asked = []
    readings = Readings(asked.append)  # knows no word
    endless = "ا" * 100_000
    assert readings.arabic(endless) == endless
    assert not asked
    longest = ("كتاب" * LONGEST)[:LONGEST]
    assert readings.arabic(longest) == longest
    assert 0 < len(asked) < 1000


def test_a_text_in_latin_letters_that_english_does_not_know_is_read_in_arabic_letters() -> None:
    assert read("kifach bghiti ndirha") == ["كيفاش", "بغيتي", "نديرها"]
    assert read("7abibi") == ["حبيبي"]


@pytest.mark.parametrize("text", ["iPhone5s case", "the F16 and the mp3", "Marlee Matlin", "CO2", "Qwertzuiop news"])
def test_english_with_a_strange_word_is_not_arabizi(text: str) -> None:
    assert all(token.isascii() for token in read(text))


@given(texts, st.lists(st.text("ابتهويلن", min_size=5, max_size=45), max_size=5))
def test_words_in_pieces_are_divided_as_the_library_does(asked: list[str], strange: list[str]) -> None:
    asked = [*asked, " ".join(strange)]
    assert divided(asked, WORDS) == plain(asked)


def test_the_vocabulary_is_that_of_the_library() -> None:
    assert WORDS.vocabulary == TOKENIZER.get_vocab()


@pytest.mark.parametrize(
    "change", [lambda text: text.replace(":191393", ":9"), lambda text: text[:400], lambda _: "{}"]
)
def test_another_description_of_a_vocabulary_is_refused(change: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        WordPieces(change(DESCRIBED))
