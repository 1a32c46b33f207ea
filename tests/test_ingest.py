"""Reading is one stream of events, each file is opened once, and what fails costs only itself."""

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Khabar

from index import Index, load_encoder
from index.errors import InputError
from index.ingest import ingest
from index.read import Began, Ended, Unknown, events
from index.types import Document, Encoder, Rejected, Shard, Vectors

RAIN, WIND, SNOW = ("Rain fell in Kasrun.", "A storm broke trees in Sarmin.", "Snow closed the pass of Ostreva.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, *texts: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    lines = [json.dumps({"_id": f"{path.stem}{n}", "text": text}) for n, text in enumerate(texts)]
    path.write_text("\n".join(lines), "utf-8")
    return path


def texts(folder: Path) -> set[str]:
    return {article.text for _, article in Index.open(folder).articles()}


# --- Events ---


def test_a_file_begins_gives_its_records_and_ends_with_its_hash(tmp_path: Path) -> None:
    first, second = rows(tmp_path / "n" / "a.jsonl", RAIN, WIND), rows(tmp_path / "n" / "b.jsonl", SNOW)
    second.write_text(second.read_text() + "\n{broken")
    (tmp_path / "n" / "c.jpg").write_bytes(b"x")
    found = list(events([str(tmp_path / "n"), str(tmp_path / "none")]))
    assert [type(event) for event in found] == [
        *(Began, Document, Document, Ended),
        *(Began, Document, Rejected, Ended),
        Unknown,
        *(Began, Rejected, Ended),
    ]
    assert found[0] == Began(str(first))
    assert found[3] == Ended(str(first), hashlib.sha256(first.read_bytes()).digest())
    assert found[7] == Ended(str(second), None)  # something in it could not be used
    assert found[9:] == [
        Began(str(tmp_path / "none"), opened=False),
        Rejected(str(tmp_path / "none"), "there is no such file or folder"),
        Ended(str(tmp_path / "none"), None),
    ]


def test_a_large_file_is_hashed_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.read.input.MAX_PAGE", 1000)
    source = rows(tmp_path / "a.jsonl", *(f"{RAIN} {n}" for n in range(100)))
    *_, last = events([str(source)])
    assert last == Ended(str(source), hashlib.sha256(source.read_bytes()).digest())


def test_a_file_is_opened_once_whether_it_is_new_the_same_or_changed(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    source = rows(tmp_path / "a.jsonl", RAIN)
    opened: list[str] = []
    watching = [True]

    def watch(event: str, details: tuple[object, ...]) -> None:
        if watching and event == "open" and details[0] == str(source):
            opened.append(str(details[1]))

    sys.addaudithook(watch)
    for content in (RAIN, RAIN, WIND):
        rows(source, content)
        opened.clear()
        khabar("index", source, "--index", folder)
        assert len(opened) == 1
    watching.clear()


# --- Failures ---


def test_a_document_that_nests_too_deeply_for_its_rules_rejects_itself_only(
    khabar: Khabar, tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index import preparing

    real = preparing.clean

    def clean(document: Document, *known: Any) -> object:
        if document.text == WIND:
            return clean(document, *known)  # without end, as a rule may be driven to
        if document.text == SNOW:
            raise MemoryError
        return real(document, *known)

    monkeypatch.setattr(preparing, "clean", clean)
    source = rows(tmp_path / "a.jsonl", RAIN, WIND, SNOW)
    for _ in range(2):  # its file is read again, and it is named again
        done = khabar("index", source, "--index", folder)
        assert done.code == 3
        assert f"{source}:2: is nested too deeply" in done.err
        assert f"{source}:3: needs more memory than there is" in done.err
        assert texts(folder) == {RAIN}


class Small(Encoder):
    """The embedded encoder, with no memory for one of the texts."""

    def __init__(self) -> None:
        self._encoder = load_encoder()
        self.name, self.dim, self.hash = self._encoder.name, self._encoder.dim, self._encoder.hash

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        if any(WIND in passage for passage in texts):
            raise MemoryError
        return self._encoder.encode_passages(texts)


def test_a_document_for_which_memory_does_not_suffice_rejects_itself_only(tmp_path: Path, folder: Path) -> None:
    source = rows(tmp_path / "a.jsonl", RAIN, WIND, SNOW)
    encoder = Small()
    report = ingest(Index.create(folder, encoder), [str(source)], encoder)
    assert (report.added, [one.path for one in report.rejected]) == (2, [f"{source}:2"])
    assert texts(folder) == {RAIN, SNOW}
    assert ingest(Index.open(folder), [str(source)], load_encoder()).added == 1


@pytest.mark.parametrize("name", ["a.jsonl", "a.html", "a.txt"])
def test_a_word_of_a_banner_twelve_hundred_times_stops_nothing(
    khabar: Khabar, tmp_path: Path, folder: Path, name: str
) -> None:
    banner = "\n".join(["Advertisement"] * 1200)
    (tmp_path / "n").mkdir()
    (tmp_path / "n" / name).write_text(json.dumps({"text": banner}) if name == "a.jsonl" else banner, "utf-8")
    rows(tmp_path / "n" / "z.jsonl", RAIN)
    done = khabar("index", tmp_path / "n", "--index", folder)
    assert "Traceback" not in done.err
    assert RAIN in texts(folder)


# --- What is written appears whole ---


def test_a_backup_is_not_written_over_the_index_and_not_over_a_link(
    khabar: Khabar, tmp_path: Path, folder: Path
) -> None:
    khabar("index", rows(tmp_path / "a.jsonl", RAIN), "--index", folder)
    done = khabar("export", folder / "articles.db", "--index", folder)
    assert (done.code, "is in the index" in done.err) == (1, True)
    assert texts(folder) == {RAIN}
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    link.symlink_to(target)
    khabar("export", link, "--index", folder)
    assert link.is_symlink()
    assert RAIN in target.read_text("utf-8")
    assert khabar("export", "/dev/null", "--index", folder).code == 0
    assert not Path("/dev/null").is_file()


def test_a_title_that_is_cut_is_named(khabar: Khabar, tmp_path: Path) -> None:
    rows = [{"_id": str(n), "title": "The ferry " * n, "text": "It sank in the harbour of Kasrun."} for n in (9, 60)]
    (tmp_path / "news.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = khabar("index", tmp_path / "news.jsonl", "--index", tmp_path / "index", "--json")
    assert done.code == 0
    said = "its title has 599 characters; it was cut to 500, and the whole of it stands in the text"
    assert done.json["notes"] == [{"path": f"{tmp_path / 'news.jsonl'}:2", "what": said}]
    assert f"news.jsonl:2: {said}" in done.err
    assert Index.open(tmp_path / "index").article("60").text.startswith("The ferry " * 59)


def test_shards_share_the_documents_of_all_files(tmp_path: Path) -> None:
    index, file = Index.create(tmp_path / "index", load_encoder()), tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps({"_id": f"n{n}", "text": f"Bulletin {n} of Kasrun."}) + "\n" for n in range(40)))
    page = tmp_path / "page.txt"
    page.write_text("The river rose.")
    sources = [str(file), str(page)]
    added = [ingest(index, sources, load_encoder(), shard=Shard(n, 3)).added for n in (1, 2, 3)]
    assert sum(added) == 41
    assert min(added) > 5
    again = [ingest(index, sources, load_encoder(), shard=Shard(n, 3)) for n in (1, 2, 3)]
    assert {report.added + report.updated for report in again} == {0}
    assert ingest(index, sources, load_encoder(), prune=True).removed == 0
    with pytest.raises(InputError, match="'4/3' is no shard"):
        Shard.parse("4/3")
