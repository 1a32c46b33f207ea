"""Write the trained model folder: int8 rows, a scale for each token, the tokenizer and the model card."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from index.encoders.static import POOLING

from .tokenizer import UNKNOWN, Vocabulary

NAME = "khabar-static-ar-en"
MODULES = {
    "": "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding",
    "1_Normalize": "sentence_transformers.base.modules.normalize.Normalize",
}


def quantise(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Quantise rows to int8, with a float32 scale each: row = int8 * scale, with an error of at most half a scale."""
    scale = np.abs(table).max(axis=1) / 127
    whole = np.rint(table / np.where(scale > 0, scale, 1)[:, None])
    return whole.astype(np.int8), scale.astype(np.float32)


def save(table: npt.NDArray[np.float32], vocabulary: Vocabulary, folder: Path) -> None:
    """Write a folder that `index.encoders.StaticEncoder` and `SentenceTransformer` both load."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, scale = quantise(table)
    weights = scale[vocabulary.mapping]
    weights[vocabulary.tokenizer.token_to_id(UNKNOWN)] = 0  # so that a text of unknown characters gets a zero vector
    tensors = {
        "embeddings": rows,
        "lengths": np.linalg.norm(rows.astype(np.float32), axis=1),
        "mapping": vocabulary.mapping,
        "weights": weights,
        "forms": vocabulary.forms,
        "rarity": vocabulary.rarity,
    }
    save_file(tensors, folder / "model.safetensors")
    vocabulary.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    digest = hashlib.sha256(POOLING.encode())
    for name in ("model.safetensors", "tokenizer.json"):
        digest.update((folder / name).read_bytes())
    _write(folder / "encoder.json", {"name": NAME, "dim": table.shape[1], "hash": digest.hexdigest()[:16]})
    _write(
        folder / "modules.json",
        [{"idx": i, "name": str(i), "path": path, "type": kind} for i, (path, kind) in enumerate(MODULES.items())],
    )
    (folder / "1_Normalize").mkdir(exist_ok=True)
    _write(folder / "1_Normalize" / "config.json", {})
    _write(
        folder / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "", "document": ""},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
