"""Encoding speed: the embedded model and the architecture of multilingual-e5-small, on the same texts in one run.

    python -m benchmarks.encoding [--passages 20000] [--threads 2]

The transformer (XLM-R, 12 layers of 384, vocabulary 250,037) has random weights, on which its speed does not depend.
Its input is token ids, 1.45 a word as its tokenizer would give: its tokenising is not counted, although it is the
larger part of the embedded model's time. Needs the extra `models`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from index.encoders.load import load_encoder

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "corpus.jsonl"
LENGTH = 120  # words in a passage
PIECES_PER_WORD = 1.45
BATCH = 32


def passages(count: int) -> list[str]:
    """Stretches of LENGTH words of the sample corpus, in both languages, over and over."""
    with CORPUS.open(encoding="utf-8") as lines:
        words = [word for line in lines for word in json.loads(line)["text"].split()]
    return [" ".join(words[at : at + LENGTH]) for at in (i * 61 % (len(words) - LENGTH) for i in range(count))]


def embedded(texts: list[str]) -> float:
    """Passages per second."""
    encoder = load_encoder()
    encoder.encode_passages(texts[:500])
    began = time.perf_counter()
    encoder.encode_passages(texts)
    return len(texts) / (time.perf_counter() - began)


def transformer(batches: int, threads: int) -> float:
    """Passages per second."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    torch.set_num_threads(threads)
    config = XLMRobertaConfig(
        vocab_size=250_037,
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
        max_position_embeddings=514,
    )
    model = XLMRobertaModel(config, add_pooling_layer=False).train(False)
    ids = torch.randint(5, 250_000, (BATCH, int(LENGTH * PIECES_PER_WORD)))
    with torch.inference_mode():
        model(ids[:4])
        began = time.perf_counter()
        for _ in range(batches):
            model(ids)
    return batches * BATCH / (time.perf_counter() - began)


def main() -> None:
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--passages", type=int, default=20_000)
    command.add_argument("--batches", type=int, default=4, help=f"of {BATCH} passages, for the transformer")
    command.add_argument(
        "--threads", type=int, default=2, help="for the transformer; the embedded model decides itself"
    )
    options = command.parse_args()
    fast = embedded(passages(options.passages))
    slow = transformer(options.batches, options.threads)
    print(f"passages of {LENGTH} words a second: embedded {fast:,.0f}, e5-small architecture {slow:,.1f}")
    print(f"ratio: {fast / slow:,.0f}")


if __name__ == "__main__":
    main()
