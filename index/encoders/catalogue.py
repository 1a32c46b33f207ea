"""The models whose licence, prompts and published figures are on record: models.tsv, read into `Model` rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Model:
    """One row of the table: texts as written there, "" where nothing is known or nothing is needed.

    `kind` is "encoder" or "reranker"; `parameters` counts millions; `matryoshka` is "yes" or the shorter `--dimensions`
    it was trained for; `query`, `passage` and `similarity` are the prompts its authors state, and `architecture` is the
    model type and width by which a folder of another name is recognised, where no other model shares them.

    The other fields are figures of the MTEB results repository (August 2026), times 100. `miracl`: nDCG@10 of MIRACL
    with hard negatives, Arabic; `belebele`: Arabic questions, Arabic passages; `_ar_en`: Arabic questions, English
    passages; `_en_ar`: the reverse; `news`: similarity of Arabic news articles, SemEval-2022 Task 8 (v2), Spearman.
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
    """The whole table, in its order."""
    with Path(__file__).with_name("models.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(Model(**{f.name: row[f.name].replace("\\n", "\n") for f in fields(Model)}) for row in rows)


def find(name: str, architecture: str = "") -> Model | None:
    """The row of the model called `name`, a hub name or a folder; else of the only model with this architecture.

    A fine-tuned model whose name holds that of its base takes after it, as long as no longer name fits.
    """
    parts = name.replace("\\", "/").rstrip("/").lower().split("/")
    # The hub's own cache: models--OWNER--NAME/snapshots/COMMIT.
    called = parts[-3] if parts[-2:-1] == ["snapshots"] and len(parts) > 2 else parts[-1]
    fitting = [model for model in models() if model.name.rpartition("/")[2].lower() in called]
    if fitting:
        return max(fitting, key=lambda model: len(model.name.rpartition("/")[2]))
    return next((model for model in models() if architecture and model.architecture == architecture), None)
