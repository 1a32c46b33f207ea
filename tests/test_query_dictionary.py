"""The bilingual dictionary that the package carries: what it knows, and that reading it costs little."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.letters import script
from index.text.tokens import terms
from search.query.dictionary import load_dictionary, other_forms

DICTIONARY = load_dictionary()


@pytest.mark.parametrize(
    ("english", "arabic"),
    [
        ("government", "الحكومة"),
        ("ministers", "وزراء"),
        ("storm", "عاصفة"),
        ("prices", "الأسعار"),
        ("church", "كنيسة"),
        ("Paris", "باريس"),
    ],
)
def test_a_word_is_translated_first_by_what_it_mostly_means(english: str, arabic: str) -> None:
    (term,), (translation,) = terms(english), terms(arabic)
    assert next(iter(DICTIONARY.translations(term))) == translation
    assert term in DICTIONARY.translations(translation)


def test_a_word_of_several_meanings_has_several_translations() -> None:
    meant = DICTIONARY.translations("bank")
    assert {"بنك", "مصرف"} <= meant.keys()
    assert list(meant.values()) == sorted(meant.values(), reverse=True)


def test_lebanon_is_not_milk() -> None:
    assert "milk" not in DICTIONARY.translations("لبنان")
    assert "milk" in DICTIONARY.translations("لبن")


@given(st.text(max_size=20))
def test_any_string_has_translations_of_the_other_script_that_sum_to_one_or_none(text: str) -> None:
    for term in ["govern", text]:
        meant = DICTIONARY.translations(term)
        assert not meant or sum(meant.values()) == pytest.approx(1)
        assert all(script(other) != script(term) for other in meant)


@pytest.mark.parametrize(
    ("one", "other"), [("قتلوا", "يقتل"), ("تجلس", "يجلس"), ("يقول", "تقول"), ("women", "woman"), ("said", "say")]
)
def test_forms_that_no_rule_leads_to_one_term_are_known(one: str, other: str) -> None:
    assert terms(one) != terms(other)
    assert set(terms(one)) <= other_forms(*terms(other))
    assert set(terms(other)) <= other_forms(*terms(one))


@given(st.text(max_size=20))
def test_whatever_has_other_forms_is_a_form_of_these(text: str) -> None:
    for term in ["say", text]:
        assert term not in other_forms(term)
        assert all(term in other_forms(form) for form in other_forms(term))


def test_the_dictionary_needs_no_torch() -> None:
    code = (
        "import sys; from search.query.dictionary import load_dictionary; load_dictionary().translations('oil'); "
        "print([m for m in ('torch', 'faiss') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
