"""The cache of article languages agrees with the database, also after articles are added, replaced or removed."""

import json
from pathlib import Path

import pytest

from index import Index, load_encoder
from index.ingest import ingest
from index.local import languages

TEXTS = {"en": "Heavy rain closed three roads near the harbour.", "ar": "أغلقت الأمطار الغزيرة ثلاثة طرق قرب الميناء."}


def add(index: Index, names: list[str]) -> None:
    rows = [{"_id": name, "title": name, "text": f"{TEXTS[name[:2]]} {name}"} for name in names]
    source = index.path.with_name("news.jsonl")
    source.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    ingest(index, [str(source)], load_encoder())


@pytest.mark.parametrize("tail", [0, 4_096])
def test_they_are_those_of_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tail: int) -> None:
    monkeypatch.setattr(languages, "TAIL", tail)
    index = Index.create(tmp_path / "index", load_encoder())
    stages = ["en-1", "ar-1", "en-2"], ["ar-2"], ["en-1", "ar-3", "en-3"]
    for names in stages:
        add(index, names)
        with index.reading() as view:
            numbers, _ = view.newer(0, 100)
            expected = [name[:2] for name in view.ids(numbers)]
            for _ in range(3):
                assert view.languages(numbers[::-1]) == expected[::-1]
            assert view.languages(numbers[:0]) == []
    with index.writing() as writer:
        writer.remove(["en-2"])
    with index.reading() as view:
        numbers, _ = view.newer(0, 100)
        assert view.languages(numbers) == [name[:2] for name in view.ids(numbers)]
