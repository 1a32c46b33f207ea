"""One word, however it is typed, is one term; different words stay different; offsets are those of the original."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.text.folding import fold
from index.text.letters import language, script
from index.text.stems import TERM_LENGTH, term_of
from index.text.tokens import analyse, analyse_all, first_terms, terms, tokenize, tokens_of, words

ARABIC = st.text(st.characters(min_codepoint=0x0600, max_codepoint=0x06FF))
TYPED = st.text("اأإآةهىيكلمتونبفسوعء ًَّْـکی٠١۲123,.'-#_@\u200f\u200cabcÉ’ﻻﷺ")
ANY = st.one_of(st.text(), ARABIC, TYPED)


def same(one: str, other: str) -> bool:
    return terms(one) == terms(other) != []


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("كِتَابٌ", "كتاب", "vowel marks"),
        ("أحمد", "احمد", "Ahmad, typed without hamza"),
        ("مدرسة", "مدرسه", "school, ة typed as ه"),
        ("الحكومة", "حكومة", "the government"),
        ("والحكومة", "حكومة", "and the government"),
        ("للحكومة", "الحكومة", "for the government: ل swallows the alef"),
        ("حكـــومة", "حكومة", "stretched with tatweel"),
        ("٢٠٢٦", "2026", "Arabic digits"),
        ("۲۰۲۶", "2026", "Persian digits"),
        ("مصطفى", "مصطفي", "Mustafa, as Egyptians type it"),
        ("مستشفى", "مستشفي", "hospital, as Egyptians type it"),
        ("حكومة", "حكومات", "governments, a sound feminine plural"),
        ("مهندس", "مهندسون", "engineers, a sound masculine plural"),
        ("مهندسون", "المهندسين", "the same in the oblique case"),
        ("مدرسة", "مدارس", "schools, a broken plural"),
        ("كتاب", "كتب", "books"),
        ("وزير", "الوزراء", "ministers"),
        ("قرية", "القرى", "villages"),
        ("کتاب", "كتاب", "Persian keheh"),
        ("علی", "علي", "Persian yeh"),
        ("ﻣﺪﺭﺳﺔ", "مدرسة", "presentation forms of an old PDF"),
        ("ﻷحمد", "لأحمد", "a lam-alef ligature"),
        ("ا\u0654حمد", "أحمد", "hamza as a combining mark"),
        ("أيضاً", "أيضًا", "tanwin after or before its alef"),
        ("أيضاً", "أيضا", "no tanwin"),
        ("هاااام", "هام", "drawn out for emphasis"),
        ("مدارسهم", "مدرسة", "their schools"),
        ("وزارته", "وزارة", "his ministry: ة opens to ت"),
        ("وزرائهم", "وزير", "their ministers"),
        ("الجديدة", "جديد", "new, feminine"),
        ("الأميركيون", "أمريكا", "the Americans, spelled with ك first"),
        ("وسيقول", "يقول", "and he will say"),
        ("لألمانيا", "ألمانيا", "for Germany"),
        ("للاجئين", "لاجئ", "for the refugees: one lam belongs to the noun"),
    ],
)
def test_forms_of_one_arabic_word_share_a_term(one: str, other: str, why: str) -> None:
    assert same(one, other), why


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("أميركا", "أمريكا"),
        ("سورية", "سوريا"),
        ("نتانياهو", "نتنياهو"),
        ("جوجل", "غوغل"),
        ("انكلترا", "إنجلترا"),
        ("مائة", "مئة"),
        ("شئون", "شؤون"),
        ("مسئول", "مسؤول"),
        ("أبريل", "إبريل"),
        ("أوربا", "أوروبا"),
        ("بلينكين", "لبلينكن"),
    ],
)
def test_spelling_variants_share_a_term(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ("على", "علي", "on, Ali"),
        ("وعلى", "وعلي", "and on, and Ali"),
        ("مكتب", "مكتبة", "office, library"),
        ("إلى", "إلا", "to, except"),
        ("جامع", "جامعة", "mosque, university"),
        ("كاتب", "كتاب", "writer, book"),
        ("وزير", "زير", "minister, jar"),
        ("سعيد", "عيد", "Said, feast"),
        ("لبنان", "لبن", "Lebanon, milk"),
        ("بغداد", "غداد", "Baghdad is not ب + غداد"),
        ("والد", "لد", "father is not وال + د"),
        ("دور", "دار", "role, house: a plural that is commoner as another word"),
    ],
)
def test_words_that_only_look_alike_stay_apart(one: str, other: str, why: str) -> None:
    assert terms(one) != terms(other), why


NAMES = """
    فرنسا بغداد بلينكن فلسطين بوتين باريس لندن واشنطن كمال وليد حسين سليمان فادي بشار كركوك
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_names_keep_their_letters_and_lose_their_clitics(name: str) -> None:
    assert terms(name) == [fold(name)]
    assert terms("و" + name) == terms(name)
    assert terms("ل" + name) == terms(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trump's", ["trump"]),
        ("Trump’s talks", ["trump", "talk"]),
        ("1,000 مليون", ["1000", "مليون"]),
        ("١٬٠٠٠", ["1000"]),
        ("3.5 3,5 ٣٫٥", ["3.5", "3.5", "3.5"]),
        ("14.12.2024", ["14", "12", "2024"]),
        ("1,250,000 1.250.000 1250000", ["1250000"] * 3),
        ("1\u00a0250\u00a0000 1\u202f250\u202f000 1\u2009250\u2009000 1'250'000", ["1250000"] * 4),
        ("١٬٢٥٠٬٠٠٠ ١٢٥٠٠٠٠", ["1250000"] * 2),
        ("كلفت ١ ٢٥٠ ٠٠٠", ["كلفت", "1250000"]),
        ("cost 1 250 000 dinars", ["cost", "1250000", "dinar"]),
        ("1.250.000,5 1,250,000.5", ["1250000.5"] * 2),
        ("1.250", ["1.250"]),  # a decimal
        ("12 345 678", ["12", "345", "678"]),  # may be three numbers
        ("in 2019 000", ["in", "2019", "000"]),
        ("2 3 000", ["2", "3", "000"]),
        ("U.S.-led U.S.", ["us", "led", "us"]),
        ("Café Erdoğan", ["cafe", "erdogan"]),
        ("#دونالد_ترمب", ["دونالد", "ترامب"]),
        ("@SecBlinken", ["secblinken"]),
        ("كوفيد-19", ["كوفيد", "19"]),
        ("G20", ["g20"]),
        ("2024يذكر", ["2024", "يذكر"]),
        ("الـCIA", ["ال", "cia"]),
        ("ذا\u200fهب", ["ذاهب"]),
        ("", []),
        ("…!؟ ـ ﷺ", []),
    ],
)
def test_a_text_is_cut_into_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_the_language_is_that_of_most_letters() -> None:
    assert language("قال Blinken في واشنطن") == "ar"
    assert language("The word كتاب means book") == "en"
    assert language("2026 !") == "en"
    assert [script(term) for term in ("كتاب", "book", "2026")] == ["ar", "en", "en"]


@given(ANY)
def test_terms_are_those_of_the_tokens_and_of_the_words(text: str) -> None:
    tokens = tokenize(text)
    assert terms(text) == [token.term for token in tokens]
    assert words(text) == [text[token.start : token.end] for token in tokens]
    assert [analyse(word) for word in words(text)] == [(token.term, token.word) for token in tokens]


# What the patterns of words look at beyond one letter: marks, spaces within numbers, changes of script.
PIECES = (
    "250",
    "000",
    "٠٠٠",
    "1",
    " ",
    " ",
    "\u00a0",
    "\n",
    ".",
    ",",
    "U.S.",
    "don't",
    "قال2024",
    "مدرسة",
    "storm-hit",
)


@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sets(st.sampled_from(["250000", "storm", "مدرسه"]))
)
def test_terms_and_wanted_tokens_are_those_of_the_whole_text_though_it_is_read_space_by_space(
    text: str, wanted: set[str]
) -> None:
    tokens = tokenize(text)
    assert terms(text) == [token.term for token in tokens]
    assert tokens_of(wanted, [text, "", text])[2] == [token for token in tokens if token.term in wanted]


@given(ANY)
@example("ʻ")
def test_every_token_is_a_word_of_the_original_in_its_place(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end
        assert fold(text[token.start : token.end]) == token.word
        assert term_of(token.word) == token.term
        assert 0 < len(token.term) <= TERM_LENGTH
        assert not any(character.isspace() for character in token.word)


@given(ANY)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ANY)
def test_composed_and_decomposed_letters_fold_alike(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


@given(st.text("ابتحكموهىةءيأئ"), st.sampled_from("\u200f\u202b\u2067\u00ad\ufeff\u064e\u0640"))
def test_what_is_invisible_or_a_mark_changes_no_arabic_word(text: str, mark: str) -> None:
    assert fold(mark.join(text)) == fold(text)
    assert terms("كتاب" + mark + text) == terms("كتاب" + text)


REPEATED = ["ا", "a", "1,", "111,", "a.", "a'", "ا\u064e\u0651", "\u05b0\u05b4", "a\u200f", "\ud800\0", "ل\u0654\u0655"]


@pytest.mark.parametrize("part", REPEATED, ids=ascii)
def test_a_long_run_of_letters_that_are_no_text_is_read_in_linear_time(part: str) -> None:
    text = part * (200_000 // len(part))  # quadratic time would take minutes
    assert all(len(term) <= TERM_LENGTH for term in terms(text))
    assert len(fold(text)) <= len(text)


def test_every_form_in_the_tables_has_the_term_of_its_line() -> None:
    folder = Path(__file__).parents[1] / "index" / "text"
    for name in ("plurals.tsv", "variants.tsv"):
        lines = [line for line in (folder / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        for head, *forms in map(str.split, lines):
            assert {term_of(fold(form)) for form in (head, *forms)} == {term_of(fold(head))}, head
            assert term_of(term_of(fold(head))) == term_of(fold(head))


@given(st.lists(st.lists(ANY, max_size=30).map(" ".join), min_size=1, max_size=4), st.integers(1, 5))
@example(["In all 250 000 came, and 1 250 000 000 paid"], 3)
@example(["ا" * 80 + " ب"], 2)
def test_the_first_words_are_the_first_of_all(texts: list[str], most: int) -> None:
    for text in texts:
        assert words(text, most) == words(text)[:most]
        assert terms(text, most) == [token.term for token in tokenize(text)][:most]
        assert analyse_all(words(text)) == [analyse(word) for word in words(text)]
    hashes, counts = first_terms(texts, most)
    found = [terms(text, most) for text in texts]
    assert counts.tolist() == [*map(len, found)]
    assert hashes.tolist() == [hash(term) for own in found for term in own]
