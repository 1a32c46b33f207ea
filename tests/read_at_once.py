"""What tests of several readers and writers use."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from crashing import MEMORY, entries

from index import Index, load_encoder
from index.local.writer import writing
from search.engine import Engine

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(name="folder")
def folder_fixture() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        folder = Path(place) / "index"
        with writing(Index.create(folder, load_encoder())) as changes:
            changes.add(entries({"constant": "The lighthouse of Sarmin stands.", **twins(0)}))
        yield folder


def twins(edition: int) -> dict[str, str]:
    """Two articles that always change together."""
    return {name: f"The {name} bank of the river, edition{edition}." for name in ("left", "right")}


def start(code: str, *args: object) -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
    )


def look(index: Index, engine: Engine) -> str:
    """What a reader sees is wrong, or nothing."""
    with index.reading() as view:
        alive = view.snapshot.alive
        found = view.articles(np.unique(view.snapshot.articles[alive]))
        if index.counts()["passages"] != alive.sum():
            return f"{alive.sum()} rows are alive, and {index.counts()['passages']} passages stored"
        texts = {article.id: article.text for article in found}
        if texts != {article.id: article.text for _, article in index.articles()}:
            return "the segments hold other articles than the database"
        editions = {re.findall(r"edition\d+", texts[name])[0] for name in ("left", "right")}
        if len(editions) != 1:
            return f"half a commit: {editions}"
    for query in ("lighthouse Sarmin", "منارة"):  # a lighthouse
        hits = engine.search(query, k=10).hits
        if "constant" not in {hit.article.id for hit in hits}:
            return f"the constant article is not found by {query}"
    for hit in engine.search("the left bank of the river", k=10).hits:
        if hit.article.text[hit.passage.start : hit.passage.end] != hit.passage.text:
            return "a passage is not in its article"
    return ""
