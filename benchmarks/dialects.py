"""Dialects and Arabizi: how often a text is nearest to its translation.

    python -m benchmarks.dialects EVAL_DIR
    python -m benchmarks.dialects --search EVAL_DIR         by the whole search in place of vectors, tweets alone

EVAL_DIR holds NAME.pairs.tsv in folders, two texts of the same meaning a line. By the vectors of the embedded model:
accuracy, the mean of both directions, of all rows, of the even ones (counted from 0), on which recipes are chosen, and
of the odd ones. With `--search`, texts in Standard Arabic are the articles and those in dialect the queries: nDCG@10 of
all rows, and of even and odd ones, by words and of the hybrid ranking.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index import Index, load_encoder
from index.ingest import ingest
from index.types import Encoder
from search import Engine
from search.evaluation.beir import Benchmark, rows
from search.evaluation.rankings import evaluate
from search.types import Mode

SETS = {
    "tatoeba/arz-eng": "Tatoeba Egyptian-English",
    "tatoeba/arq-eng": "Tatoeba Algerian-English",
    "flores_sib/ary-eng": "FLORES Moroccan-English",
    "flores_sib/aeb-eng": "FLORES Tunisian-English",
    "arbanking77/pal-eng": "bank questions, Palestinian-English",
    "arbanking77/sa-eng": "Saudi",
    "arbanking77/ary-eng": "Moroccan",
    "arbanking77/aeb-eng": "Tunisian",
    "arbanking77/msa-eng": "Standard Arabic",
    "ufal_apc/apc-eng": "UFAL North Levantine-English",
    "doda_v2/ary-eng": "DODa Moroccan-English",
    "doda_v2/ary_arabizi-eng": "DODa Arabizi-English",
    "doda_v2/ary_arabizi-ary": "DODa Arabizi-Arabic",
    "tarc/aeb_arabizi-aeb": "TArC Tunisian Arabizi-Arabic",
    "dial2msa/egy-msa": "tweets, Egyptian to Standard Arabic",
    "dial2msa/glf-msa": "Gulf",
    "dial2msa/lev-msa": "Levantine",
    "dial2msa/mgr-msa": "Maghrebi",
    "tatoeba/ara-eng": "Tatoeba Standard Arabic-English",
}
SEARCHED = [name for name in SETS if name.startswith("dial2msa/")]
MODES = (Mode.LEXICAL, Mode.HYBRID)
MEASURE = "nDCG@10"

Values = npt.NDArray[np.float64]


def pairs(path: Path) -> list[list[str]]:
    """The pairs of a file, each as two texts."""
    return [row for _, row in rows(path, ("", ""))]


def by_vectors(known: list[list[str]], encoder: Encoder) -> Values:
    """How often each text of a pair is nearest to the other one: 0, .5 or 1 for each pair."""
    left, right = (encoder.encode_passages([row[side] for row in known]) for side in (0, 1))
    similarity, places = right @ left.T, np.arange(len(known))
    right_ones = [similarity.argmax(way) == places for way in (0, 1)]
    return np.asarray(np.mean(right_ones, axis=0), np.float64)


def by_search(known: list[list[str]], encoder: Encoder) -> list[Values]:
    """nDCG@10 of the right side of each pair as a query among the left sides, by each of MODES."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, side in (("corpus", 0), ("queries", 1)):
            lines = (json.dumps({"_id": str(i), "text": row[side]}) for i, row in enumerate(known))
            (folder / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
        (folder / "qrels.tsv").write_text("\n".join(f"{i}\t{i}\t1" for i in range(len(known))), "utf-8")
        index = Index.create(folder / "index", encoder)
        ingest(index, [str(folder / "corpus.jsonl")], encoder)
        engine, benchmark = Engine(index), Benchmark.read(folder)
        return [evaluate(engine, benchmark, [MEASURE], mode).scores[0].values[MEASURE] for mode in MODES]


def figures(values: Values) -> str:
    """The mean of all rows, of the even and of the odd ones."""
    return " | ".join(f"{part.mean():.3f}" for part in (values, values[::2], values[1::2]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--search", action="store_true")
    asked = parser.parse_args()
    encoder = load_encoder()
    print("| set | all | even | odd |\n|---|---|---|---|")
    for name in SEARCHED if asked.search else SETS:
        known = pairs(asked.folder / f"{name}.pairs.tsv")
        if not asked.search:
            print(f"| {SETS[name]} | {figures(by_vectors(known, encoder))} |", flush=True)
            continue
        for mode, values in zip(MODES, by_search(known, encoder), strict=True):
            print(f"| {SETS[name]}, {mode} | {figures(values)} |", flush=True)


if __name__ == "__main__":
    main()
