"""A text checked against an archive: printed, altered, retold, covered or not found, always with a reason."""

import json
from pathlib import Path

import pytest
from conftest import Khabar
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index import Index, load_encoder
from index.errors import InputError
from index.ingest import ingest
from index.types import Filters
from search import Engine
from search.coverage import check
from search.types import Alteration, Finding, Kind

FERRY = "Coast guard crews rescued all 214 passengers of the ferry Nawras 3 before dawn on Wednesday"
"""A part of the first sentence of ferry-en-1, an article of the sample corpus."""


@pytest.fixture(scope="module")
def engine(corpus_folder: Path) -> Engine:
    return Engine(Index.open(corpus_folder))


def finding(engine: Engine, text: str, article: str, filters: Filters = Filters()) -> Finding | None:  # noqa: B008
    return next((one for one in check(engine, text, filters).findings if one.article.id == article), None)


def kind(engine: Engine, text: str, article: str) -> Kind | None:
    found = finding(engine, text, article)
    return found.kind if found else None


def test_a_sentence_is_found_inside_the_article_that_prints_it_with_who_printed_it_first(engine: Engine) -> None:
    checked = check(engine, FERRY)
    first = checked.findings[0]
    assert (first.article.id, first.kind, first.alterations) == ("ferry-en-1", Kind.CONTAINED, ())
    assert FERRY in first.said
    assert checked.first == first.article


@pytest.mark.parametrize(
    ("old", "new", "alteration"),
    [
        ("214", "300", ("number", "300", "214")),
        ("Wednesday", "Friday", ("date", "Friday", "Wednesday")),
        ("Nawras", "Yasmin", ("name", "Yasmin", "Nawras")),
        ("rescued", "not rescued", ("negation", "not rescued", "rescued")),
    ],
)
def test_one_alteration_of_a_sentence_is_named_and_nobody_printed_it(
    engine: Engine, old: str, new: str, alteration: tuple[str, str, str]
) -> None:
    checked = check(engine, FERRY.replace(old, new))
    assert checked.first is None
    found = checked.findings[0]
    assert (found.article.id, found.kind) == ("ferry-en-1", Kind.ALTERED)
    assert found.alterations == (Alteration(*alteration),)


@pytest.mark.parametrize("words", [3, 6, 10, 15])
def test_an_altered_number_at_the_end_of_a_claim_is_seen(engine: Engine, words: int) -> None:
    """The claim stops inside a sentence of the article, right behind what is altered."""
    claim = "MARSA AL-SADAF (MANA) - Coast guard crews rescued all 300"
    claim = " ".join(claim.split()[-words:])
    found = finding(engine, claim, "ferry-en-1")
    assert found
    if words > 3:  # of three words, two in common are too few
        assert found.alterations == (Alteration("number", "300", "214"),)


def test_the_title_of_an_article_is_what_it_says_too(engine: Engine) -> None:
    title = engine.index.article("ferry-en-1").title  # type: ignore[attr-defined]
    assert kind(engine, title, "ferry-en-1") is Kind.CONTAINED
    assert kind(engine, title.replace("214", "300"), "ferry-en-1") is Kind.ALTERED


def test_a_whole_article_is_printed_by_its_copies_altered_by_templates_and_translated(engine: Engine) -> None:
    index = engine.index
    assert isinstance(index, Index)
    ferry = index.article("ferry-ar-1").text
    assert kind(engine, ferry, "ferry-ar-1") is Kind.EXACT
    assert kind(engine, ferry, "ferry-ar-3") is Kind.EXACT
    assert kind(engine, ferry, "ferry-en-1") is Kind.TRANSLATED
    held = finding(engine, index.article("hold-en-1").text, "hold-en-2")
    assert held
    assert held.kind is Kind.ALTERED
    assert Alteration("number", "4.50", "4.75") in held.alterations


def test_a_claim_in_other_words_is_covered_in_both_languages(engine: Engine) -> None:
    checked = check(engine, "At least 214 passengers were rescued from a burning ferry")
    found = {one.article.id: one.kind for one in checked.findings}
    assert {"ferry-en-1", "ferry-ar-1", "ferry-ar-2"} <= found.keys()
    assert not {Kind.ALTERED, Kind.EXACT, Kind.NEAR} & set(found.values())
    assert checked.first is None


def test_nothing_is_found_without_a_reason_and_the_closest_come_first(engine: Engine) -> None:
    for text in (FERRY, "The bank cut its rate", "حريق في عبارة قبالة الساحل", "Wheat is expensive on the moon"):
        findings = check(engine, text).findings
        order = [(list(Kind).index(one.kind), -one.score) for one in findings]
        assert order == sorted(order)
        for one in findings:
            reasons = one.reasons
            assert reasons.names or reasons.places or reasons.numbers or reasons.terms or one.alterations
            assert 0 < one.score <= 1


def test_filters_hold_for_copies_as_well(engine: Engine) -> None:
    text = engine.index.article("ferry-ar-1").text  # type: ignore[attr-defined]
    for filters in (Filters(language="en"), Filters(since="2025-03-13"), Filters(source="قصرون اليوم")):
        assert finding(engine, text, "ferry-ar-3", filters) is None
    assert finding(engine, text, "ferry-ar-3", Filters(language="ar", since="2025-03-12", source="صدى الصدف"))


def test_of_articles_that_only_cover_a_text_k_of_each_language_are_listed(engine: Engine) -> None:
    findings = check(engine, "At least 214 passengers were rescued from a burning ferry", k=1).findings
    assert sorted(one.article.language for one in findings if one.kind is Kind.COVERS) == ["ar", "en"]


def test_a_text_without_words_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="no words"):
        check(engine, " ... ")


HARBOUR = (
    "The harbour authority of Tarik closed two of its nine berths on Thursday after divers found 14 cracks in the quay "
    "wall. Minister Salma Idris said that repairs would cost 11.5 million dinars, and that ships will wait outside the "
    "port until 4 May 2023. Fishermen from the old quarter protested in front of the gates."
)
MARKET = (
    "اندلع حريق كبير فجر الخميس في السوق القديم بمدينة دمشق وأتى على 14 متجرا قبل أن تتمكن فرق الإطفاء من السيطرة عليه."
    " وقال الوزير محمد إن الخسائر بلغت 20 مليون دينار وإن السوق يعود إلى 12 مارس 1925. ووعد بتعويض أصحاب المتاجر كلهم."
)  # a fire in the market of Damascus


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("small")
    rows = [{"_id": "harbour", "title": "Berths closed", "text": HARBOUR, "source": "Tarik Post"},
            {"_id": "market", "title": "حريق في السوق", "text": MARKET, "source": "صدى الشام"}]  # fmt: skip
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    encoder = load_encoder()
    index = Index.create(folder / "index", encoder)
    ingest(index, [str(folder / "rows.jsonl")], encoder)
    return Engine(index, encoder)


PLANTS = [
    ("harbour", "14", "number", st.integers(15, 9_999).map(str)),
    ("harbour", "11.5", "number", st.integers(12, 900).map(str)),
    ("harbour", "Thursday", "date", st.sampled_from(["Friday", "Sunday", "Monday"])),
    ("harbour", "4 May", "date", st.sampled_from(["5 May", "17 May", "4 June"])),
    ("harbour", "Salma", "name", st.sampled_from(["Huda", "Robert", "Kerim"])),
    ("harbour", "will wait", "negation", st.sampled_from(["will not wait", "will never wait"])),
    ("market", "14", "number", st.integers(15, 9_999).map(str)),
    ("market", "الخميس", "date", st.sampled_from(["الجمعة", "الأحد"])),
    ("market", "دمشق", "name", st.sampled_from(["بغداد", "القاهرة", "طرابلس"])),
    ("market", "تتمكن", "negation", st.sampled_from(["لا تتمكن", "لم تتمكن"])),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_planted_alteration_is_named_in_the_sentence_and_in_the_whole_text(
    small: Engine, data: st.DataObject
) -> None:
    article, old, planted, words = data.draw(st.sampled_from(PLANTS))
    new = data.draw(words)
    text = HARBOUR if article == "harbour" else MARKET
    if data.draw(st.booleans()):
        text = next(one for one in text.split(". ") if old in one)
    found = finding(small, text.replace(old, new), article)
    assert found
    assert found.kind is Kind.ALTERED
    (told,) = found.alterations
    assert told.kind == planted
    assert told.asked in new or new in told.asked  # "12" where the text has "12 million"
    assert told.printed in old or old in told.printed


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(HARBOUR.split() + MARKET.split() + ["not", "لم", ",", "\n"]), max_size=80))
def test_words_in_any_order_can_be_checked(small: Engine, words: list[str]) -> None:
    try:
        checked = check(small, " ".join(words))
    except InputError:
        assert not any(letter.isalnum() for word in words for letter in word)
    else:
        assert all(one.said in f"{one.article.title}\n{one.article.text}" for one in checked.findings)


def test_a_part_that_moved_is_compared_as_well(small: Engine) -> None:
    claim = "after divers found 19 cracks in the quay wall, the harbour authority closed two of its berths"
    found = finding(small, claim, "harbour")
    assert found
    assert found.article.id == "harbour"


@pytest.mark.parametrize("changed", [("Thursday", "Thursday,"), ("berths", "berths"), ("the quay", "the  quay")])
def test_what_says_the_same_is_not_called_altered(small: Engine, changed: tuple[str, str]) -> None:
    first = HARBOUR.split(". ")[0].replace(*changed)
    found = finding(small, first, "harbour")
    assert found
    assert (found.kind, found.alterations) == (Kind.CONTAINED, ())


def test_a_negation_right_before_the_words_of_a_claim_is_seen(small: Engine) -> None:
    """Without it the claim would be printed."""
    claim = "تتمكن فرق الإطفاء من السيطرة عليه"
    assert kind(small, claim, "market") is Kind.CONTAINED
    found = finding(small, f"لم {claim}", "market")
    assert found
    assert [one.kind for one in found.alterations] == ["negation"]


def test_the_command_takes_words_a_file_or_standard_input(
    khabar: Khabar, corpus_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "claim.txt").write_text(FERRY.replace("214", "300"), "utf-8")
    for given_as in (FERRY.replace("214", "300"), tmp_path / "claim.txt"):
        done = khabar("check", given_as, "--index", corpus_folder, "--json").json
        assert done.keys() == {"text", "first", "findings"}
        assert done["first"] is None
        found = done["findings"][0]
        assert found.keys() == {"article", "kind", "score", "said", "alterations", "reasons"}
        assert found["kind"] == "altered"
        assert found["alterations"] == [{"kind": "number", "asked": "300", "printed": "214"}]
    printed = khabar("check", FERRY, "--index", corpus_folder, "--json").json
    assert printed["first"]["source"] == "Maralia News Agency"
    late = khabar("check", FERRY, "--since", "2025-04-01", "--index", corpus_folder, "--json").json
    assert all(one["article"]["published"] >= "2025-04-01" for one in late["findings"])
    assert khabar("check", "...", "--index", corpus_folder).code == 1
    missing = khabar("check", tmp_path / "claims.txt", "--index", corpus_folder)
    assert (missing.code, "There is no file" in missing.err) == (1, True)
    assert khabar("check", "\0" + "a" * 5_000, "--index", corpus_folder).code == 0
    (tmp_path / "empty.txt").write_text("", "utf-8")
    assert khabar("check", tmp_path / "empty.txt", "--index", corpus_folder).code == 1
