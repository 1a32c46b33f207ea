"""`khabar duplicates` over an index and for new files, and articles kept out by `khabar index --skip-duplicates`."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny
from conftest import CORPUS, Khabar

from index.local import Index
from index.text import Sketch
from index.types import Article
from search.coverage import Collection, Skipper, related
from search.coverage.candidates import candidate_pairs
from search.types import Tier

FIRE = (
    "اندلع حريق كبير فجر اليوم في السوق القديم بمدينة رمانة، وأتى على 14 متجرا قبل أن تتمكن فرق الإطفاء من السيطرة "
    "عليه. وقال قائد الدفاع المدني إن النيران بدأت في مستودع للأقمشة ثم امتدت إلى المحال المجاورة بسبب الرياح. "
    "وأضاف أن أحدا لم يصب بأذى لأن السوق كان مغلقا في تلك الساعة."
)  # a fire in the market of an invented town
MORE = (
    " وأعلنت البلدية أنها ستعوض أصحاب المتاجر، وأن لجنة ستحقق في أسباب الحادث وترفع تقريرها إلى المجلس خلال أسبوعين من "
    "تاريخ تشكيلها، كما ستنقل السوق إلى مكان مؤقت قرب الميناء ريثما ينتهي الترميم."
)  # what a longer report adds


def row(id: str, text: str, date: str = "2025-03-01", source: str = "صدى رمانة") -> dict[str, str]:
    return {"_id": id, "title": f"خبر {id}", "text": text, "date": date, "source": source, "lang": "ar"}


def rows(path: Path, *articles: dict[str, str]) -> Path:
    path.write_text("".join(json.dumps(a, ensure_ascii=False) + "\n" for a in articles), "utf-8")
    return path


def lines(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def folder(khabar: Khabar, tmp_path: Path) -> Path:
    """An index that holds one article."""
    assert khabar("index", rows(tmp_path / "first.jsonl", row("fire", FIRE)), "--index", tmp_path / "index").code == 0
    return tmp_path / "index"


def test_every_link_of_the_sample_corpus_is_found_with_its_tier_and_no_other(
    khabar: Khabar, corpus_folder: Path
) -> None:
    with (CORPUS / "stories.tsv").open(encoding="utf-8") as file:
        judged = {
            frozenset((pair["a"], pair["b"])): pair["relation"]
            for pair in csv.DictReader(file, delimiter="\t")
            if pair["relation"] not in ("followup", "template")  # related, but no duplicates
        }
    found = lines(khabar("duplicates", "--index", corpus_folder, "--json").out)
    links = [link for group in found for link in group["links"]]
    assert {frozenset((link["a"], link["b"])): link["tier"] for link in links} == judged
    assert len(links) == len(judged)


def test_a_line_of_json_is_a_group_with_its_representative_articles_and_links(
    khabar: Khabar, corpus_folder: Path
) -> None:
    groups = lines(khabar("duplicates", "--index", corpus_folder, "--json").out)
    for group in groups:
        ids = [article["id"] for article in group["articles"]]
        assert set(group) == {"representative", "articles", "links"}
        assert group["representative"] in ids
        assert all(
            set(a) == {"id", "title", "language", "published", "source", "url", "path"} for a in group["articles"]
        )
        for link in group["links"]:
            assert set(link) == {"a", "b", "tier", "score", "evidence"}
            assert {link["a"], link["b"]} <= set(ids)
            assert 0 < link["score"] <= 1


def test_tiers_and_days_choose_what_is_listed(khabar: Khabar, corpus_folder: Path) -> None:
    done = khabar("duplicates", "--tier", "exact", "--tier", "near", "--index", corpus_folder, "--json")
    assert {link["tier"] for group in lines(done.out) for link in group["links"]} == {"exact", "near"}
    late = lines(khabar("duplicates", "--since", "2025-05-01", "--index", corpus_folder, "--json").out)
    assert late
    assert all(max(article["published"] for article in group["articles"]) >= "2025-05-01" for group in late)
    wrong = khabar("duplicates", "--tier", "nearly", "--index", corpus_folder)
    assert wrong.code == 2
    assert "nearly" in wrong.err


def test_altered_copies_are_listed_as_pairs_when_they_are_asked_for_and_never_else(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    other, third = FIRE.replace("14", "23"), FIRE.replace("14", "31")
    new = rows(tmp_path / "new.jsonl", row("b", other, "2025-03-02"), row("c", third, "2025-03-03"))
    assert khabar("index", new, "--skip-duplicates", "translated", "--index", folder, "--json").json["added"] == 2
    assert lines(khabar("duplicates", "--index", folder, "--json").out) == []
    pairs = lines(khabar("duplicates", "--tier", "altered", "--index", folder, "--json").out)
    told = {(link["a"], link["b"]): link["evidence"]["alterations"] for pair in pairs for link in pair["links"]}
    assert told == {
        ("fire", "b"): [{"kind": "number", "a": "14", "b": "23"}],
        ("fire", "c"): [{"kind": "number", "a": "14", "b": "31"}],
        ("b", "c"): [{"kind": "number", "a": "23", "b": "31"}],
    }
    assert all(len(pair["articles"]) == 2 for pair in pairs)
    later = khabar("duplicates", "--tier", "altered", "--since", "2025-03-03", "--index", folder)
    assert "Altered copies: 2 pairs" in later.out
    found = khabar("related", "fire", "--index", folder, "--json").json["related"]
    assert {one["article"]["id"]: one["alterations"] for one in found} == {
        "b": [{"kind": "number", "asked": "14", "printed": "23"}],
        "c": [{"kind": "number", "asked": "14", "printed": "31"}],
    }


def test_an_altered_copy_is_never_kept_out(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    refused = khabar(
        "index", rows(tmp_path / "a.jsonl", row("a", FIRE)), "--skip-duplicates", "altered", "--index", folder
    )
    assert refused.code == 2
    assert "exact, near, contained, rewritten, translated" in refused.err


def test_a_group_is_reported_once_however_many_pairs_it_has(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    new = rows(tmp_path / "new.jsonl", *(row(str(n), FIRE, f"2025-03-0{n}", f"منبر {n}") for n in range(2, 8)))
    assert khabar("index", new, "--index", folder).code == 0
    out = khabar("duplicates", "--index", folder).out
    assert "7 articles, 7 outlets; first published: صدى رمانة, 2025-03-01" in out
    assert out.count(" beside ") == 6  # of 21 pairs


def test_the_report_shows_the_differing_words_side_by_side(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    copy = rows(tmp_path / "copy.jsonl", row("copy", FIRE.replace("اندلع", "شب"), source="مرآة رمانة"))  # broke out
    out = khabar("duplicates", copy, "--index", folder).out
    assert "near" in out
    assert "شب │ اندلع" in out
    assert "Groups: 1, articles in them: 2" in out


def test_new_files_are_compared_with_the_index_and_with_each_other_but_not_added(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    new = rows(tmp_path / "new.jsonl", row("a", FIRE + MORE), row("b", FIRE.replace("14", "23")), row("fire", FIRE))
    groups = lines(khabar("duplicates", new, "--index", folder, "--json").out)
    assert [{(link["a"], link["b"], link["tier"]) for link in group["links"]} for group in groups] == [
        {("a", "fire", "contained")}
    ]  # another number of shops is another story, and an article is no duplicate of itself
    assert khabar("show", "a", "--index", folder).code == 1


def test_what_cannot_be_read_is_named_and_the_rest_is_checked(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.jsonl"
    new.write_text(json.dumps(row("copy", FIRE)) + "\n{broken\n", "utf-8")
    done = khabar("duplicates", new, "--index", folder, "--json")
    assert done.code == 3
    assert f"{new}:2: " in done.err
    assert len(lines(done.out)) == 1
    assert khabar("duplicates", tmp_path / "none.jsonl", "--index", folder).code == 1


def test_copies_are_kept_out_counted_and_named(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    new = rows(
        tmp_path / "new.jsonl",
        row("copy", FIRE.replace("،", " -"), date="2025-03-02"),
        row("near", FIRE.replace("اندلع", "شب"), date="2025-03-02"),
        row("long", FIRE + MORE, date="2025-03-02"),
        row("other", FIRE.replace("14", "23"), date="2025-03-02"),
    )
    done = khabar("index", new, "--skip-duplicates", "contained", "--index", folder, "--json").json
    assert done["added"] == 2
    assert {id: link["tier"] for id, link in done["skipped"].items()} == {"copy": "exact", "near": "near"}
    assert khabar("show", "copy", "--index", folder).code == 1
    assert khabar("show", "long", "--index", folder).code == 0  # it tells more than what it prints again


def test_only_copies_as_close_as_asked_are_kept_out_and_they_can_be_added_later(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    new = rows(tmp_path / "new.jsonl", row("copy", FIRE.replace("،", " -")), row("near", FIRE.replace("اندلع", "شب")))
    done = khabar("index", new, "--skip-duplicates", "exact", "--index", folder)
    assert "1 added" in done.out
    assert "1 skipped" in done.out
    assert "copy: not added, exact beside fire" in done.err
    assert khabar("index", new, "--index", folder, "--json").json["added"] == 1
    assert khabar("index", new, "--skip-duplicates", "close", "--index", folder).code == 2


def test_an_article_that_is_known_is_updated_and_not_taken_for_its_own_copy(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    source = rows(tmp_path / "first.jsonl", row("fire", FIRE.replace("اندلع", "شب")))
    done = khabar("index", source, "--skip-duplicates", "near", "--index", folder, "--json").json
    assert (done["updated"], done["skipped"]) == (1, {})


def test_copies_within_one_run_are_kept_out_too(khabar: Khabar, tmp_path: Path) -> None:
    new = rows(tmp_path / "new.jsonl", row("later", FIRE, date="2025-03-05"), row("first", FIRE, date="2025-03-04"))
    done = khabar("index", new, "--skip-duplicates", "exact", "--index", tmp_path / "index", "--json").json
    assert done["added"] == 1
    assert list(done["skipped"]) == ["later"]


@tiny.with_models
def test_an_index_made_by_another_model_has_the_same_duplicates(khabar: Khabar, tmp_path: Path) -> None:
    """What is one story is a matter of thresholds, which are those of the embedded model."""
    model = tiny.save_encoder(tmp_path / "model")
    source = rows(
        tmp_path / "sample.jsonl",
        *(
            article
            for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()
            if (article := json.loads(line))["_id"].startswith(("ferry", "film"))
        ),
    )
    found = []
    for name, options in (("embedded", ()), ("other", ("--model", model))):
        assert khabar("index", source, *options, "--index", tmp_path / name).code == 0
        groups = lines(khabar("duplicates", "--index", tmp_path / name, "--json").out)
        found.append({(link["a"], link["b"], link["tier"]) for group in groups for link in group["links"]})
    assert found[0] == found[1]
    assert {tier for _, _, tier in found[0]} == {"exact", "contained", "rewritten", "translated"}


def test_old_articles_are_not_paired_again_for_each_batch(corpus_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paired: list[int] = []

    def counted(sketches: Sequence[Sketch], since: int = 0) -> Any:
        paired.append(len(sketches))
        return candidate_pairs(sketches, since)

    monkeypatch.setattr("search.coverage.copies.candidate_pairs", counted)
    skipper = Skipper(Index.open(corpus_folder), Tier.CONTAINED)
    fire = Article("fire", "Fire", FIRE, "ar", "2025-03-01")
    assert skipper([fire]) == set()
    assert skipper([replace(fire, id="copy", published="2025-03-02")]) == {"copy"}
    assert max(paired) <= 2  # of some hundred articles


def test_a_stored_article_is_not_encoded_again(corpus_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index.open(corpus_folder)
    asked = index.article("ferry-ar-1")
    monkeypatch.setattr("search.coverage.collection.encoded", None)
    near, position = Collection.near(index, asked)
    assert near.articles[position] == asked


def test_pairs_of_related_articles_are_sought_once(corpus_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[int] = []

    def counted(sketches: Sequence[Sketch], since: int = 0) -> Any:
        sought.append(len(sketches))
        return candidate_pairs(sketches, since)

    monkeypatch.setattr("search.coverage.copies.candidate_pairs", counted)
    index = Index.open(corpus_folder)
    assert related(*Collection.near(index, index.article("ferry-ar-1")))
    assert len(sought) == 1
