"""Any damage to an index ends in a clear error, in the same answers, or is named by verify; never in anything else."""

import json
import os
import random
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Khabar
from crashing import entries

from index import Index, load_encoder
from index.errors import IndexDamaged, KhabarError
from index.local import searches as beside
from index.local import vectors
from index.local.sums import TABLES, damaged
from index.local.writer import writing
from index.open import repair, verify
from index.searches import Fetched
from search import Engine
from search.types import Mode
from search.watch import hits, match, save, saved

BUDGET = float(os.environ.get("KHABAR_FUZZ", 3))
"""Seconds for the random damages, more before a release; what they find is written down as a test of its own."""
TEXTS = {
    "flood": "The river Sarma rose by two metres.\nTwo bridges were closed in Kasrun.",
    "wheat": "ارتفعت أسعار القمح في أسواق قصرون.",  # wheat prices rose in the markets of Kasrun
    "vote": "The council voted for the harbour of Nadwan.",
    "late": "Rain is expected on Sunday in Nadwan.",
}
CHANNEL, FEED = b"hash of a channel", "https://example.org/feed.xml"
QUERIES = ("bridges over the river", "أسعار القمح", "harbour Nadwan", "ندوان")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A segment that is stored as a large one is, and a small one."""
    place = tmp_path_factory.mktemp("whole")
    source = place / "news.jsonl"
    source.write_text("\n".join(json.dumps({"_id": id, "text": text}) for id, text in TEXTS.items()), "utf-8")
    from index.ingest import ingest

    index = Index.create(place / "index", load_encoder())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vectors, "KINDS", ((2, vectors.KINDS[0][1]), vectors.KINDS[1]))
        ingest(index, [str(source)], load_encoder())
        with writing(index) as writer:
            writer.add(entries({"more": "Snow fell on the lighthouse of Sarmin."}), learned={"Sada": []})
            writer.remove(["vote"])
        engine = Engine(index)
        for name, query in (("snow", "snow lighthouse"), ("rain", "rain on Sunday")):
            save(engine, name, query, min_score=0.1)
        with writing(index) as writer:
            writer.add(entries({"again": "Snow fell on the lighthouse again, and rain is expected on Sunday."}))
        assert match(index)
        index.searches.tell([index.searches.hits()[0].number], "2026-01-05T00:00:00+00:00", {CHANNEL: "a hook"})
        index.searches.remember({FEED: Fetched("etag", None, b"seen", 2, 5.0)})
        index.close()
        assert verify(place / "index") == []
        yield place / "index"


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "index"))


def answers(folder: Path) -> list[object]:
    index = Index.open(folder)
    try:
        engine = Engine(index)
        found: list[object] = [
            [(hit.article, hit.passage, round(hit.score, 6)) for hit in engine.search(query, mode=mode).hits]
            for query in QUERIES
            for mode in Mode
        ]
        beside = index.searches
        found += [saved(index), hits(index), beside.due(CHANNEL, 1e9), beside.undelivered(), beside.fetched(FEED)]
        found += [beside.searches(), beside.identity()]
        return [*found, sorted(article.id for _, article in index.articles()), index.summary()["sources"]]
    finally:
        index.close()


def outcome(folder: Path, before: list[object]) -> str:
    """What a damaged index does: `error`, `same`, or `named` where it answers otherwise and verify says so."""
    try:
        after = answers(folder)
    except KhabarError:
        return "error"
    if after == before:
        return "same"
    assert verify(folder), "other answers, and verify finds nothing"
    return "named"


def damage(chance: random.Random, folder: Path) -> str:
    """Damage one file somewhere, as disks do, and say how."""
    path = chance.choice([p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size])
    data = bytearray(path.read_bytes())
    kind = chance.choice(["bit", "byte", "zeros", "swap", "cut", "longer"])
    place = chance.randrange(min(len(data), 256)) if chance.random() < 0.4 else chance.randrange(len(data))
    match kind:
        case "bit":
            data[place] ^= 1 << chance.randrange(8)
        case "byte":
            data[place] = chance.randrange(256)
        case "zeros":
            data[place : place + 512] = bytes(len(data[place : place + 512]))
        case "swap":
            other = chance.randrange(len(data))
            data[place : place + 8], data[other : other + 8] = data[other : other + 8], data[place : place + 8]
        case "cut":
            del data[place:]
        case "longer":
            data += bytes(chance.randrange(1, 100))
    path.write_bytes(data)
    return f"{kind} at {place} of {path.relative_to(folder)}"


@pytest.mark.slow
def test_any_damage_is_an_error_or_harmless_or_named_by_verify(whole: Path, tmp_path: Path) -> None:
    before = answers(whole)
    seed = int(time.time())
    end = time.monotonic() + BUDGET
    tried = 0
    while time.monotonic() < end or tried < 20:
        tried += 1
        broken = Path(shutil.copytree(whole, tmp_path / "broken"))
        how = damage(random.Random(seed + tried), broken)
        try:
            outcome(broken, before)
            problems = verify(broken)
            if problems:
                repair(broken)
        except KhabarError:
            pass
        except BaseException as error:
            raise AssertionError(f"seed {seed + tried}: {how}") from error
        shutil.rmtree(broken)


def tamper(folder: Path, statement: str, *parameters: object, file: str = "articles.db") -> None:
    with closing(sqlite3.connect(folder / file)) as db, db:
        db.execute("PRAGMA writable_schema = ON")
        assert db.execute(statement, parameters).rowcount != 0


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("held", "UPDATE held SET gone = 1 WHERE id = 'flood'"),
        ("held", "UPDATE held SET id = 'flooe' WHERE id = 'flood'"),
        ("files", "UPDATE files SET hash = x'00'"),
        ("files", "UPDATE files SET path = x'00'"),
        ("learned", "UPDATE learned SET lines = '{}'"),
        ("meta", "UPDATE meta SET value = value + 1 WHERE key = 'segment'"),
        ("meta", "UPDATE meta SET value = 'x' WHERE key = 'sum.held'"),
        ("segments", "UPDATE segments SET pure = 1 - pure"),
        ("tombstones", "INSERT INTO tombstones VALUES (1)"),
        ("articles", "UPDATE articles SET id = 'flooe' WHERE id = 'flood'"),
        ("passages", "UPDATE passages SET position = 77 WHERE position = 2"),
    ],
)
def test_a_changed_row_of_any_table_is_found_and_mended(folder: Path, table: str, change: str) -> None:
    tamper(folder, change)
    assert any(f"table {table}" in problem.what for problem in verify(folder))
    left = repair(folder)
    assert [problem.where for problem in left] == (["article flooe"] if table == "articles" else [])


@pytest.mark.parametrize("key", ["model", "model_hash", "dimension", "query_prompt", "passage_prompt", "lexicon_hash"])
def test_what_the_index_was_made_with_is_restored(folder: Path, key: str) -> None:
    before = Index.open(folder).manifest
    tamper(folder, "UPDATE meta SET value = 'x' WHERE key = ?", key)
    assert repair(folder) == []
    assert Index.open(folder).manifest == before


def test_every_table_is_under_a_checksum(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "articles.db")) as db:
        tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert tables - {"sqlite_sequence"} == set(TABLES)
        assert damaged(db) == []


def test_an_index_without_checksums_of_its_tables_is_read_and_gets_them(folder: Path) -> None:
    """As those that were made before there were any."""
    tamper(folder, "DELETE FROM meta WHERE key LIKE 'sum.%' OR key = 'identity'")
    assert verify(folder) == []
    assert Engine(Index.open(folder)).search("bridges").hits
    with writing(Index.open(folder)) as writer:
        writer.remove(["late"])
    with closing(sqlite3.connect(folder / "articles.db")) as db:
        assert {key for (key,) in db.execute("SELECT key FROM meta WHERE key LIKE 'sum.%'")} == {
            f"sum.{table}" for table in TABLES
        }
    assert verify(folder) == []


def test_nothing_is_pruned_by_a_damaged_record_of_files(khabar: Khabar, folder: Path, whole: Path) -> None:
    source = whole.parent / "news.jsonl"
    tamper(folder, "UPDATE held SET gone = 1 WHERE id = 'flood'")
    done = khabar("index", source, "--prune", "--index", folder)
    assert done.code == 1
    assert "nothing can be pruned" in done.err
    assert khabar("verify", "--repair", "--index", folder).code == 0
    assert khabar("index", source, "--prune", "--index", folder).code == 0
    assert khabar("show", "flood", "--index", folder).code == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET text = x'ff00' WHERE id = 'flood'",
        "UPDATE articles SET title = 5 WHERE id = 'flood'",
        "UPDATE articles SET keywords = '[1]' WHERE id = 'flood'",
        "UPDATE articles SET keywords = '{}' WHERE id = 'flood'",
        f"UPDATE articles SET keywords = '{'[' * 50_000}' WHERE id = 'flood'",
        "UPDATE articles SET sketch = 'x' WHERE id = 'flood'",
        "UPDATE passages SET vector = x'00'",
        "UPDATE passages SET vector = 'x' WHERE position = 1",
        "UPDATE passages SET start = 'x' WHERE position = 1",
        "UPDATE passages SET end = -1e300 WHERE position = 1",
        "UPDATE segments SET files = '[]'",
        f"UPDATE segments SET files = '{'[' * 50_000}'",
        "UPDATE segments SET files = x'00'",
        "UPDATE segments SET size = 'x'",
        "UPDATE learned SET lines = '{'",
        "DELETE FROM meta WHERE key = 'generation'",
        "UPDATE meta SET value = x'00' WHERE key = 'generation'",
        "UPDATE meta SET value = 'x' WHERE key = 'dimension'",
        "DELETE FROM meta WHERE key = 'model'",
        "UPDATE sqlite_sequence SET seq = 'x'",
        "UPDATE sqlite_master SET sql = 'CREATE TABLE articles (x)' WHERE name = 'articles'",
        "INSERT INTO sqlite_master VALUES ('view', 'v', 'v', 0, 'CREATE VIEW v AS SELECT 1')",
    ],
)
@pytest.mark.parametrize("forged", [False, True])
def test_odd_values_in_the_database_end_in_a_sentence(
    khabar: Khabar, folder: Path, whole: Path, change: str, forged: bool
) -> None:
    """Also where the checksums of the tables are gone, as in an older index."""
    if forged:
        tamper(folder, "DELETE FROM meta WHERE key LIKE 'sum.%'")
    tamper(folder, change)
    commands = [
        *(("verify",), ("search", "bridges river"), ("show", "flood"), ("related", "late"), ("stories",)),
        *(("duplicates",), ("info",), ("export",), ("index", whole.parent / "news.jsonl"), ("reindex",)),
        *(("remove", "late", "--purge"), ("verify", "--repair"), ("verify",)),
    ]
    for command in commands:
        done = khabar(*command, "--index", folder)
        assert done.code in (0, 1), (command, done.err)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE searches SET mark = mark + 1 WHERE name = 'rain'",
        "DELETE FROM searches WHERE name = 'rain'",
        "UPDATE hits SET told = 'x' WHERE told IS NULL",
        "UPDATE hits SET told = NULL",
        "DELETE FROM hits WHERE search = 1",
        "UPDATE outbox SET after = 1e12",
        "DELETE FROM outbox",
        "UPDATE fetched SET gone = 1",
        "DELETE FROM fetched",
        "UPDATE meta SET value = 'x' WHERE key = 'identity'",
    ],
)
def test_a_changed_row_beside_the_articles_is_named(folder: Path, change: str) -> None:
    tamper(folder, change, file="searches.db")
    assert {problem.where for problem in verify(folder)} == {"searches.db"}


ODD = [None, True, 5, -1, "x", [], {}, [[1, 2]], float("inf")]


def forge(folder: Path, change: str, value: object) -> None:
    """Change what is stored beside the articles, with checksums that fit, as a stranger could."""
    with closing(sqlite3.connect(folder / "searches.db")) as db, db:
        db.execute(change, (value,))
        for row in db.execute("SELECT name, asked, saved, scale, number FROM searches").fetchall():
            db.execute("UPDATE searches SET checksum = ? WHERE number = ?", (beside._sum(*row[:-1]), row[-1]))
        for row in db.execute("SELECT article, found, body, number FROM hits").fetchall():
            db.execute("UPDATE hits SET checksum = ? WHERE number = ?", (beside._sum(*row[:-1]), row[-1]))
        db.execute("DELETE FROM meta WHERE key LIKE 'sum.%'")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("searches", column) for column in ("name", "asked", "saved", "scale", "mark")),
        *(("hits", column) for column in ("article", "found", "body", "told")),
        *(("outbox", column) for column in ("label", "tries", "after")),
        *(("fetched", column) for column in ("etag", "seen", "failures", "after", "gone")),
        ("meta", "value"),
    ],
)
def test_odd_values_beside_the_articles_end_in_a_sentence(
    khabar: Khabar, whole: Path, tmp_path: Path, table: str, column: str
) -> None:
    kept = tmp_path / "kept"
    chance = random.Random()
    values: list[object] = [b"\xff\x00", 5, "x", -1e300, "[" * 50_000, "[]", "\u202e\x1b[31m"]
    if column in ("asked", "scale", "body"):
        with closing(sqlite3.connect(whole / "searches.db")) as db:
            query = f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
            said = json.loads(db.execute(query).fetchone()[0])
        for where in (said, *(part for part in said.values() if isinstance(part, dict))):
            for key, before in list(where.items()):
                where[key] = chance.choice(ODD)
                values.append(json.dumps(said))
                where[key] = before
    for value in chance.sample(values, 3):  # others each time: all of them take a minute
        shutil.copytree(whole, kept)
        try:
            forge(kept, f"UPDATE OR IGNORE {table} SET {column} = ?", value)
        except sqlite3.IntegrityError:
            shutil.rmtree(kept)
            continue
        for command in (
            *(("saved",), ("news", "--all"), ("news", "--atom", tmp_path / "news.xml"), ("news", "--json")),
            *(("fetch", "http://127.0.0.1:9/feed.xml"), ("remove", "more", "--purge"), ("verify",)),
        ):
            done = khabar(*command, "--index", kept)
            assert done.code in (0, 1, 3), (value, command, done.err)
            assert "\x1b" not in done.out + done.err
        shutil.rmtree(kept)


def test_a_missing_or_zeroed_page_is_named(khabar: Khabar, whole: Path, tmp_path: Path) -> None:
    data = (whole / "articles.db").read_bytes()
    with closing(sqlite3.connect(whole / "articles.db")) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
    for page in range(0, len(data), size):
        folder = Path(shutil.copytree(whole, tmp_path / "zeroed"))
        (folder / "articles.db").write_bytes(data[:page] + bytes(size) + data[page + size :])
        for command in (("verify",), ("search", "bridges"), ("verify", "--repair")):
            assert khabar(*command, "--index", folder).code in (0, 1)
        shutil.rmtree(folder)


def test_every_byte_of_the_head_of_every_file_of_a_segment_is_checked(whole: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "index"))
    before = answers(folder)
    chance = random.Random(7)
    for path in sorted((folder / "segments").rglob("*.*")):
        written = path.read_bytes()
        for place in chance.sample(range(min(len(written), 120)), 4):
            path.write_bytes(
                written[:place] + bytes([written[place] ^ 1 << chance.randrange(8)]) + written[place + 1 :]
            )
            assert outcome(folder, before) == "error" or path.suffix == ".faiss", (path, place)
        path.write_bytes(written)


def test_what_fails_in_a_whole_index_is_not_called_damage(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), Index.open(folder).reading():
        _ = 1 / 0
    path = next(folder.rglob("rows.npy"))
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(IndexDamaged, match=r"rows\.npy does not match"), Index.open(folder).reading():
        _ = 1 / 0
