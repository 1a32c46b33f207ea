"""The sample corpus keeps its promises: what its truth files say of its articles can be seen in the articles."""

import csv
import datetime as dt
import itertools
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from index.text.folding import fold

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
RELATIONS = {"exact", "near", "contained", "rewritten", "translated", "followup", "template"}


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (CORPUS / name).read_text(encoding="utf-8").splitlines()]


def _table(name: str) -> list[dict[str, str]]:
    with (CORPUS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


ARTICLES = {row["_id"]: row for row in _rows("corpus.jsonl")}
QUERIES = {row["_id"]: row for row in _rows("queries.jsonl")}
JUDGEMENTS = _table("qrels.tsv")
PAIRS = _table("stories.tsv")
WORDS = {name: re.findall(r"\w+", fold(row["text"])) for name, row in ARTICLES.items()}
RUNS = {name: set(zip(*(words[n:] for n in range(5)), strict=False)) for name, words in WORDS.items()}


def _pairs(relation: str, *, across: bool | None = None) -> list[tuple[str, str]]:
    """Pairs of one relation; `across` asks for those in two languages, or in one."""
    found = [(pair["a"], pair["b"]) for pair in PAIRS if pair["relation"] == relation]
    return [(a, b) for a, b in found if across is None or (_lang(a) != _lang(b)) == across]


def _lang(article: str) -> str:
    return ARTICLES[article]["lang"]


def _day(article: str) -> dt.date:
    return dt.datetime.fromisoformat(ARTICLES[article]["date"]).date()


def _held(a: str, b: str) -> float:
    """How much of the shorter text stands in the longer one, in runs of five words."""
    return len(RUNS[a] & RUNS[b]) / min(len(RUNS[a]), len(RUNS[b]))


def _numbers(article: str) -> Counter[str]:
    """Numbers as printed in digits; «320 ألف» is 320000."""
    text = fold(ARTICLES[article]["text"]).replace("٫", ".")
    text = re.sub(r"(\d+) الف(?!\w)", r"\g<1>000", text)
    return Counter(re.findall(r"\d+(?:[.:]\d+)*", text))


@pytest.mark.parametrize("article", ARTICLES)
def test_an_article_has_every_field_and_the_length_of_a_news_item(article: str) -> None:
    row = ARTICLES[article]
    assert set(row) == {"_id", "title", "text", "date", "source", "lang", "url"}
    assert all(value.strip() == value != "" for value in row.values())
    assert 100 <= len(row["text"].split()) <= 400
    assert re.fullmatch(r"[a-z]+-(ar|en)-\d", article)
    assert article.split("-")[1] == row["lang"]


@pytest.mark.parametrize("article", ARTICLES)
def test_an_article_is_written_in_the_language_it_states(article: str) -> None:
    letters = Counter("ar" if "\u0600" <= c <= "\u06ff" else "en" for c in ARTICLES[article]["text"] if c.isalpha())
    assert letters[_lang(article)] / letters.total() > 0.99


def test_ids_are_unique_and_rows_stand_in_order_of_date() -> None:
    names = [row["_id"] for row in _rows("corpus.jsonl")]
    assert len(names) == len(ARTICLES) >= 64
    assert [_day(name) for name in names] == sorted(map(_day, names))


def test_dates_are_a_day_or_a_time_with_its_offset() -> None:
    for row in ARTICLES.values():
        assert re.fullmatch(r"2025-\d\d-\d\d(T\d\d:\d\d:\d\d\+03:00)?", row["date"])


def test_urls_use_reserved_hosts_only() -> None:
    texts = [row["url"] for row in ARTICLES.values()]
    texts += [page.read_text(encoding="utf-8") for page in (CORPUS / "pages").iterdir()]
    hosts = [host for text in texts for host in re.findall(r"https?://([^/\s\"<]+)|@(\w[\w.-]+)", text)]
    assert hosts
    assert all(re.search(r"(^|\.)example\.(org|com)$", "".join(host)) for host in hosts)


def test_both_languages_hold_about_half_of_the_articles_and_of_the_queries() -> None:
    for rows in (ARTICLES, QUERIES):
        languages = Counter(row["lang"] for row in rows.values())
        assert set(languages) == {"ar", "en"}
        assert min(languages.values()) / len(rows) > 0.45


def test_outlets_keep_their_spelling_habits() -> None:
    text = {source: " ".join(r["text"] for r in ARTICLES.values() if r["source"] == source) for source in
            ("صدى الصدف", "بوابة سرمد", "أفق ماراليا")}  # fmt: skip
    assert not re.search(r"ي\b", text["صدى الصدف"])  # final yeh without dots: فى for في (in)
    assert not re.search(r"\b[أإ]", text["صدى الصدف"])  # no hamza on alef: احمد for أحمد
    assert not re.search(r"[0-9]", text["بوابة سرمد"])  # ٢٠٢٥ for 2025
    assert re.search(r"(شباط|آذار|كانون الثاني)", text["أفق ماراليا"])  # February, March, January in the Levant


def test_queries_are_judged_and_judgements_name_real_articles() -> None:
    assert len(QUERIES) >= 40
    assert {row["query-id"] for row in JUDGEMENTS} == set(QUERIES)
    assert {row["corpus-id"] for row in JUDGEMENTS} <= set(ARTICLES)
    assert len({(row["query-id"], row["corpus-id"]) for row in JUDGEMENTS}) == len(JUDGEMENTS)


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_has_an_answer(query: str) -> None:
    scores = {row["score"] for row in JUDGEMENTS if row["query-id"] == query}
    assert "2" in scores <= {"1", "2"}


@pytest.mark.parametrize("language", ["ar", "en"])
def test_some_queries_are_answered_only_in_the_other_language(language: str) -> None:
    answers: dict[str, set[str]] = {}
    for row in JUDGEMENTS:
        if row["score"] == "2" and QUERIES[row["query-id"]]["lang"] == language:
            answers.setdefault(row["query-id"], set()).add(_lang(row["corpus-id"]))
    assert sum(languages == {"ar", "en"} - {language} for languages in answers.values()) >= 5


def test_a_story_that_is_judged_at_all_is_judged_whole() -> None:
    stories: dict[str, set[str]] = {}
    for pair in PAIRS:
        stories.setdefault(pair["story"], set()).update((pair["a"], pair["b"]))
    for query in QUERIES:
        judged = {row["corpus-id"] for row in JUDGEMENTS if row["query-id"] == query}
        assert all(members <= judged for members in stories.values() if members & judged)


def test_stories_list_every_pair_of_their_articles_once() -> None:
    assert {pair["relation"] for pair in PAIRS} == RELATIONS
    home: dict[str, str] = {}
    stories: dict[str, set[str]] = {}
    for pair in PAIRS:
        for article in (pair["a"], pair["b"]):
            assert article in ARTICLES
            assert home.setdefault(article, pair["story"]) == pair["story"]
            stories.setdefault(pair["story"], set()).add(article)
    listed = [frozenset((pair["a"], pair["b"])) for pair in PAIRS]
    every = {frozenset(two) for members in stories.values() for two in itertools.combinations(members, 2)}
    assert len(listed) == len(set(listed))
    assert set(listed) == every
    assert len(ARTICLES.keys() - home) >= 16


def test_printings_of_one_event_form_groups() -> None:
    """Two articles that both print the event of a third also print one another's."""
    same = {"exact", "near", "contained", "rewritten", "translated"}
    event: dict[str, set[str]] = {article: {article} for article in ARTICLES}
    for pair in PAIRS:
        if pair["relation"] in same:
            event[pair["a"]].add(pair["b"])
            event[pair["b"]].add(pair["a"])
    assert all(event[other] == group for group in event.values() for other in group)


@pytest.mark.parametrize(("a", "b"), _pairs("exact"))
def test_exact_pairs_are_typed_differently_and_folded_alike(a: str, b: str) -> None:
    assert ARTICLES[a]["text"] != ARTICLES[b]["text"]
    assert WORDS[a] == WORDS[b]


@pytest.mark.parametrize(("a", "b"), _pairs("near"))
def test_near_pairs_differ_in_a_few_words_and_in_no_number(a: str, b: str) -> None:
    assert WORDS[a] != WORDS[b]
    changed = (Counter(WORDS[a]) - Counter(WORDS[b])).total()
    assert changed / len(WORDS[a]) < 0.12
    assert _held(a, b) > 0.7
    assert _numbers(a) == _numbers(b)


@pytest.mark.parametrize(("a", "b"), _pairs("contained"))
def test_contained_pairs_are_one_text_and_a_part_of_it(a: str, b: str) -> None:
    short, long = sorted((len(WORDS[a]), len(WORDS[b])))
    assert 0.4 <= short / long <= 0.65
    assert _held(a, b) > 0.7


@pytest.mark.parametrize(("a", "b"), _pairs("rewritten"))
def test_rewritten_pairs_tell_the_same_facts_in_other_words(a: str, b: str) -> None:
    assert _held(a, b) < 0.35
    assert abs(_day(a) - _day(b)) <= dt.timedelta(days=1)
    assert len(_numbers(a).keys() & _numbers(b).keys()) >= 2


@pytest.mark.parametrize(("a", "b"), _pairs("translated"))
def test_translated_pairs_print_one_event_in_two_languages(a: str, b: str) -> None:
    assert _lang(a) != _lang(b)
    assert abs(_day(a) - _day(b)) <= dt.timedelta(days=1)
    shared = _numbers(a).keys() & _numbers(b).keys()
    assert len(shared) / min(len(_numbers(a)), len(_numbers(b))) >= 0.5
    if a.split("-")[2] == b.split("-")[2] == "1":  # the translation proper, the others being copies and rewrites
        assert len(shared) / max(len(_numbers(a)), len(_numbers(b))) >= 0.8


@pytest.mark.parametrize(("a", "b"), _pairs("followup"))
def test_followups_come_days_later_in_words_of_their_own(a: str, b: str) -> None:
    assert abs(_day(a) - _day(b)) >= dt.timedelta(days=3)
    assert _held(a, b) < 0.1


@pytest.mark.parametrize(("a", "b"), _pairs("template", across=False))
def test_templates_share_their_wording_and_not_their_facts(a: str, b: str) -> None:
    assert (Counter(WORDS[a]) & Counter(WORDS[b])).total() / max(len(WORDS[a]), len(WORDS[b])) > 0.7
    differing = {*(Counter(WORDS[a]) - Counter(WORDS[b])), *(Counter(WORDS[b]) - Counter(WORDS[a]))}
    named = {"فيلدين", "دراسكل", "not"}  # the two presidents congratulated, and the negation
    assert any(word.isdigit() for word in differing) or differing & named


def test_articles_that_are_not_listed_together_share_no_wording() -> None:
    listed = {frozenset((pair["a"], pair["b"])) for pair in PAIRS}
    strangers = (two for two in itertools.combinations(ARTICLES, 2) if frozenset(two) not in listed)
    assert max(_held(a, b) for a, b in strangers) < 0.05
