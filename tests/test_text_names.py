"""Names are found across scripts, their spellings inside a script too, and words that only resemble them are not."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.text.letters import script
from index.text.name_keys import keys
from index.text.names import LIKELY, NameIndex, match, similarities, similarity
from index.text.transliteration import load_transducer, spell

ACROSS = [
    ("Blinken", "بلينكن"),
    ("Blinken", "بلينكين"),  # the same minister, with a second vowel written
    ("Erdoğan", "أردوغان"),
    ("Erdoğan", "إردوغان"),
    ("Netanyahu", "نتنياهو"),
    ("Netanyahu", "نتانياهو"),
    ("Guterres", "غوتيريش"),  # Levantine gh for g
    ("Guterres", "جوتيريش"),  # Egyptian j for g
    ("Zelensky", "زيلينسكي"),
    ("Google", "غوغل"),
    ("Google", "جوجل"),
    ("Washington", "واشنطن"),  # ng before a consonant is n alone
    ("Michael", "ميخائيل"),  # Mikhail, of the Bible
    ("Qaddafi", "القذافي"),  # with the article
    ("Qaddafi", "قذافي"),
    ("Shakespeare", "شكسبير"),
    ("Jürgen", "يورغن"),  # German j is y
    ("Hollande", "هولاند"),  # French endings are silent
    ("Bordeaux", "بوردو"),
    ("America", "أمريكا"),
    ("Paris", "باريس"),
    ("Mohammed", "محمد"),  # Arabic does not write its short vowels
    ("Othman", "عثمان"),
]
WITHIN = [
    ("بلينكن", "بلينكين"),
    ("أميركا", "أمريكا"),  # America, with i before or after r
    ("غوغل", "جوجل"),  # Google in Beirut and in Cairo
    ("سوريا", "سورية"),  # Syria
    ("نتنياهو", "نتانياهو"),
    ("قذافي", "القذافي"),
    ("Gaddafi", "Qaddafi"),
    ("Steven", "Stephen"),
]
DIFFERENT = [
    ("Blinken", "برلين"),  # Berlin
    ("Erdogan", "الأردن"),  # Jordan
    ("Austria", "أستراليا"),  # Australia
    ("Washington", "وانغ"),  # Wang
    ("Xi", "شي"),  # Xi indeed, but also "thing": two letters prove nothing
    ("Lee", "لي"),  # Lee, and "to me"
]
NEWS = [
    "الوزير",
    "بلينكن",
    "القاهرة",
    "لبلينكين",
    "erdogan",
    "واشنطن",
    "برلين",
    "blinken",
    "google",
    "اردوغان",
    "بلنسية",
    "2024",
    "covid19",
    "",
]

words = st.text(alphabet=st.characters(exclude_categories=()), max_size=24)
names = st.text(alphabet="abcdefghijklmnopqrstuvwxyzğéü", min_size=1, max_size=14) | st.text(
    alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآةى", min_size=1, max_size=14
)


def found(index: NameIndex, words: list[str], name: str, least: float = LIKELY) -> list[str]:
    return [words[position] for _, position, _ in match(name, [index], least=least)]


@pytest.mark.parametrize(("latin", "arabic"), ACROSS)
def test_two_spellings_of_one_name_share_a_key_and_are_alike(latin: str, arabic: str) -> None:
    assert set(keys(latin)) & set(keys(arabic))
    assert similarity(latin, arabic) >= LIKELY


@pytest.mark.parametrize(("one", "other"), WITHIN)
def test_spellings_inside_a_script_are_alike(one: str, other: str) -> None:
    assert set(keys(one)) & set(keys(other))
    assert similarity(one, other) >= LIKELY


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_and_chance_resemblances_are_not_alike(one: str, other: str) -> None:
    assert similarity(one, other) < LIKELY


def test_an_english_vowel_is_found_with_a_lower_threshold() -> None:
    """مايكل is Michael as the English say it: i as ay and ch as k are rare together, so it stays below LIKELY."""
    spellings = ["مايكل", "ميخائيل", "مكة"]
    assert set(found(NameIndex.build(spellings), spellings, "Michael", least=0.3)) == {"مايكل", "ميخائيل"}


def test_a_key_is_the_consonants_in_one_alphabet() -> None:
    assert keys("Blinken") == ("blnkn",)
    assert "blnkn" in keys("لبلينكن")  # "to Blinken": the preposition is taken off
    assert "kdf" in keys("والقذافي")  # "and al-Qaddafi"
    assert {"gl", "kl"} <= set(keys("Google"))


def test_a_name_finds_its_spellings_in_both_scripts_best_first() -> None:
    index = NameIndex.build(NEWS)
    assert set(found(index, NEWS, "Blinken")) == {"blinken", "بلينكن", "لبلينكين"}
    assert found(index, NEWS, "Blinken")[0] == "blinken"
    assert set(found(index, NEWS, "بلينكين")) == {"بلينكن", "لبلينكين", "blinken"}
    assert set(found(index, NEWS, "إردوغان")) == {"اردوغان", "erdogan"}
    assert found(index, NEWS, "Washington") == ["واشنطن"]


def test_matches_are_in_order_above_the_threshold_and_limited() -> None:
    index = NameIndex.build(NEWS)
    matches = match("Blinken", [index], limit=2, least=0.0)
    assert len(matches) == 2
    assert [similar for *_, similar in matches] == sorted((similar for *_, similar in matches), reverse=True)
    assert match("Blinken", [index], least=1.0) == [(0, NEWS.index("blinken"), 1.0)]


def test_a_spelling_that_stands_in_several_lists_is_given_once() -> None:
    one, other = (NameIndex.build(words) for words in (["برلين", "بلينكن"], ["بلينكن", "بلينكين"]))
    assert {(place, position) for place, position, _ in match("Blinken", [one, other], least=0.9)} == {(0, 1), (1, 1)}
    assert match("Blinken", []) == []


def test_a_short_name_matches_nothing_by_chance() -> None:
    assert match("Xi", [NameIndex.build(["شي", "سي", "كسا", "في"])]) == []


@pytest.mark.parametrize(("latin", "arabic"), [("Walker", "واكر"), ("Montpellier", "مونبلييه"), ("Faulkner", "فوكنر")])
def test_a_latin_consonant_may_be_silent(latin: str, arabic: str) -> None:
    """No key is shared, for one of the keys has a consonant more; they are found from either side all the same."""
    assert not set(keys(latin)) & set(keys(arabic))
    assert found(NameIndex.build([*NEWS, arabic]), [*NEWS, arabic], latin, least=0.4) == [arabic]
    assert latin in found(NameIndex.build([*NEWS, latin]), [*NEWS, latin], arabic, least=0.3)


def test_only_the_other_script_is_looked_at_when_asked() -> None:
    index = NameIndex.build(NEWS)
    assert {NEWS[i] for _, i, _ in match("Blinken", [index], across=True)} == {"بلينكن", "لبلينكين"}
    assert {NEWS[i] for _, i, _ in match("بلينكين", [index], across=True)} == {"blinken"}


@pytest.mark.parametrize(
    ("script", "name", "written"),
    [
        ("arabic", "Blinken", ["بلينكن", "بلينكين", "بلنكن", "بلينكان", "بلنكين", "البلينكن"]),
        ("latin", "بلينكن", ["blinken", "blinkin", "plinken", "bleinken", "belinken", "blenken"]),
    ],
)
def test_a_transducer_shares_out_one_probability_among_all_spellings(
    script: str, name: str, written: list[str]
) -> None:
    """Of the ways to write one name, no two of them alike in all letters, the chances cannot sum to more than 1."""
    spellings = spell(written)
    transducer = load_transducer(script)
    by_chance = transducer.chances[spellings % 32].sum(axis=1, where=spellings > 0) + transducer.chances[31]
    probabilities = np.exp(transducer.log_odds(spell([name]), spellings) + by_chance)
    assert 0.1 < probabilities.sum() < 1
    assert probabilities.argmax() == 0


def test_what_is_no_name_in_one_script_matches_nothing() -> None:
    """Numbers, words with digits, other scripts and words in two scripts have no key."""
    index = NameIndex.build(NEWS)
    for word in ("", "2024", "covid19", "Москва", "blinkenبلينكن", "!"):
        assert keys(word) == ()
        assert similarity(word, "blinken") == 0
        assert match(word, [index]) == []


def test_two_words_may_spell_one_name() -> None:
    """Cavusoglu is written جاويش أوغلو, in two words: given as one entry they are compared as one."""
    assert (spell(["جاويش اوغلو"]) == spell(["جاويشاوغلو"])).all()
    assert set(keys("Cavusoglu")) & set(keys("جاويش أوغلو"))
    assert set(keys("Davutoğlu")) & set(keys("داوود أوغلو"))


def test_a_mapped_index_answers_as_the_one_in_memory(tmp_path: Path) -> None:
    built = NameIndex.build(NEWS)
    built.save(tmp_path)
    opened = NameIndex.open(tmp_path)
    assert isinstance(opened.keys, np.memmap)
    for name in ("Blinken", "بلينكن", "Erdoğan", "Google", "القاهرة"):
        assert match(name, [opened], least=0) == match(name, [built], least=0)


def test_an_empty_index_matches_nothing() -> None:
    assert match("Blinken", [NameIndex.build([])]) == []


@settings(deadline=None)
@given(words, words)
def test_any_text_has_a_similarity(a: str, b: str) -> None:
    assert 0 <= similarity(a, b) <= 1
    assert similarity(a, b) == similarity(a, b)


@settings(deadline=None)
@given(names, names)
def test_names_of_one_script_are_as_similar_both_ways(a: str, b: str) -> None:
    if script(a) == script(b):
        assert similarity(a, b) == similarity(b, a)


@settings(deadline=None)
@given(names, names)
def test_what_is_not_likely_enough_may_go_unweighed(a: str, b: str) -> None:
    assert similarity(a, b, LIKELY) in (0, similarity(a, b))
    assert similarity(a, a, LIKELY) == 1


def test_names_of_two_scripts_are_nearly_as_similar_both_ways() -> None:
    for latin, arabic in (("Blinken", "بلينكن"), ("Netanyahu", "نتنياهو"), ("Guterres", "غوتيريش"), ("Google", "غوغل")):
        assert similarity(latin, arabic) == pytest.approx(similarity(arabic, latin), abs=0.1)


@settings(deadline=None)
@given(names)
def test_a_name_is_certainly_itself(name: str) -> None:
    assert similarity(name, name) == 1
    assert keys(name)


@settings(deadline=None)
@given(st.lists(words | names, max_size=12), names)
def test_any_list_of_words_can_be_searched(vocabulary: list[str], name: str) -> None:
    index = NameIndex.build(vocabulary)
    matches = match(name, [index], limit=50, least=0)
    assert matches == match(name, [index], limit=50, least=0)
    assert all(
        similar == pytest.approx(similarity(name, vocabulary[position]), abs=1e-6) for _, position, similar in matches
    )


@settings(deadline=None)
@given(st.lists(names, min_size=1, max_size=12))
def test_every_name_of_a_list_finds_itself(vocabulary: list[str]) -> None:
    index = NameIndex.build(vocabulary)
    for name in vocabulary:
        surest = [vocabulary[position] for _, position, similar in match(name, [index], limit=50) if similar == 1]
        assert (spell([name]) == spell(surest)).all(axis=1).any()


def test_several_words_are_compared_with_a_name_as_each_alone() -> None:
    words = ["بلينكن", "بلنكن", "وبلينكن", "خميس", "blinken", "x9", ""]
    assert similarities(["blinken"] * len(words), words, 0.2) == pytest.approx(
        [similarity("blinken", w, 0.2) for w in words]
    )
    assert similarities(["9"] * len(words), words) == [0.0] * len(words)
    assert similarities([], []) == []
