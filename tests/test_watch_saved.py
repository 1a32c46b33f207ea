"""Saved searches tell of what is new and fits: each article once, copies never, nothing lost, and purged for good."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import feedparser
import numpy as np
import pytest
from conftest import Khabar
from crashing import entries

from index import Index, load_encoder
from index.errors import IndexDamaged, InputError
from index.local import writing
from index.types import Encoder, Filters, Vectors
from search import Engine
from search.watch import atom, hits, match, news, save, saved, told

NEW = (
    "The ferry Amal caught fire near Port Sarma on Sunday. Crews rescued 212 passengers from the burning ferry, and an "
    "inquiry into the accident was opened by the harbour office of Sarma."
)
OTHER = "The price of tomatoes fell in the markets of Kasrun, where farmers complained about cheap imports."

Add = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(corpus_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(corpus_folder, tmp_path / "index"))


@pytest.fixture
def index(folder: Path) -> Index:
    return Index.open(folder)


@pytest.fixture
def add(khabar: Khabar, folder: Path, tmp_path: Path) -> Add:
    """Index some articles, id -> text, from one file; returns the report."""

    def index_them(**texts: str) -> dict[str, Any]:
        rows = [
            {"id": id, "title": f"Report {id}", "text": text, "url": f"https://example.org/{id}"}
            for id, text in texts.items()
        ]
        path = tmp_path / "new.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
        done = khabar("index", path, "--index", folder, "--json")
        assert done.code == 0, done.err
        found: dict[str, Any] = done.json
        return found

    return index_them


def ids(found: list[Any]) -> list[str]:
    return [one.hit.article.id for one in found]


def test_an_indexing_run_is_matched_and_news_tells_of_what_fits_once(khabar: Khabar, folder: Path, add: Add) -> None:
    assert khabar("save", "ferry", "ferry fire rescue", "--index", folder).code == 0
    assert add(fire=NEW, tomatoes=OTHER)["news"] == {"ferry": 1}
    done = khabar("news", "--index", folder, "--json")
    (line,) = map(json.loads, done.out.splitlines())
    assert (line["search"], line["article"]["id"]) == ("ferry", "fire")
    assert line["score"] >= 0.4
    assert "ferry" in line["passage"]["text"]
    assert {match["query"] for match in line["matched"]} >= {"ferry", "fire"}
    assert khabar("news", "--index", folder, "--json").out == ""
    again = khabar("news", "ferry", "--all", "--index", folder, "--json")
    assert json.loads(again.out)["told"] is not None


def test_an_article_that_is_updated_is_not_told_again(index: Index, add: Add) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    add(fire=NEW)
    told(index, news(index))
    assert add(fire=f"{NEW} The inquiry will take three months.")["news"] == {}
    assert news(index) == []


def test_what_was_indexed_before_is_never_told_even_when_it_is_updated(index: Index, add: Add) -> None:
    add(fire=NEW)
    _, old = save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    assert "fire" in [hit.article.id for hit in old]
    assert match(index) == {}
    assert add(fire=f"{NEW} The inquiry will take three months.")["news"] == {}


def test_copies_are_told_with_the_first_of_them_and_never_later(index: Index, add: Add) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    assert add(fire=NEW, copy=NEW)["news"] == {"ferry": 1}
    (one,) = news(index)
    assert {one.hit.article.id, *(copy.id for copy in one.hit.copies)} == {"fire", "copy"}
    assert add(fire=NEW, copy=NEW, later=f"{NEW} (Agency)")["news"] == {}


def test_operators_and_filters_hold_for_what_is_new(index: Index, add: Add) -> None:
    engine = Engine(index)
    save(engine, "phrase", '"burning ferry" -inquiry', min_score=0.1)
    save(engine, "arabic", "ferry fire", filters=Filters(language="ar"), min_score=0.1)
    save(engine, "title", 'title:"report calm"', min_score=0.0)
    new = add(fire=NEW, calm="A burning ferry was towed to Port Sarma, and all 212 passengers are safe.")["news"]
    assert new == {"phrase": 1, "title": 1}
    assert set(ids(news(index))) == {"calm"}


def test_a_query_in_arabic_is_told_of_an_english_article(index: Index, add: Add) -> None:
    save(Engine(index), "عبّارة", "حريق العبارة وإنقاذ الركاب", min_score=0.3)
    assert add(fire=NEW, tomatoes=OTHER)["news"] == {"عبّارة": 1}


def test_the_threshold_is_the_score_that_so_many_of_the_old_articles_reach(index: Index) -> None:
    count = index.counts()["articles"]
    engine = Engine(index)
    one, old = save(engine, "one", "ferry accident", rate=1000 * 3 / count + 0.1)
    assert len(old) == 3
    assert one.threshold == pytest.approx(old[-1].score, abs=1e-5)
    few, _ = save(engine, "few", "ferry accident", rate=0.5)
    assert few.threshold == 0.4, "96 articles cannot tell what one of 2,000 scores"


def test_a_match_scores_what_a_search_in_its_language_gives_it(index: Index, add: Add) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    add(fire=NEW, tomatoes=OTHER)
    (one,) = news(index)
    english = Filters(language="en")
    found = {hit.article.id: hit for hit in Engine(index).search("ferry fire rescue", 50, filters=english).hits}
    assert one.hit.score == pytest.approx(found["fire"].score, abs=1e-5)
    assert one.hit.passage == found["fire"].passage
    assert one.hit.matched == found["fire"].matched


class Halved(Encoder):
    """The embedded model, but for half of its numbers: another model."""

    name, dim, hash = "halved", load_encoder().dim // 2, "0123456789abcdef"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        rows = load_encoder().encode_queries(texts)[:, : self.dim]
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    encode_passages = encode_similar = encode_queries


def test_thresholds_are_found_again_for_another_model(index: Index, folder: Path) -> None:
    save(Engine(index), "ferry", "ferry accident", rate=50)
    save(Engine(index), "own", "ferry accident", min_score=0.9)
    before = {one.name: one.threshold for one in saved(index)}
    with writing(index) as writer:
        writer.reencode(Halved())
    again = Index.open(folder)
    assert match(again, Halved) == {}
    after = {one.name: one.threshold for one in saved(again)}
    assert after["ferry"] != before["ferry"]
    assert after["own"] == 0.9


def test_thresholds_are_found_again_in_an_index_of_twice_the_size(index: Index) -> None:
    save(Engine(index), "ferry", "ferry accident", rate=50)
    count = index.counts()["articles"]
    with writing(index) as writer:
        writer.add(entries({f"n{number}": f"{OTHER} Week {number}." for number in range(count)}))
    match(index)
    (one,) = saved(index)
    assert one.articles == 2 * count


def test_nothing_is_lost_when_nobody_matched_after_a_run(index: Index, folder: Path) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    with writing(index) as writer:
        writer.add(entries({"fire": NEW}))
    assert match(index) == {"ferry": 1}
    assert match(index) == {}


def test_saved_searches_are_listed_and_removed_with_what_they_found(khabar: Khabar, folder: Path, add: Add) -> None:
    khabar("save", "ferry", "ferry", "fire", "--lang", "en", "--min-score", "0.3", "--index", folder)
    add(fire=NEW)
    (listed,) = khabar("saved", "--index", folder, "--json").json["saved"]
    assert (listed["query"], listed["filters"]["language"], listed["waiting"], listed["found"]) == (
        "ferry fire",
        ["en"],
        1,
        1,
    )
    assert khabar("saved", "--remove", "ferry", "--index", folder).code == 0
    assert khabar("saved", "--index", folder, "--json").json["saved"] == []
    assert b"burning" not in (folder / "searches.db").read_bytes()
    assert "khabar saved" in khabar("saved", "--remove", "ferry", "--index", folder).err


@pytest.mark.parametrize("name", ["", " ", "-x", "a\nb", "x" * 101, "\u202eevil"])
def test_a_name_that_cannot_be_typed_or_shown_is_refused(index: Index, name: str) -> None:
    with pytest.raises(InputError, match="name"):
        save(Engine(index), name, "ferry")


def test_a_name_is_given_once_and_a_search_without_words_is_refused(khabar: Khabar, folder: Path) -> None:
    assert khabar("save", "ferry", "ferry", "--index", folder).code == 0
    assert "already" in khabar("save", "ferry", "fire", "--index", folder).err
    assert "no words" in khabar("save", "empty", "...", "--index", folder).err
    assert khabar("news", "fery", "--index", folder).code == 1
    assert "'ferry'" in khabar("news", "fery", "--index", folder).err


def test_removing_an_article_removes_its_hits_and_purging_leaves_no_word_of_it(
    khabar: Khabar, index: Index, folder: Path, add: Add
) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.2)
    add(
        fire=f"{NEW} Zabrudna.", kept="A ferry on fire at Kasrun: the rescue of 40 passengers, and Qolunsk the captain."
    )
    assert len(news(index)) == 2
    add(kept="A ferry on fire at Kasrun: the rescue of 40 passengers was broken off.")
    assert khabar("remove", "fire", "--purge", "--index", folder).code == 0
    assert "fire" not in ids(hits(index))
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"Zabrudna" not in data, path
            assert b"Qolunsk" not in data, f"{path}: replaced before it was purged"


def test_the_file_is_for_its_owner_alone_and_verify_knows_it(khabar: Khabar, folder: Path, add: Add) -> None:
    khabar("save", "ferry", "ferry fire", "--min-score", "0.3", "--index", folder)
    add(fire=NEW)
    for path in folder.glob("searches.db*"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert khabar("verify", "--index", folder).code == 0
    with sqlite3.connect(folder / "searches.db") as db:
        db.execute("UPDATE hits SET body = replace(body, 'ferry', 'train')")
    done = khabar("verify", "--index", folder)
    assert done.code == 1
    assert "searches.db" in done.out


def test_a_file_with_other_tables_or_triggers_is_refused(khabar: Khabar, index: Index, folder: Path) -> None:
    save(Engine(index), "ferry", "ferry")
    with sqlite3.connect(folder / "searches.db") as db:
        db.execute("CREATE TRIGGER t AFTER INSERT ON hits BEGIN DELETE FROM searches; END")
    with pytest.raises(IndexDamaged, match="trigger"):
        saved(index)
    assert khabar("search", "ferry", "--index", folder).code == 0, "the articles do not depend on it"


def test_an_atom_feed_has_stable_ids_and_reads_back(
    khabar: Khabar, index: Index, folder: Path, add: Add, tmp_path: Path
) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.3)
    add(fire=NEW)
    file = tmp_path / "news.xml"
    assert khabar("news", "--atom", file, "--index", folder).code == 0
    first = feedparser.parse(file.read_text("utf-8"))
    assert not first.bozo
    (entry,) = first.entries
    assert (entry.title, entry.link) == ("Report fire", "https://example.org/fire")
    assert "burning ferry" in entry.summary
    assert news(index) == [], "what the feed tells is told"
    assert feedparser.parse(atom(index)).entries[0].id == entry.id
    add(fire=NEW, calm="A burning ferry: the fire is out, and the rescue of all on board the ferry is over.")
    assert entry.id in [one.id for one in feedparser.parse(atom(index, "ferry")).entries]


def test_a_feed_is_never_written_into_an_index(khabar: Khabar, index: Index, folder: Path) -> None:
    save(Engine(index), "ferry", "ferry")
    done = khabar("news", "--atom", folder / "searches.db", "--index", folder)
    assert done.code == 1
    assert "which it would damage" in done.err


def test_hits_of_hostile_articles_are_shown_harmless(khabar: Khabar, index: Index, folder: Path, add: Add) -> None:
    save(Engine(index), "ferry", "ferry fire rescue", min_score=0.2)
    add(evil=f"\x1b[31m{NEW}\x07 \u202e]]> <script>alert(1)</script> &amp;")
    assert "\x1b" not in khabar("news", "--all", "--index", folder).out
    assert not feedparser.parse(atom(index)).bozo
