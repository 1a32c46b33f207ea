"""Queries as people type them: errors are corrected and said, and one word may be several or have another name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Index, load_encoder
from index.ingest import ingest
from index.text import fold
from search import Engine
from search.query import Speller, plain
from search.query.arabizi import readings
from search.query.spelling import _candidates

TEXTS = {
    "budget": "The government announced a new budget for the ministry of health on Monday in the capital.",
    "airstrike": "An airstrike destroyed a water tower near Orland on Monday, villagers said.",
    "strike": "Teachers on strike near Orland met on Monday in the open air, unions said.",
    "oil": "Engineers put out a blaze at an oil field south of Orland on Monday.",
    "field": "Farmers ploughed a field south of Orland and sold olive oil on Monday.",
    "tag": "Thousands wrote #PortSelwan on their cars in protest against the closing of the two schools.",
    "jets": "The air force of Orland will buy twelve F-16 jets next year, the minister told parliament.",
    "who": "WHO sends vaccine boxes to Selwan after an outbreak of fever.",
    "health": "The World Health Organization sent tents to the flooded villages of Orland.",
    "tents": "The man who sent tents to the flooded villages of Orland is a baker.",
    "qadhafi": "A street in Orland was named after Qadhafi by the council, after a long debate.",
    "قاض": "عُيّن نورالدين مراد قاضيا في أورلاند بقرار من الحكومة.",
    "نور": "أضاء النور ساحة الدين في أورلاند.",
    "شباط": "تفتتح أورلاند الجسر الجديد في شباط بعد أشغال طويلة.",
    "ضيوف": "استقبل الوزير الضيوف في قاعة المدينة.",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("typing")
    lines = [json.dumps({"id": name, "title": "", "text": text}) for name, text in TEXTS.items()]
    (folder / "news.jsonl").write_text("\n".join(lines), "utf-8")
    index = Index.create(folder / "index", load_encoder())
    ingest(index, [str(folder / "news.jsonl")], load_encoder())
    return Engine(index)


@pytest.mark.parametrize(
    ("typed", "meant", "found"),
    [
        ("goverment budget", "government budget", "budget"),  # a letter missing
        ("governnment budget", "government budget", "budget"),  # doubled
        ("govenrment budget", "government budget", "budget"),  # two swapped
        ("gavernment budget", "government budget", "budget"),  # wrong
        ("healthbudget", "health budget", "budget"),  # a space missing
        ("استقبل الظيوف", "استقبل الضيوف", "ضيوف"),
        ("قرار الحكومخ", "قرار الحكومة", "قاض"),
    ],
)
def test_an_error_is_corrected_and_said(engine: Engine, typed: str, meant: str, found: str) -> None:
    answer = engine.search(typed, 3)
    assert answer.hits[0].article.id == found
    assert answer.query == typed
    wrong = (set(typed.split()) - set(meant.split())).pop()
    assert any(wrong in note for note in answer.notes)
    assert [match.query for match in answer.hits[0].matched if match.kind == "spelling"][:1] == [wrong]


@pytest.mark.parametrize(
    "query",
    ["government budget", "Orland", "استقبل الوزير", "للوزيرين وحكومتهم", '"goverment" budget', "x86 2024", "teh"],
)
def test_what_is_known_or_short_or_quoted_is_left_as_it_is(engine: Engine, query: str) -> None:
    assert not any("was searched for" in note and "hardly" in note for note in engine.search(query, 1).notes)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("air strike", "airstrike"),
        ("air-strike", "airstrike"),
        ("oilfield", "oil"),
        ("Port Selwan", "tag"),
        ("F16", "jets"),
        ("نور الدين مراد", "قاض"),
        ("WHO", "who"),
        ("WHO tents", "health"),
        ("Gaddafi", "qadhafi"),
        ("Kadhafi", "qadhafi"),
        ("جسر فبراير", "شباط"),
        ("7ukuma", "قاض"),  # الحكومة
        ("wazir al9a3a", "ضيوف"),  # الوزير، قاعة
    ],
)
def test_joined_parted_and_renamed_words_are_found(engine: Engine, query: str, found: str) -> None:
    assert engine.search(query, 3).hits[0].article.id == found


def test_who_the_organisation_is_not_who_the_pronoun(engine: Engine) -> None:
    assert not [match for match in engine.search("WHO", 9).hits[0].matched if match.term == "who"]
    first, second, *_ = engine.search("Who sent vaccine to Selwan?", 9).hits
    assert second.score < first.score / 2


@pytest.mark.parametrize("word", ["3rd", "f16", "covid19", "2024", "h5n1", "5km", "mp3", "house", "g7"])
def test_what_has_digits_for_other_reasons_is_not_arabic(word: str) -> None:
    assert not readings(word)


@given(st.text(alphabet="abcdeذزضظهةأاب ـ-'3", max_size=12))
def test_any_text_is_read_and_places_fit(text: str) -> None:
    class Nothing:
        def holds(self, _: object) -> set[str]:
            return set()

        def frequencies(self, _: object) -> dict[str, int]:
            return {}

        def spellings(self, *_: object, **__: object) -> list[tuple[str, float]]:
            return []

    read = Speller(Nothing()).respelled(plain(text))  # type: ignore[arg-type]
    assert all(read.text[token.start : token.end] for token in read.tokens)
    for word in text.split():
        if word.isalpha() and word.isascii():
            assert (fold(word),) not in _candidates(word)
