"""Indexing again does only what changed; what was removed is nowhere; a backup is equal."""

import gzip
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import CORPUS, Khabar

from index import Index, ingest, load_encoder
from index.local.writer import writing
from index.types import Article, Encoder, Vectors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, **texts: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps({"_id": id, "title": f"Bulletin {id}", "text": text}) for id, text in texts.items()]
    path.write_text("\n".join(lines), "utf-8")
    return path


def index(khabar: Khabar, *args: object) -> dict[str, int]:
    report = khabar("index", *args, "--json").json
    return {name: n for name in ("added", "updated", "unchanged", "removed") if (n := report[name])}


def content(folder: Path) -> dict[Path, bytes]:
    """The bytes of every file, but for the memory that the processes share."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}


def ids(folder: Path) -> list[str]:
    return sorted(article.id for _, article in Index.open(folder).articles())


RAIN, WIND, SNOW = ("Rain fell in Kasrun.", "A storm broke trees in Sarmin.", "Snow closed the pass of Ostreva.")


def test_only_what_changed_is_stored_again(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = rows(tmp_path / "news" / "a.jsonl", rain=RAIN, wind=WIND)
    assert index(khabar, tmp_path / "news", "--index", folder) == {"added": 2}
    assert index(khabar, tmp_path / "news", "--index", folder) == {"unchanged": 2}
    rows(source, snow=SNOW, rain=RAIN, wind=f"{WIND} Nobody was hurt.")  # every line has moved
    assert index(khabar, tmp_path / "news", "--index", folder) == {"added": 1, "updated": 1, "unchanged": 1}
    assert "Nobody was hurt" in Index.open(folder).article("wind").text


def test_an_unchanged_run_changes_no_byte(khabar: Khabar, folder: Path) -> None:
    sources = CORPUS / "corpus.jsonl", CORPUS / "pages"
    khabar("index", *sources, "--index", folder)
    before = content(folder)
    assert set(index(khabar, *sources, "--index", folder)) == {"unchanged"}
    assert content(folder) == before


def test_a_file_with_a_bad_row_is_read_and_its_row_named_every_time(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    source = rows(tmp_path / "a.jsonl", rain=RAIN)
    source.write_text(source.read_text("utf-8") + "\n{broken", "utf-8")
    for _ in range(2):
        done = khabar("index", source, "--index", folder)
        assert done.code == 3
        assert f"{source}:2" in done.err


def test_prune_removes_articles_whose_files_or_rows_are_gone(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    news = tmp_path / "news"
    first, second = rows(news / "a.jsonl", rain=RAIN, wind=WIND), rows(news / "b.jsonl", snow=SNOW)
    index(khabar, news, "--index", folder)
    second.unlink()
    rows(first, rain=RAIN)
    assert index(khabar, news, "--index", folder) == {"unchanged": 1}  # nothing is removed unasked
    assert index(khabar, news, "--prune", "--index", folder) == {"unchanged": 1, "removed": 2}
    assert ids(folder) == ["rain"]


def test_prune_never_looks_beyond_the_sources(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    kept, lost = rows(tmp_path / "old" / "a.jsonl", rain=RAIN), rows(tmp_path / "new" / "b.jsonl", snow=SNOW)
    index(khabar, kept.parent, lost.parent, "--index", folder)
    kept.unlink()
    lost.unlink()
    rows(tmp_path / "new" / "c.jsonl", wind=WIND)
    assert index(khabar, tmp_path / "new", "--prune", "--index", folder) == {"added": 1, "removed": 1}
    assert ids(folder) == ["rain", "wind"]
    kept.parent.rmdir()  # as if it were not mounted
    khabar("index", kept.parent, "--prune", "--index", folder)
    assert ids(folder) == ["rain", "wind"]


def test_prune_by_a_pattern(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    a, b = rows(tmp_path / "n" / "a.jsonl", rain=RAIN), rows(tmp_path / "n" / "b.ndjson", snow=SNOW)
    index(khabar, tmp_path / "n", "--index", folder)
    a.unlink()
    b.unlink()
    pattern = str(tmp_path / "n" / "*.jsonl")
    assert "nothing was pruned" in khabar("index", pattern, "--prune", "--index", folder).err  # it matches no file
    assert ids(folder) == ["rain", "snow"]
    khabar("index", pattern, "--prune-all", "--index", folder)
    assert ids(folder) == ["snow"]


def test_a_renamed_file_is_not_indexed_again(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    rows(tmp_path / "n" / "a.jsonl", rain=RAIN, wind=WIND).rename(tmp_path / "n" / "b.jsonl")
    index(khabar, tmp_path / "n", "--index", folder)
    (tmp_path / "n" / "b.jsonl").rename(tmp_path / "n" / "c.jsonl")
    assert index(khabar, tmp_path / "n", "--prune", "--index", folder) == {"unchanged": 2}


def test_an_article_that_two_files_hold_stays_while_one_does(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    first = rows(tmp_path / "n" / "a.jsonl", rain=RAIN)
    second = rows(tmp_path / "n" / "b.jsonl", rain=RAIN)
    assert index(khabar, tmp_path / "n", "--index", folder) == {"added": 1}
    first.unlink()
    assert index(khabar, tmp_path / "n", "--prune", "--index", folder) == {"unchanged": 1}
    assert ids(folder) == ["rain"]
    second.unlink()
    rows(tmp_path / "n" / "c.jsonl", wind=WIND)
    assert index(khabar, tmp_path / "n", "--prune", "--index", folder) == {"added": 1, "removed": 1}
    assert ids(folder) == ["wind"]


def test_a_removed_article_comes_back_with_its_source(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    source = rows(tmp_path / "a.jsonl", rain=RAIN, wind=WIND)
    index(khabar, source, "--index", folder)
    khabar("remove", "rain", "--index", folder)
    assert index(khabar, source, "--index", folder) == {"added": 1, "unchanged": 1}


class Interrupted(Exception):
    pass


class Stopping(Encoder):
    """The embedded encoder, which fails after some batches."""

    def __init__(self, batches: int) -> None:
        self._encoder = load_encoder()
        self._left = batches
        self.name, self.dim, self.hash = self._encoder.name, self._encoder.dim, self._encoder.hash

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encoder.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if not self._left:
            raise Interrupted
        self._left -= 1
        return self._encoder.encode_passages(texts)


def test_an_interrupted_first_run_goes_on_where_it_stopped(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.batches.BATCH", 10)
    source = rows(tmp_path / "a.jsonl", **{f"n{n}": f"Item{n} of the council of Kasrun." for n in range(60)})
    made = Index.create(folder, load_encoder())
    stopping: Encoder = Stopping(3)
    with pytest.raises(Interrupted):
        ingest.ingest(made, [str(source)], stopping)
    assert len(ids(folder)) == 30
    report = ingest.ingest(Index.open(folder), [str(source)], load_encoder())
    assert (report.added, report.unchanged) == (30, 30)
    assert len(ids(folder)) == 60


SECRET = {
    "_id": "zephyrine",
    "title": "Quillon affair: the vermeil ledgers",
    "text": "Investigators of Ostreva found the umbrage papers. مخطوطة الزمرّد لم تنشر قط. They spoke of nightjars.",
    "source": "Halcyon Courier",
    "url": "https://vagabond.example/gossamer",
    "tags": "tamarisk, obsidian",
    "lang": "en",
}
WORDS = (
    "zephyrine quillon vermeil ledgers umbrage مخطوطة الزمرد الزمرّد nightjars nightjar halcyon vagabond gossamer "
    "tamarisk obsidian"
)


@pytest.mark.parametrize("edited", [False, True], ids=["as it was", "after an edit"])
def test_the_words_of_a_purged_article_are_in_no_file(
    khabar: Khabar, tmp_path: Path, folder: Path, edited: bool
) -> None:
    others = rows(tmp_path / "others.jsonl", rain=RAIN, wind=f"{WIND} A nightjar sang.", snow=SNOW)
    secret = tmp_path / "quillon-affair.jsonl"
    secret.write_text(json.dumps(SECRET, ensure_ascii=False), "utf-8")
    for source in (others, secret):
        assert khabar("index", source, "--index", folder).code == 0
    if edited:  # the words of the first version must go too, though nothing that is stored now has them
        secret.write_text(json.dumps(SECRET | {"text": "It was withdrawn.", "title": "Withdrawn"}), "utf-8")
        assert khabar("index", secret, "--index", folder).code == 0
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()
    assert b"zephyrine" in held
    assert khabar("remove", "zephyrine", "--purge", "--index", folder).code == 0
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()).lower()
    allowed = {"nightjar"}  # another article has it
    for word in set(WORDS.split()) - allowed:
        for encoded in (word.encode(), word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()):
            assert encoded not in held, word
    assert b"nightjar" in held
    assert "wind" in khabar("search", "nightjar", "--index", folder).out
    assert khabar("verify", "--index", folder).code == 0


def test_a_backup_is_read_back_to_an_equal_index(khabar: Khabar, tmp_path: Path, corpus_folder: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl.gz"
    assert khabar("export", first, "--index", corpus_folder).code == 0
    copy, again = tmp_path / "copy", tmp_path / "again"
    assert khabar("index", first, "--index", copy).code == 0
    second.write_bytes(gzip.compress(khabar("export", "--index", copy).out.encode()))
    assert khabar("index", second, "--index", again).code == 0
    original = {article.id: article for _, article in Index.open(corpus_folder).articles()}
    for folder in (copy, again):
        assert {article.id: article for _, article in Index.open(folder).articles()} == original
    assert index(khabar, first, "--index", again) == {"unchanged": len(original)}
    hits = [khabar("search", "ferry fire", "--index", f, "--json").json["hits"] for f in (corpus_folder, again)]
    assert [h["article"]["id"] for h in hits[0]] == [h["article"]["id"] for h in hits[1]]


def test_every_field_of_an_article_survives_a_backup(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    full = Article(
        id="../a/'; DROP TABLE articles; --",
        title="فيضان في قصرون",  # a flood in Kasrun
        text="قال المتحدث: «لا ضحايا».\n\nThe spokesman said so.\nوكالات",
        language="ar",
        published="2025-03-02T10:00:00+03:00",
        source="صدى قصرون",
        url="https://example.org/?a=1&b=2",
        path="pages/flood.html:3",
        keywords=("فيضان", "Kasrun, upper town"),
        city="قصرون",
        agency="وكالات",
        host="host",
    )
    from index.export import lines
    from index.ports import Entry

    made = Index.create(tmp_path / "made", load_encoder())
    with writing(made) as writer:
        writer.add([Entry(full, (), load_encoder().encode_passages([]), "")])
    backup = tmp_path / "backup.jsonl"
    backup.write_text("\n".join(lines(article for _, article in made.articles())), "utf-8")
    khabar("index", backup, "--index", folder)
    assert Index.open(folder).article(full.id) == full


@pytest.mark.parametrize(
    "row",
    [
        {"khabar": 2, "id": "a", "text": "x"},
        {"khabar": 1, "id": "a", "text": 7},
        {"khabar": 1, "id": ["a"], "text": "x"},
        {"khabar": 1, "id": "a", "text": "x", "keywords": "a, b"},
        {"khabar": 1, "id": "a", "text": "x", "keywords": [None]},
        {"khabar": 1, "text": "x"},
        {"khabar": 1, "id": "a", "text": " \x00 "},
        {"khabar": 1, "id": "a", "text": "x", "published": "soon"},
        {"khabar": 1, "id": "a", "text": "x", "published": "2025-02-30"},
    ],
)
def test_a_row_that_only_claims_to_be_a_backup_is_rejected(
    khabar: Khabar, tmp_path: Path, folder: Path, row: dict[str, object]
) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(json.dumps(row), "utf-8")
    done = khabar("index", source, "--index", folder)
    assert done.code == 1
    assert f"{source}:1: exported article" in done.err


def test_a_backup_replaces_a_file_only_when_it_is_complete(khabar: Khabar, tmp_path: Path, corpus_folder: Path) -> None:
    (tmp_path / "folder").mkdir()
    done = khabar("export", tmp_path / "folder", "--index", corpus_folder)
    assert done.code == 1
    assert "can be written" in done.err
    assert os.listdir(tmp_path) == ["folder"]


def test_an_index_remembers_the_last_run_that_changed_or_rejected_anything(
    tmp_path: Path, folder: Path, khabar: Khabar
) -> None:
    news = rows(tmp_path / "news.jsonl", dam="The dam of Sarmin opened.")
    news.write_text(news.read_text("utf-8") + "\nno JSON", "utf-8")
    khabar("index", news, "--index", folder)
    found = Index.open(folder).last_run()
    assert found is not None
    assert (found.added, found.rejected, [one.path for one in found.examples]) == (1, 1, [f"{news}:2"])
    rows(news, dam="The dam of Sarmin opened.")
    khabar("index", news, "--index", folder)
    assert Index.open(folder).last_run() == found
    assert not Index.open(folder).verify()
