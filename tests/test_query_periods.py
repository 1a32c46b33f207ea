"""Days, languages and sources are read as people write them, and refused by value where they can mean nothing."""

import re
from datetime import date
from pathlib import Path

import pytest
from conftest import Khabar

from index import Index, load_encoder
from index.errors import InputError
from index.local import writing
from index.passages import split
from index.ports import Entry
from index.types import Article, Filters
from search import Engine
from search.query import narrowed, read_filters
from search.query.periods import period

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ("2018", "2018-01-01", "2018-12-31"),
        ("٢٠١٨", "2018-01-01", "2018-12-31"),
        ("2018-05", "2018-05-01", "2018-05-31"),
        ("5/2018", "2018-05-01", "2018-05-31"),
        ("February 2024", "2024-02-01", "2024-02-29"),
        ("أيار 2018", "2018-05-01", "2018-05-31"),
        ("2018-05-03", "2018-05-03", "2018-05-03"),
        ("5 مايو 2018", "2018-05-05", "2018-05-05"),
        ("7d", "2026-11-20", "2026-11-20"),
        ("2w", "2026-11-13", "2026-11-13"),
        ("3m", "2026-08-27", "2026-08-27"),
        ("1y", "2025-11-27", "2025-11-27"),
        ("last week", "2026-11-20", "2026-11-20"),
        ("past 3 months", "2026-08-27", "2026-08-27"),
        ("yesterday", "2026-11-26", "2026-11-26"),
        ("أسبوع", "2026-11-20", "2026-11-20"),
        ("الأسبوع الماضي", "2026-11-20", "2026-11-20"),
        ("آخر ثلاثة أيام", "2026-11-24", "2026-11-24"),
        ("منذ شهرين", "2026-09-27", "2026-09-27"),
        ("السنة الماضية", "2025-11-27", "2025-11-27"),
        ("أمس", "2026-11-26", "2026-11-26"),
    ],
)
def test_a_period_is_read(written: str, first: str, last: str) -> None:
    assert period(written, TODAY) == (first, last, "")


def test_the_last_day_of_a_shorter_month() -> None:
    assert period("1m", date(2026, 3, 31)).first == "2026-02-28"


def test_a_day_and_month_that_can_be_exchanged_are_said() -> None:
    read = period("05/06/2018", TODAY)
    assert read.first == "2018-06-05"
    assert "5 June 2018" in read.note
    assert "2018-05-06" in read.note
    assert not period("13/06/2018", TODAY).note
    assert not period("05/05/2018", TODAY).note


@pytest.mark.parametrize("written", ["05/06", "someday", "2018-13", "2025-02-30", " ", "1446", "last friday"])
def test_what_is_no_date_is_refused_by_value(written: str) -> None:
    with pytest.raises(InputError, match=re.escape(repr(written))):
        period(written, TODAY)


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (["AR"], ("ar",)),
        (["ar-EG"], ("ar",)),
        (["arabic"], ("ar",)),
        (["عربي"], ("ar",)),
        (["العربيّة"], ("ar",)),
        (["English"], ("en",)),
        (["انجليزي"], ("en",)),
        (["ar,en"], ("ar", "en")),
        (["ar", "Arabic", "en"], ("ar", "en")),
        (["Français"], ("fr",)),
    ],
)
def test_languages_are_named_or_coded_in_any_case(written: list[str], codes: tuple[str, ...]) -> None:
    assert read_filters(written, (), (), (), TODAY)[0].languages == codes


@pytest.mark.parametrize("written", ["klingon", "a", "arabic!"])
def test_what_is_no_language_is_refused_by_value(written: str) -> None:
    with pytest.raises(InputError, match=re.escape(repr(written))):
        read_filters([written], (), (), (), TODAY)


def test_of_several_bounds_the_narrowest_holds_and_none_may_cross() -> None:
    filters, _ = read_filters((), (), ["2018", "2019-05"], ["2020", "2021"], TODAY)
    assert (filters.since, filters.until) == ("2019-05-01", "2020-12-31")
    with pytest.raises(InputError, match="Exchange"):
        read_filters((), (), ["2019"], ["2018"], TODAY)


@pytest.mark.parametrize(
    ("written", "held"),
    [
        ("Sadaf Herald", {"Sadaf Herald"}),
        ("sadaf herald", {"Sadaf Herald"}),
        ("HERALD", {"Sadaf Herald"}),
        ("افق", {"أفق ماراليا"}),
        ("ماراليا", {"أفق ماراليا", "وكالة أنباء ماراليا"}),
        ("maralia", {"Maralia News Agency", "Maralia Business Wire"}),
        ("news ag", {"Maralia News Agency"}),
    ],
)
def test_sources_are_matched_folded_and_by_part(corpus_index: Index, written: str, held: set[str]) -> None:
    with corpus_index.reading() as view:
        filters, notes = narrowed(Filters(source=written), (), view)
    assert set(filters.sources) == held
    assert bool(notes) == (written not in held)


def test_spellings_of_one_name_are_one_source(tmp_path: Path) -> None:
    index = Index.create(tmp_path / "index", load_encoder())
    with writing(index) as writer:
        for id, source in (("a", "الجزيرة"), ("b", "الجزيره"), ("c", "الجزيرة مباشر"), ("d", "***"), ("e", None)):
            article = Article(id, "", f"Report {id}.", "ar", source=source)
            passages = tuple(split(article))
            writer.add([Entry(article, passages, load_encoder().encode_passages([p.text for p in passages]), id)])
    with index.reading() as view:
        for written, held in (("الجزيرة", ("الجزيرة", "الجزيره")), ("***", ("***",)), ("مباشر", ("الجزيرة مباشر",))):
            filters, _ = narrowed(Filters(source=written), (), view)
            assert sorted(filters.sources) == sorted(held)
    assert {hit.article.id for hit in Engine(index).search("report -source:الجزيرة").hits} == {"c", "d", "e"}


def test_an_unknown_source_is_refused_with_the_nearest_names(corpus_index: Index) -> None:
    with corpus_index.reading() as view, pytest.raises(InputError, match=r"'Sdaf Herld'.*Sadaf Herald.*khabar sources"):
        narrowed(Filters(source="Sdaf Herld"), (), view)


def test_a_language_that_no_article_is_in_is_refused(corpus_index: Index) -> None:
    with corpus_index.reading() as view, pytest.raises(InputError, match=r"No article is in fr\..*ar, en"):
        narrowed(Filters("fr"), (), view)


def test_several_sources_and_languages_on_the_command_line(khabar: Khabar, corpus_folder: Path) -> None:
    options = ("--source", "herald", "--source", "أفق", "--lang", "AR", "--lang", "english", "-k", "50", "--json")
    hits = khabar("search", "minister", *options, "--index", corpus_folder).json["hits"]
    assert {hit["article"]["source"] for hit in hits} == {"Sadaf Herald", "أفق ماراليا"}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--since", "someday"), 2, "someday"),
        (("--since", "2019", "--until", "2018"), 2, "Exchange"),
        (("--lang", "klingon"), 2, "klingon"),
        (("--source", "nobody"), 1, "No article comes from 'nobody'"),
        (("--sort", "size"), 2, "size"),
        (("--facet", "source,colour"), 2, "colour"),
    ],
)
def test_values_that_mean_nothing_are_refused(
    khabar: Khabar, corpus_folder: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    done = khabar("search", "ferry", *options, "--index", corpus_folder)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_an_ambiguous_day_is_said_beside_the_answer(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("search", "ferry", "--since", "01/03/2025", "--index", corpus_folder, "--json")
    assert done.code == 0
    assert "1 March 2025" in done.err
    assert done.json["hits"]
