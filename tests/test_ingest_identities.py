"""No article takes the place of another: ids that collide, files that move, ids of an earlier make, backups."""

import json
import random
import shutil
import sqlite3
from pathlib import Path

import pytest
from conftest import CORPUS, Khabar

from index import Index
from index.types import Article

RAIN, WIND, SNOW = ("Rain fell in Kasrun.", "A storm broke trees in Sarmin.", "Snow closed the pass of Ostreva.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, *articles: dict[str, object]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(article) + "\n" for article in articles), "utf-8")
    return path


def texts(folder: Path) -> dict[str, str]:
    return {article.id: article.text for _, article in Index.open(folder).articles()}


def paths(folder: Path) -> set[str]:
    return {str(article.path) for _, article in Index.open(folder).articles()}


def counts(khabar: Khabar, *args: object) -> dict[str, int]:
    report = khabar("index", *args, "--json").json
    found = {name: n for name in ("added", "updated", "unchanged", "removed") if (n := report[name])}
    return found | {name: len(report[name]) for name in ("renamed", "replaced", "rejected") if report[name]}


# --- An id is an id within its file ---


def test_an_id_that_another_file_has_gets_the_name_of_its_file(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    rows(tmp_path / "n" / "a.jsonl", {"id": 1, "text": RAIN}, {"id": 2, "text": WIND})
    rows(tmp_path / "n" / "b.jsonl", {"id": 1, "text": SNOW}, {"id": 2, "text": WIND})
    done = khabar("index", tmp_path / "n", "--index", folder, "--json")
    assert done.code == 0
    assert done.json["renamed"] == [
        {"path": str(tmp_path / "n" / "b.jsonl:1"), "given": "1", "id": "b.jsonl:1"},
    ]
    assert "stored as b.jsonl:1, since another article has the id 1" in done.err
    assert texts(folder) == {"1": RAIN, "2": WIND, "b.jsonl:1": SNOW}  # the same document under one id is one article


def test_a_renamed_article_keeps_its_name_and_is_updated_under_it(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    first = rows(tmp_path / "a.jsonl", {"id": 1, "text": RAIN})
    second = rows(tmp_path / "b.jsonl", {"id": 1, "text": SNOW})
    for source in (first, second):
        khabar("index", source, "--index", folder)
    rows(second, {"id": 1, "text": f"{SNOW} It is open again."})
    assert counts(khabar, second, "--index", folder) == {"updated": 1, "renamed": 1}
    khabar("remove", "1", "--index", folder)
    rows(second, {"id": 1, "text": SNOW}, {"id": 2, "text": WIND})
    assert counts(khabar, second, "--index", folder) == {"added": 1, "updated": 1, "renamed": 1}
    assert texts(folder) == {"b.jsonl:1": SNOW, "2": WIND}


def test_files_of_one_name_are_told_apart_by_their_folders(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    for year, text in (("2022", RAIN), ("2023", WIND), ("2024", SNOW)):
        rows(tmp_path / year / "export.jsonl", {"id": 7, "text": text})
        khabar("index", tmp_path / year, "--index", folder)
    assert texts(folder) == {"7": RAIN, "export.jsonl:7": WIND, "2024/export.jsonl:7": SNOW}


def test_the_same_name_typed_in_two_folders_is_two_files(
    khabar: Khabar, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, text in (("x", RAIN), ("y", WIND)):
        rows(tmp_path / place / "export.jsonl", {"id": 7, "text": text})
        monkeypatch.chdir(tmp_path / place)
        khabar("index", "export.jsonl", "--index", folder)
    assert sorted(texts(folder).values()) == sorted([RAIN, WIND])
    rows(tmp_path / "x" / "export.jsonl", {"id": 7, "text": f"{RAIN} Again."})
    monkeypatch.chdir(tmp_path)
    assert counts(khabar, "x/export.jsonl", "--index", folder) == {"updated": 1}  # however the file is named
    assert texts(folder)["7"] == f"{RAIN} Again."


def test_an_id_repeated_within_a_file_keeps_all_its_articles(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = rows(
        tmp_path / "a.jsonl", *({"id": "news", "title": text[:9], "text": text} for text in (RAIN, WIND, SNOW))
    )
    assert counts(khabar, source, "--index", folder) == {"added": 3, "renamed": 2}
    assert sorted(texts(folder).values()) == sorted([RAIN, WIND, SNOW])
    assert all(id == "news" or id.startswith("news~") for id in texts(folder))
    with source.open("a") as file:
        file.write(json.dumps({"id": "more", "text": RAIN * 2}) + "\n")
    assert counts(khabar, source, "--index", folder) == {"added": 1, "unchanged": 3, "renamed": 2}


def test_a_repeated_id_is_found_in_another_batch_too(
    khabar: Khabar, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.batches.BATCH", 2)
    source = rows(tmp_path / "a.jsonl", *({"id": n % 3, "text": f"{RAIN} Day {n}."} for n in range(9)))
    assert counts(khabar, source, "--index", folder) == {"added": 9, "renamed": 6}
    assert len(texts(folder)) == 9


def test_standard_input_is_a_file_of_its_own(
    khabar: Khabar, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    def give(text: str) -> None:
        data = json.dumps({"id": 1, "text": text}).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        khabar("index", "-", "--index", folder)

    give(RAIN)
    give(WIND)
    assert texts(folder) == {"1": WIND}  # given again, it is updated
    khabar("index", rows(tmp_path / "a.jsonl", {"id": 1, "text": SNOW}), "--index", folder)
    assert texts(folder) == {"1": WIND, "a.jsonl:1": SNOW}


def test_a_page_met_again_under_its_address_is_a_new_version(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    url = "https://kasrun.example/rain"
    rows(tmp_path / "monday.jsonl", {"url": url, "title": "Rain in Kasrun", "text": RAIN})
    rows(tmp_path / "tuesday.jsonl", {"url": url, "title": "Rain in Kasrun", "text": f"{RAIN} It stopped."})
    rows(tmp_path / "wednesday.jsonl", {"url": url, "title": "Snow in Ostreva", "text": SNOW})
    khabar("index", tmp_path / "monday.jsonl", "--index", folder)
    assert counts(khabar, tmp_path / "tuesday.jsonl", "--index", folder) == {"updated": 1, "replaced": 1}
    assert counts(khabar, tmp_path / "wednesday.jsonl", "--index", folder) == {"added": 1, "renamed": 1}
    assert sorted(texts(folder).values()) == sorted([f"{RAIN} It stopped.", SNOW])


def test_a_feed_whose_items_share_a_guid_loses_none_when_it_moves_on(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    def feed(*items: tuple[str, str]) -> None:
        inner = "".join(
            f"<item><title>{text[:12]}</title><guid>news</guid><link>{link}</link><description>{text}</description></item>"
            for link, text in items
        )
        (tmp_path / "feed.xml").write_text(f"<rss><channel><title>Post</title>{inner}</channel></rss>", "utf-8")
        khabar("index", tmp_path / "feed.xml", "--index", folder)

    feed(("https://a.example/1", RAIN), ("https://a.example/2", WIND))
    feed(("https://a.example/3", SNOW), ("https://a.example/4", f"{WIND} Again."))
    assert len(texts(folder)) == 4
    feed(("https://a.example/", f"{SNOW} One."), ("https://a.example/", f"{RAIN} Two."))  # and one link
    assert len(texts(folder)) == 6


def test_an_article_embedded_in_a_page_takes_no_place(
    khabar: Khabar, tmp_path: Path, folder: Path, corpus_index: Index
) -> None:
    guest = next(article for _, article in corpus_index.articles() if article.host)
    source = rows(tmp_path / "a.jsonl", {"id": guest.id, "text": RAIN})
    khabar("index", source, "--index", folder)
    report = khabar("index", CORPUS / "pages", "--index", folder, "--json").json
    assert [one["given"] for one in report["renamed"]] == [guest.id]
    assert texts(folder)[guest.id] == RAIN
    assert guest.text in texts(folder).values()
    assert khabar("index", CORPUS / "pages", "--index", folder, "--json").json["renamed"] == []  # nothing is read


# --- Ids that are made ---


def test_a_made_id_has_128_bits_and_any_unique_beginning_shows_it(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    khabar("index", rows(tmp_path / "a.jsonl", {"text": RAIN}, {"text": WIND}), "--index", folder)
    first, second = sorted(texts(folder))
    assert len(first) == len(second) == 32
    same = next(n for n in range(32) if first[n] != second[n])
    assert khabar("show", first[: same + 1], "--index", folder, "--json").json["id"] == first
    if same:
        done = khabar("show", first[:same], "--index", folder)
        assert (done.code, "Several ids begin with" in done.err) == (1, True)
    assert "There is no article" in khabar("show", "zzz", "--index", folder).err
    khabar("index", rows(tmp_path / "b.jsonl", {"id": first[:20], "text": SNOW}), "--index", folder)
    assert khabar("show", first[:20], "--index", folder, "--json").json["text"] == SNOW  # a whole id is that article


def test_an_archive_whose_ids_were_made_with_48_bits_is_not_added_again(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    news = tmp_path / "news"
    rows(news / "a.jsonl", {"text": RAIN}, {"url": "https://kasrun.example/wind", "text": WIND})
    (news / "c.txt").write_text(f"Snow in Ostreva\n\n{SNOW} " * 3, "utf-8")
    khabar("index", news, "--index", folder)
    shorten_ids(folder)
    before = texts(folder)
    assert {len(id) for id in before} == {12}
    (news / "a.jsonl").touch()
    rows(news / "a.jsonl", {"text": RAIN}, {"url": "https://kasrun.example/wind", "text": f"{WIND} Twice."})
    report = khabar("index", news, "--index", folder, "--json").json
    assert (report["added"], report["renamed"]) == (0, [])
    assert texts(folder).keys() == before.keys()
    assert f"{WIND} Twice." in texts(folder).values()


def shorten_ids(folder: Path) -> None:
    """Make of an index what it was when made ids had 12 digits; no file counts as read."""
    from index.identities import fingerprint
    from index.local import database
    from index.read import read
    from index.types import Document

    documents = [d for d in read([str(folder.parent / "news")]) if isinstance(d, Document)]
    from dataclasses import replace

    hashes = {d.id: fingerprint(replace(d, id=d.id[:12])) for d in documents}
    db = sqlite3.connect(folder / "articles.db")
    for row in list(database.stored(db)):
        id = row.columns[0]
        new = row._replace(columns=(id[:12], *row.columns[1:]), document=hashes[id])
        values = (id[:12], hashes[id], new.sum(), row.number)
        db.execute("UPDATE articles SET id = ?, document = ?, checksum = ? WHERE number = ?", values)
        db.execute("UPDATE held SET id = ? WHERE id = ?", (id[:12], id))
    db.execute("UPDATE files SET hash = NULL")
    db.commit()
    db.close()


# --- Files that move ---


PAGE = (
    '<html><head><title>{0}</title><link rel="canonical" href="https://kasrun.example/{1}"></head>'
    "<body><article><h1>{0}</h1><p>{2}</p></article></body></html>"
)


def make_feed(folder: Path) -> None:
    rows(folder / "a.jsonl", {"id": "a", "text": RAIN}, {"text": WIND})
    (folder / "note.txt").write_text(f"Snow in Ostreva\n\n{SNOW} " * 3, "utf-8")
    body = "The council of Kasrun met on Sunday and agreed on a new bridge over the river. " * 4
    (folder / "page.html").write_text(PAGE.format("A bridge for Kasrun", "bridge", body), "utf-8")


def test_a_folder_that_moves_takes_its_articles_with_it(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    make_feed(tmp_path / "feed")
    khabar("index", tmp_path / "feed", "--index", folder)
    before = texts(folder)
    (tmp_path / "feed").rename(tmp_path / "feed2")
    assert counts(khabar, tmp_path / "feed2", "--prune", "--index", folder) == {"unchanged": len(before)}
    assert texts(folder) == before
    assert all(path.startswith(str(tmp_path / "feed2")) for path in paths(folder))
    assert khabar("verify", "--index", folder).code == 0
    for path in (tmp_path / "feed2").iterdir():
        if path.suffix != ".jsonl":
            path.unlink()
    assert counts(khabar, tmp_path / "feed2", "--prune", "--index", folder)["removed"] == 2
    assert len(texts(folder)) == 2


def test_a_moved_file_with_a_bad_row_is_followed_by_its_rows(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = rows(tmp_path / "x" / "a.jsonl", {"id": "a", "text": RAIN}, {"views": 1})
    khabar("index", source, "--index", folder)
    (tmp_path / "x").rename(tmp_path / "y")
    khabar("index", tmp_path / "y", "--index", folder)
    assert paths(folder) == {str(tmp_path / "y" / "a.jsonl:1")}
    rows(tmp_path / "y" / "a.jsonl", {"id": "b", "text": WIND})
    khabar("index", tmp_path / "y", "--prune", "--index", folder)
    assert texts(folder) == {"b": WIND}
    assert khabar("verify", "--index", folder).code == 0


def test_a_moved_text_file_that_changes_later_is_the_same_article(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    make_feed(tmp_path / "feed")
    khabar("index", tmp_path / "feed" / "note.txt", "--index", folder)
    (id,) = texts(folder)
    (tmp_path / "feed" / "note.txt").rename(tmp_path / "moved.txt")
    khabar("index", tmp_path / "moved.txt", "--index", folder)
    (tmp_path / "moved.txt").write_text(f"Snow in Ostreva\n\n{SNOW} It melted. " * 3, "utf-8")
    assert counts(khabar, tmp_path / "moved.txt", "--index", folder) == {"updated": 1}
    assert list(texts(folder)) == [id]
    # Another file in its old place is another article.
    (tmp_path / "feed" / "note.txt").write_text(f"Rain in Kasrun\n\n{RAIN} It went on. " * 3, "utf-8")
    assert counts(khabar, tmp_path / "feed" / "note.txt", "--index", folder) == {"added": 1, "renamed": 1}
    assert len(texts(folder)) == 2


def test_a_copy_is_no_move(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    make_feed(tmp_path / "feed")
    khabar("index", tmp_path / "feed", "--index", folder)
    shutil.copytree(tmp_path / "feed", tmp_path / "copy")
    khabar("index", tmp_path / "copy", "--index", folder)
    assert any(path.startswith(str(tmp_path / "feed")) for path in paths(folder))


# --- Backups ---


HOST = Article(id="h", title="Rain", text=RAIN, language="en", path="pages/a.html", published="2025-01-02")
GUEST = Article(id="h#2", title="Wind", text=WIND, language="en", path="pages/a.html", host="h")
OTHER = Article(id="o", title="Snow", text=SNOW, language="en", path="b.csv:3")


def line(article: Article, **changes: object) -> dict[str, object]:
    from dataclasses import asdict

    said = {name: value for name, value in asdict(article).items() if value}
    return {"khabar": 1, **said, **changes}


@pytest.mark.parametrize("seed", range(3))
def test_a_backup_in_any_order_and_however_often_gives_the_same_articles(
    khabar: Khabar, tmp_path: Path, folder: Path, seed: int
) -> None:
    lines = [line(HOST), line(GUEST), line(OTHER)]
    for round in range(3):
        random.Random(10 * seed + round).shuffle(lines)
        rows(tmp_path / "backup.jsonl", *lines)
        report = counts(khabar, tmp_path / "backup.jsonl", "--index", folder)
        assert report == ({"added": 3} if not round else {"unchanged": 3})
    assert {a.id: a for _, a in Index.open(folder).articles()} == {a.id: a for a in (HOST, GUEST, OTHER)}


def test_an_edited_host_keeps_its_guest(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    rows(tmp_path / "backup.jsonl", line(GUEST), line(HOST))
    khabar("index", tmp_path / "backup.jsonl", "--index", folder)
    rows(tmp_path / "backup.jsonl", line(HOST, title="Heavy rain"), line(GUEST))
    assert counts(khabar, tmp_path / "backup.jsonl", "--index", folder) == {"updated": 1, "unchanged": 1}
    assert texts(folder) == {"h": RAIN, "h#2": WIND}
    rows(tmp_path / "backup.jsonl", line(GUEST))
    khabar("index", tmp_path / "backup.jsonl", "--prune", "--index", folder)
    assert texts(folder) == {"h#2": WIND}
    khabar("index", rows(tmp_path / "backup.jsonl", line(HOST), line(GUEST)), "--index", folder)
    khabar("remove", "h", "--index", folder)  # whoever removes a host removes its guests
    assert texts(folder) == {}
    assert counts(khabar, tmp_path / "backup.jsonl", "--index", folder) == {"added": 2}


def test_sources_are_recognised_after_a_backup_was_read(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    make_feed(tmp_path / "feed")
    khabar("index", tmp_path / "feed", "--index", folder)
    backup, again = tmp_path / "backup.jsonl", tmp_path / "again"
    khabar("export", backup, "--index", folder)
    assert counts(khabar, backup, "--index", folder) == {"unchanged": 4}  # onto the index it came from
    khabar("index", backup, "--index", again)
    report = counts(khabar, tmp_path / "feed", "--index", again)
    assert report.keys() <= {"updated", "unchanged"}
    assert texts(again) == texts(folder)


def test_two_backups_with_the_same_ids_lose_nothing(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    first = rows(tmp_path / "one.jsonl", line(OTHER))
    second = rows(tmp_path / "two.jsonl", line(OTHER, text=WIND, path="c.csv:3"))
    assert counts(khabar, first, second, "--index", folder) == {"added": 2, "renamed": 1}
    assert texts(folder) == {"o": SNOW, "two.jsonl:o": WIND}
