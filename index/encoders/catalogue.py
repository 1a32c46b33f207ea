"""Known models, from models.tsv: their licences, prompts and published figures."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Model:
    """One row of models.tsv. All fields are strings; "" means unknown or not applicable.

    `kind` is "encoder" or "reranker". `parameters` is in millions. `matryoshka` is "yes" or lists the shorter
    dimensions the model was trained for. `query`, `passage` and `similarity` are the prompts its authors give.
    `architecture` is the model type and hidden size, by which a renamed copy is recognised; it is "" where other
    models share them.

    The figures are those of the MTEB results repository (August 2026), times 100. `miracl`: nDCG@10 on MIRACL with
    hard negatives, Arabic. `belebele` and `mlqa`: nDCG@10, Arabic to Arabic; with `_ar_en`, Arabic questions and
    English passages; with `_en_ar`, the reverse. `news`: Spearman correlation with the judged similarity of Arabic news
    articles, SemEval-2022 Task 8 (v2).
    """

    name: str
    kind: str
    parameters: str
    dimensions: str
    matryoshka: str
    tokens: str
    licence: str
    languages: str
    query: str
    passage: str
    similarity: str
    architecture: str
    miracl: str
    belebele: str
    belebele_ar_en: str
    belebele_en_ar: str
    mlqa_ar_en: str
    mlqa_en_ar: str
    news: str


@cache
def models() -> tuple[Model, ...]:
    """All rows of the table, in order."""
    with Path(__file__).with_name("models.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(Model(**{f.name: row[f.name].replace("\\n", "\n") for f in fields(Model)}) for row in rows)


def find(name: str, architecture: str = "") -> Model | None:
    """The row of the model called `name` (a hub name or a folder), or else of the model with this architecture.

    A model whose name contains that of a known one, such as a fine-tuned version, gets its row; the longest match wins.
    """
    parts = name.replace("\\", "/").rstrip("/").lower().split("/")
    # A folder of the hub's cache: models--OWNER--NAME/snapshots/COMMIT.
    called = parts[-3] if parts[-2:-1] == ["snapshots"] and len(parts) > 2 else parts[-1]
    fitting = [model for model in models() if model.name.rpartition("/")[2].lower() in called]
    if fitting:
        return max(fitting, key=lambda model: len(model.name.rpartition("/")[2]))
    return next((model for model in models() if architecture and model.architecture == architecture), None)
