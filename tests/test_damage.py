"""Any damage to an index ends in a clear error, in the same answers, or is named by verify; never in anything else."""

import json
import random
import shutil
import time
from pathlib import Path

import pytest
from crashing import entries

from index import Index, load_encoder
from index.errors import KhabarError
from index.local.verify import repair, verify
from index.local.writer import writing
from search import Engine
from search.types import Mode

BUDGET = 25.0  # seconds for the random damages; what they find is written down as a test of its own
TEXTS = {
    "flood": "The river Sarma rose by two metres.\nTwo bridges were closed in Kasrun.",
    "wheat": "ارتفعت أسعار القمح في أسواق قصرون.",  # wheat prices rose in the markets of Kasrun
    "vote": "The council voted for the harbour of Nadwan.",
    "late": "Rain is expected on Sunday in Nadwan.",
}
QUERIES = ("bridges over the river", "أسعار القمح", "harbour Nadwan", "ندوان")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("whole")
    source = place / "news.jsonl"
    source.write_text("\n".join(json.dumps({"_id": id, "text": text}) for id, text in TEXTS.items()), "utf-8")
    from index.ingest import ingest

    index = Index.create(place / "index", load_encoder())
    ingest(index, [str(source)], load_encoder())
    with writing(index) as writer:
        writer.add(entries({"more": "Snow fell on the lighthouse of Sarmin."}))
        writer.remove(["vote"])
    index.close()
    assert verify(place / "index") == []
    return place / "index"


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
