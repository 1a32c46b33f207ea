"""`verify` finds whatever is not as it was written; `--repair` makes anew what can be made from the articles."""

import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from conftest import Khabar
from crashing import entries
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Index, load_encoder
from index.errors import IndexDamaged, IndexMismatch
from index.local import vectors
from index.local.database import stored, transaction
from index.local.layout import DATABASE, MANIFEST
from index.local.segments import Snapshot
from index.local.writer import writing
from index.open import Problem, repair, verify
from index.ports import Entry
from index.types import Encoder, Vectors

TEXTS = {
    "flood": "The river Sarma rose by two metres.\nTwo bridges were closed in Kasrun.",
    "wheat": "ارتفعت أسعار القمح في أسواق قصرون.",  # wheat prices rose in the markets of Kasrun
    "vote": "The council voted for the harbour.",
}


class Letters(Encoder):
    """A very small encoder: how often each letter occurs."""

    name, dim, hash = "letters", 8, "letters-1"

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        counted = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                counted[row, zlib.crc32(letter.encode()) % self.dim] += 1
        return counted / np.linalg.norm(counted, axis=1, keepdims=True)

    encode_queries = encode_similar = encode_passages


def made(folder: Path, encoder: Encoder, vectors: Callable[[Entry], Vectors]) -> Path:
    """An index of two segments with a removed passage."""
    with writing(Index.create(folder, encoder)) as writer:
        for batch in (TEXTS, {"late": "Rain is expected on Sunday."}):
            writer.add([Entry(e.article, e.passages, vectors(e), e.document) for e in entries(batch)])
        writer.remove(["vote"])
    assert verify(folder) == []
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("whole") / "index", load_encoder(), lambda entry: entry.vectors)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The same with another model, and vectors that no encoder would give."""
    chance = np.random.default_rng(3)
    return made(
        tmp_path / "other", Letters(), lambda entry: chance.standard_normal((len(entry.passages), 8)).astype(np.float32)
    )


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same as an index of a million passages is stored: with codes and a shortlist, in several chunks."""
    monkeypatch.setattr(vectors, "KINDS", ((0, vectors.KINDS[0][1]), vectors.KINDS[1]))
    monkeypatch.setattr("index.local.postings.CHUNK", 2)
    return made(tmp_path / "large", load_encoder(), lambda entry: entry.vectors)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "index"))


def derived(folder: Path) -> list[Path]:
    return [folder / MANIFEST, *sorted(p for p in (folder / "segments").rglob("*") if p.is_file())]


def named(problems: Sequence[Problem], folder: Path, path: Path) -> bool:
    return any(problem.where == str(path.relative_to(folder)) and problem.mendable for problem in problems)


def content(folder: Path) -> list[tuple[str, str, bytes]]:
    """Every passage that can be found, with its vector and the terms by which it is found."""
    index = Index.open(folder)
    with index.reading() as view:
        snapshot = view.snapshot
        rows = np.flatnonzero(snapshot.alive)
        found = view.passages(snapshot.positions[rows])
        words = [" ".join(terms) for terms in _terms(snapshot)]
        vectors = snapshot.vectors(rows)
        return [(p.text, words[r], v.tobytes()) for (_, p), r, v in zip(found, rows, vectors, strict=True)]


def _terms(snapshot: Snapshot) -> list[list[str]]:
    terms: list[list[str]] = [[] for _ in snapshot.positions]
    first = 0
    for segment in snapshot.segments:
        for number, term in enumerate(segment.postings.vocabulary):
            for row in segment.postings.between(number, number + 1)[0]:
                terms[first + int(row)].append(term)
        first += len(segment)
    return terms


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_any_flipped_bit_of_a_derived_file_is_found(whole: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([p for p in derived(whole) if p.stat().st_size]))
    written = path.read_bytes()
    place = data.draw(st.integers(0, len(written) - 1))
    flipped = bytes([written[place] ^ 1 << data.draw(st.integers(0, 7))])
    try:
        path.write_bytes(written[:place] + flipped + written[place + 1 :])
        assert named(verify(whole), whole, path)
    finally:
        path.write_bytes(written)


@pytest.mark.parametrize("kind", ["folder", "other", "large"])
def test_truncated_and_missing_files_are_found_and_mended(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    folder: Path = request.getfixturevalue(kind)
    before = content(folder)
    for number in range(len(derived(folder))):
        for damage in ("cut", "longer", "gone"):
            broken = Path(shutil.copytree(folder, tmp_path / f"{damage}{number}"))
            path = derived(broken)[number]
            if damage == "gone":
                path.unlink()
            else:
                path.write_bytes(path.read_bytes()[:-1] if damage == "cut" else path.read_bytes() + b"\0")
            assert named(verify(broken), broken, path)
            if path.name != MANIFEST:
                with pytest.raises(IndexDamaged, match="verify --repair"), Index.open(broken).reading():
                    pass
            assert repair(broken) == []
            after = content(broken)
            if kind == "large":  # what a code stands for depends on the vectors that are stored with it
                assert [found[:2] for found in after] == [found[:2] for found in before]
            else:
                assert after == before  # the random vectors too: those of other models are not encoded again
            shutil.rmtree(broken)


def tamper(folder: Path, statement: str, *parameters: object) -> None:
    with sqlite3.connect(folder / DATABASE) as db:
        assert db.execute(statement, parameters).rowcount != 0
    db.close()


@pytest.mark.parametrize(
    "change",
    [
        *(
            f"{column} = 'x'"
            for column in ("title", "text", "language", "published", "source", "url", "path", "document")
        ),
        *(f"{column} = 'x'" for column in ("city", "agency", "keywords")),
        "sketch = x'00'",
        "checksum = x'00'",
        "text = text || ' '",
        "text = CAST(x'ff' AS TEXT)",
    ],
)
def test_damage_inside_an_article_is_found_and_named(folder: Path, change: str) -> None:
    tamper(folder, f"UPDATE articles SET {change} WHERE id = 'flood'")
    (problem,) = verify(folder)
    assert problem.where == "article flood"
    assert not problem.mendable


@pytest.mark.parametrize("change", ["vector = zeroblob(length(vector))", "start = start + 1", "end = end - 1"])
def test_damage_to_a_passage_is_found(other: Path, change: str) -> None:
    tamper(other, f"UPDATE passages SET {change} WHERE position = 1")
    assert [problem.where for problem in verify(other)] == ["article flood"]


def test_vectors_of_the_embedded_model_are_stored_once(folder: Path) -> None:
    with sqlite3.connect(folder / DATABASE) as db:
        assert db.execute("SELECT sum(length(vector)) FROM passages").fetchone() == (0,)
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM segments WHERE first = 1",
        "UPDATE segments SET size = size + 1",
        "UPDATE segments SET files = '{'",
        "DELETE FROM tombstones",
        "INSERT INTO tombstones VALUES (1)",
        "UPDATE passages SET position = 77 WHERE position = 2",
    ],
)
def test_counts_that_do_not_agree_are_found_and_mended(folder: Path, statement: str) -> None:
    tamper(folder, statement)
    assert all(problem.mendable for problem in verify(folder))
    assert verify(folder)
    assert repair(folder) == []
    assert [text for text, _, _ in content(folder)] or statement.startswith("UPDATE passages")


def test_a_flipped_byte_of_the_database_file_is_found(folder: Path) -> None:
    path = folder / DATABASE
    data = path.read_bytes()
    place = data.index(b"bridges")
    path.write_bytes(data[:place] + b"f" + data[place + 1 :])  # fridges
    assert [problem.where for problem in verify(folder)] == ["article flood"]
    path.write_bytes(data[: len(data) // 2])
    assert verify(folder)
    path.write_bytes(b"not a database" + data[14:])
    assert [problem.where for problem in verify(folder)] == [str(folder)]
    path.unlink()
    assert "missing" in verify(folder)[0].what


def test_lost_commits_are_told_from_an_old_manifest(folder: Path, tmp_path: Path) -> None:
    old = (folder / MANIFEST).read_text("utf-8"), (folder / DATABASE).read_bytes()
    with writing(Index.open(folder)) as writer:
        writer.add(entries({"new": "Snow fell in Kasrun."}))
    new = (folder / MANIFEST).read_text("utf-8")
    (folder / MANIFEST).write_text(old[0], "utf-8")
    assert verify(folder) == []  # killed between commit and manifest
    (folder / MANIFEST).write_text(new, "utf-8")
    (folder / DATABASE).write_bytes(old[1])
    assert any("lacks the last 1 commits" in problem.what for problem in verify(folder))


def test_a_damaged_article_is_replaced_when_its_source_is_indexed_after_a_repair(
    khabar: Khabar, tmp_path: Path
) -> None:
    source, folder = tmp_path / "news.jsonl", tmp_path / "index"
    source.write_text(json.dumps({"_id": "a", "title": "Rain", "text": "Rain fell in Kasrun on Monday."}), "utf-8")
    khabar("index", source, "--index", folder)
    tamper(folder, "UPDATE articles SET text = 'Rain fell in Kasrun on Tuesday.'")
    done = khabar("verify", "--repair", "--index", folder)
    assert done.code == 1
    assert "article a: does not match its checksum" in done.out
    assert khabar("index", source, "--index", folder, "--json").json["updated"] == 1
    assert khabar("verify", "--index", folder).code == 0
    assert "Monday" in khabar("show", "a", "--index", folder).out


def test_the_command_says_what_is_wrong_and_what_mends_it(khabar: Khabar, folder: Path) -> None:
    assert khabar("verify", "--index", folder, "--json").json == {"ok": True, "problems": []}
    path = derived(folder)[1]
    path.unlink()
    done = khabar("verify", "--index", folder)
    assert done.code == 1
    assert f"{path.relative_to(folder)}: is missing" in done.out
    assert "khabar verify --repair" in done.err
    assert khabar("verify", "--repair", "--index", folder).code == 0


def test_sketches_of_another_version_are_made_anew(folder: Path) -> None:
    query = "SELECT sketch, checksum FROM articles ORDER BY id"
    with sqlite3.connect(folder / DATABASE) as db:
        before = db.execute(query).fetchall()
    with writing(Index.open(folder)) as writer, transaction(writer._db, folder):
        for row in list(stored(writer._db)):
            old = row._replace(sketch=b"older")
            writer._db.execute("UPDATE articles SET sketch = ?, checksum = ?", (old.sketch, old.sum()))
    tamper(folder, "UPDATE meta SET value = 'older' WHERE key = 'sketch'")
    repair(folder)
    with sqlite3.connect(folder / DATABASE) as db:
        after = db.execute(query).fetchall()
    db.close()
    assert [sketch for sketch, _ in after] == [sketch for sketch, _ in before]


@pytest.mark.parametrize("made_by", ["analyser", "lexicon_hash", "sketch"])
def test_an_index_of_another_version_names_the_command_that_mends_it(folder: Path, made_by: str) -> None:
    before = content(folder)
    tamper(folder, "UPDATE meta SET value = 'older' WHERE key = ?", made_by)
    with pytest.raises(IndexMismatch, match="khabar verify --repair"):
        Index.open(folder)
    assert verify(folder)
    assert repair(folder) == []
    assert content(folder) == before


@pytest.mark.parametrize("kind", ["folder", "other"])
def test_an_index_of_format_2_is_mended(kind: str, request: pytest.FixtureRequest) -> None:
    """It held the vectors of the embedded model twice, and sketches of eight bytes a number."""
    folder: Path = request.getfixturevalue(kind)
    before, whole = content(folder), (folder / DATABASE).stat().st_size
    with writing(Index.open(folder)) as writer, transaction(writer._db, folder):
        for row in list(stored(writer._db)):
            old = row._replace(sketch=bytes(80), passages=[(*p[:3], p[3] or bytes(640)) for p in row.passages])
            writer._db.execute("UPDATE passages SET vector = ? WHERE article = ?", (old.passages[0][3], old.number))
            query = "UPDATE articles SET sketch = ?, checksum = ? WHERE number = ?"
            writer._db.execute(query, (old.sketch, old.sum(), old.number))
    tamper(folder, "UPDATE meta SET value = '2' WHERE key = 'format'")
    tamper(folder, "UPDATE meta SET value = '3' WHERE key = 'sketch'")
    with pytest.raises(IndexMismatch, match="khabar verify --repair"):
        Index.open(folder)
    assert repair(folder) == []
    assert content(folder) == before
    assert (folder / DATABASE).stat().st_size == whole


def test_an_index_of_format_3_is_mended(folder: Path) -> None:
    """It held hashes of documents as text, and frequencies of a byte each."""
    before, digest = content(folder), "0a" * 32
    with writing(Index.open(folder)) as writer, transaction(writer._db, folder):
        for row in list(stored(writer._db)):
            query = "UPDATE articles SET document = ?, checksum = ? WHERE number = ?"
            writer._db.execute(query, (digest, row._replace(document=digest).sum(), row.number))
    for path in folder.rglob("counts_*.npy"):
        path.unlink()
    tamper(folder, "UPDATE meta SET value = '3' WHERE key = 'format'")
    with pytest.raises(IndexMismatch, match="khabar verify --repair"):
        Index.open(folder)
    assert repair(folder) == []
    assert content(folder) == before
    assert Index.open(folder).known(["flood"]) == {"flood": digest}
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        assert db.execute("SELECT DISTINCT document FROM articles").fetchall() == [(bytes.fromhex(digest),)]


def test_an_index_of_a_format_that_is_not_known_is_refused(folder: Path) -> None:
    tamper(folder, "UPDATE meta SET value = '1' WHERE key = 'format'")
    with pytest.raises(IndexMismatch, match="Index the sources again"):
        Index.open(folder, outdated=True)


def test_vectors_of_two_models_are_never_mixed(folder: Path) -> None:
    index = Index.open(folder)
    with pytest.raises(IndexMismatch, match="khabar reindex --model letters"):
        index.require(Letters())
    with index.reading():
        pass
    other = Index.open(folder)
    with writing(other) as writer:
        writer.reencode(Letters())
    for stale in (index, other):  # opened before, and would search with the old model
        with pytest.raises(IndexMismatch, match="Open it again"), stale.reading():
            pass
    with pytest.raises(IndexMismatch, match="Open it again"), writing(index):
        pass


def test_reindexing_gives_every_passage_the_vector_of_the_new_model(folder: Path) -> None:
    with writing(Index.open(folder)) as writer:
        writer.reencode(Letters())
    assert verify(folder) == []
    index = Index.open(folder)
    index.require(Letters())
    with index.reading() as view:
        numbers = view.snapshot.positions
        texts = [f"{title}\n{passage.text}" for title, passage in view.passages(numbers)]
        vectors = view.vectors(numbers)
        np.testing.assert_allclose(vectors, Letters().encode_passages(texts), atol=1e-3)


def test_reindexing_stops_before_a_damaged_article_and_changes_nothing(folder: Path) -> None:
    tamper(folder, "UPDATE articles SET text = 'x' WHERE id = 'late'")
    before = content(folder)
    with pytest.raises(IndexDamaged, match="'late'"), writing(Index.open(folder)) as writer:
        writer.reencode(Letters())
    assert content(folder) == before


def test_nothing_that_is_loaded_can_run_code(folder: Path) -> None:
    """No file of an index is a pickle: arrays that say they hold objects are refused."""
    path = next(folder.rglob("positions.npy"))
    np.save(path, np.array([print], object), allow_pickle=True)
    said = {path.name: (path.stat().st_size, "")}
    tamper(folder, "UPDATE segments SET files = ?", json.dumps(said))
    with pytest.raises(IndexDamaged, match="no array of whole numbers"), Index.open(folder).reading():
        pass
