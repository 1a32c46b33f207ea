"""Operators: what articles must and must not hold is answered before ranking, and what was read otherwise is said."""

import json
from pathlib import Path

import pytest
from conftest import CORPUS
from test_engine_search import engine_over

from index import Index
from index.errors import InputError
from index.types import Filters
from search import Engine
from search.types import Answer, Listing, Mode

QUERIES = [json.loads(line)["text"] for line in (CORPUS / "queries.jsonl").read_text("utf-8").splitlines()]
UNFOLDED = Listing(folded=False)


@pytest.fixture(scope="module")
def engine(corpus_folder: Path) -> Engine:
    return Engine(Index.open(corpus_folder))


def ids(answer: Answer) -> list[str]:
    return [hit.article.id for hit in answer.hits]


def texts(answer: Answer) -> list[str]:
    return [f"{hit.article.title}\n{hit.article.text}" for hit in answer.hits]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_query_without_operators_is_scored_as_plain_text_is(engine: Engine, mode: Mode) -> None:
    for query in QUERIES:
        hits = engine.search(query, 10, mode, listing=UNFOLDED).hits
        assert [(hit.article.id, hit.score) for hit in hits] == engine.run(query, 10, mode)


def test_a_batch_reads_operators_as_text(engine: Engine) -> None:
    assert engine.run("ferry -fire", 10) == engine.run("ferry fire", 10)
    assert engine.run('"fire ferry"', 10) == engine.run("fire ferry", 10)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_phrase_is_held_by_every_article_found_and_fills_k(tmp_path: Path, mode: Mode) -> None:
    held = {f"held {i}": (f"Report {i}. The bird flu reached farm {i}.", "en") for i in range(5)}
    parts = {f"parts {i}": (f"Flu {i}: bird flu bird, a flu of every bird flus", "en") for i in range(0)}
    apart = {f"apart {i}": (f"Flu bird flew, bird and flu, bird, flus: bird of flu {i}.", "en") for i in range(300)}
    engine = engine_over(tmp_path, held | parts | apart)
    answer = engine.search('"bird flu" farm', 5, mode, listing=UNFOLDED)
    assert set(ids(answer)) == set(held)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"الحكومة الجديدة"', {"the"}),  # the new government
        ('"الحكومه الجديده"', {"the"}),  # typed without care
        ('"والحكومة الجديدة"', {"and"}),  # clitics count as they are written
        ('"حكومة جديدة"', {"a"}),
        ('"الحكومة"', {"the", "other"}),
        ("«الحكومة الجديدة»", {"the"}),
        ("“الحكومة الجديدة”", {"the"}),
        ('"الجديدة الحكومة"', {"turned"}),
    ],
)
def test_a_phrase_is_folded_and_its_clitics_are_as_written(tmp_path: Path, query: str, found: set[str]) -> None:
    engine = engine_over(
        tmp_path,
        {
            "the": ("أدّت الحكومةُ الجديدةُ اليمين.", "ar"),
            "and": ("عاد الوزير والحكومة الجديدة.", "ar"),
            "a": ("يريد الشعب حكومة جديدة.", "ar"),
            "other": ("قالت الحكومة إن الخطة جديدة.", "ar"),
            "turned": ("من الجديدة. بحكومة أو بلا حكومة، الجديدة، الحكومةَ يريدون.", "ar"),
        },
    )
    hits = set(ids(engine.search(query)))
    assert hits == (found | {"turned"} if query == '"الحكومة"' else found)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("query", ["ترامب -كوريا", "ترامب -كوريا الصين", "-كوريا ترامب"])
def test_an_excluded_word_is_in_no_article_found(tmp_path: Path, query: str, mode: Mode) -> None:
    engine = engine_over(
        tmp_path,
        {
            "korea": ("زار ترامب كوريا أمس.", "ar"),
            "clitic": ("تحدث ترامب عن حرب وكوريا.", "ar"),
            "english": ("Trump spoke to Korea about trade.", "en"),
            "china": ("زار ترامب الصين أمس.", "ar"),
        },
    )
    answer = engine.search(query, mode=mode)
    assert ids(answer) == ["china"]
    assert answer.notes == ("Left out: articles with كوريا, also in translation.",)


def test_an_excluded_phrase_leaves_its_words_alone(tmp_path: Path) -> None:
    engine = engine_over(
        tmp_path,
        {"whole": ("The White House spoke of trade.", "en"), "apart": ("A white barn and a house: trade.", "en")},
    )
    assert ids(engine.search('trade -"white house"')) == ["apart"]
    assert ids(engine.search("trade -(barn OR dog)")) == ["whole"]


def test_of_alternatives_an_article_holds_one_in_either_language(engine: Engine) -> None:
    answer = engine.search("wheat OR olive", 50, listing=UNFOLDED)
    held = ("wheat", "olive", "قمح", "زيت")
    assert len(answer.hits) >= 3
    assert all(any(word in text.lower() for word in held) for text in texts(answer))
    both = engine.search('"coast guard" OR "خفر السواحل"', 50, listing=UNFOLDED)
    assert {hit.article.language for hit in both.hits} == {"ar", "en"}


def test_a_passage_with_one_alternative_scores_as_if_it_were_asked_for_alone(tmp_path: Path) -> None:
    engine = engine_over(tmp_path, {"a": ("The ferry left.", "en"), "b": ("A comet passed.", "en")})
    (one,) = engine.search("ferry OR blimp", mode=Mode.LEXICAL).hits
    alone = engine.search("ferry", mode=Mode.LEXICAL).hits[0]
    assert one.score == pytest.approx(alone.score, abs=0.01)


def test_a_word_asked_for_in_titles_is_in_every_title(engine: Engine) -> None:
    answer = engine.search("title:ferry", 50, listing=UNFOLDED)
    assert answer.hits
    for hit in answer.hits:
        assert any(word in hit.article.title.lower() for word in ("ferry", "عبّارة", "عبارة"))
        assert hit.title_highlights
    phrase = engine.search('title:"ferry fire"', 50, listing=UNFOLDED)
    assert all("ferry fire" in hit.article.title.lower() for hit in phrase.hits)
    assert phrase.hits


def test_matches_in_a_title_are_reasons_with_their_places(tmp_path: Path) -> None:
    from test_engine_search import entry

    from index import load_encoder
    from index.local import writing

    index = Index.create(tmp_path / "titles", load_encoder())
    with writing(index) as writer:
        writer.add([entry("a", "Nobody was hurt aboard, said the captain.", "en", title="A ferry burns")])
    (hit,) = Engine(index).search("عبارة captain").hits
    assert [hit.article.title[start:end] for start, end in hit.title_highlights] == ["ferry"]
    assert [hit.passage.text[start:end] for start, end in hit.highlights] == ["captain"]
    assert {(match.query, match.term, match.kind) for match in hit.matched} == {
        ("عبارة", "ferry", "translation"),
        ("captain", "captain", "same"),
    }


def test_a_quotation_that_nothing_holds_keeps_its_order_as_a_wish_and_says_so(tmp_path: Path) -> None:
    engine = engine_over(
        tmp_path,
        {
            "turned": ("The harbour opened; ferry new was the word of the day, of the port.", "en"),
            "order": ("The new ferry was the word of the day; the port opened, the harbour.", "en"),
        },
    )
    answer = engine.search('"new ferry harbour"')
    assert ids(answer)[0] == "order"
    assert len(answer.hits) == 2
    assert answer.notes[0].startswith('No article holds "new ferry harbour": its words were searched for')
    assert not engine.search('"new ferry"').notes


def test_a_phrase_beside_other_words_is_no_wish(engine: Engine) -> None:
    answer = engine.search('"zebra crossing" ferry')
    assert answer.hits == ()
    assert answer.notes == ('No article holds "zebra crossing". Without operators its words would be searched for.',)


def test_phrases_and_filters_are_answered_together(engine: Engine) -> None:
    answer = engine.search('"Nawras 3" lang:english since:2025-03 source:herald -wheat', 50)
    assert answer.hits
    for hit in answer.hits:
        assert hit.article.language == "en"
        assert hit.article.source == "Sadaf Herald"
        assert (hit.article.published or "") >= "2025-03-01"
    assert answer.notes[0] == "Sources: Sadaf Herald."


def test_filters_of_the_query_and_those_given_both_hold(engine: Engine) -> None:
    answer = engine.search("minister since:2025-02", 50, filters=Filters(until="2025-03-31"))
    days = [(hit.article.published or "")[:10] for hit in answer.hits]
    assert days
    assert all("2025-02-01" <= day <= "2025-03-31" for day in days)
    with pytest.raises(InputError, match=r"en.*ar"):
        engine.search("minister lang:ar", filters=Filters("en"))


def test_operators_without_a_word_to_search_for_are_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="besides its operators"):
        engine.search("-ferry since:2018")


def test_a_query_with_operators_is_answered_as_it_was_typed(engine: Engine) -> None:
    assert engine.search("ferry -fire lang:en").query == "ferry -fire lang:en"
