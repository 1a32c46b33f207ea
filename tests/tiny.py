"""Small real models, made on the spot with a tokenizer trained on corpus/, and a few of the queries of corpus/."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
VOCABULARY = 2_000
WITH_MODELS = [
    pytest.mark.skipif(find_spec("sentence_transformers") is None, reason="needs the extra models"),
    pytest.mark.xdist_group("models"),  # loading the libraries takes a process seconds: only one does
]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def with_models(test: Callable[..., None]) -> Callable[..., None]:
    """A test that needs the libraries in a file of others that don't."""
    for mark in WITH_MODELS:
        test = mark(test)
    return test


def texts() -> Iterator[str]:
    for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines():
        article = json.loads(line)
        yield article["title"]
        yield article["text"]


@cache
def vocabulary() -> Any:
    """A unigram vocabulary with the special tokens of XLM-R."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    made = Tokenizer(models.Unigram())
    made.normalizer = normalizers.NFKC()
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False
    )
    made.train_from_iterator(texts(), trainer)
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return made


def tokenizer(limit: int) -> Any:
    """The vocabulary as transformers wants it, for texts of at most `limit` tokens."""
    from transformers import PreTrainedTokenizerFast

    names = dict(zip(["bos_token", "pad_token", "eos_token", "unk_token", "mask_token"], SPECIAL, strict=True))
    return PreTrainedTokenizerFast(
        tokenizer_object=vocabulary(), cls_token="<s>", sep_token="</s>", model_max_length=limit, **names
    )


def configuration(limit: int, **more: Any) -> Any:
    from transformers import XLMRobertaConfig

    return XLMRobertaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=limit + 2,
        **more,
    )


def save_encoder(
    folder: Path,
    *,
    architecture: str = "xlm-roberta",
    limit: int = 64,
    prompts: dict[str, str] | None = None,
    seed: int = 0,
) -> Path:
    """A model of two layers and 32 dimensions, saved as sentence-transformers saves its models.

    Its pooling is that of the well-known models of its architecture: of the last token for qwen3, else the mean.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import AutoModel

    torch.manual_seed(seed)
    bare = folder.with_name(f"{folder.name}-bare")
    chosen = configuration(limit) if architecture == "xlm-roberta" else _other_configuration(architecture, limit)
    AutoModel.from_config(chosen).eval().save_pretrained(bare)
    tokenizer(limit).save_pretrained(bare)
    module = Transformer(str(bare), max_seq_length=limit)
    pooling = Pooling(32, pooling_mode="lasttoken" if architecture == "qwen3" else "mean")
    SentenceTransformer(modules=[module, pooling], prompts=prompts, device="cpu").save(str(folder))
    return folder


def _other_configuration(architecture: str, limit: int) -> Any:
    from transformers import AutoConfig

    sizes = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
    special = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2, "cls_token_id": 0, "sep_token_id": 2}
    if architecture in ("qwen3", "gemma3_text"):
        sizes |= {"num_key_value_heads": 2, "head_dim": 8}
    if architecture != "modernbert":
        del special["cls_token_id"], special["sep_token_id"]
    return AutoConfig.for_model(
        architecture, intermediate_size=64, max_position_embeddings=limit + 2, **sizes, **special
    )


def save_reranker(folder: Path, *, limit: int = 64, seed: int = 0) -> Path:
    """A cross-encoder of the same architecture with one score."""
    import torch
    from transformers import XLMRobertaForSequenceClassification

    torch.manual_seed(seed)
    XLMRobertaForSequenceClassification(configuration(limit, num_labels=1)).eval().save_pretrained(folder)
    tokenizer(limit).save_pretrained(folder)
    return folder


def save_benchmark(folder: Path, every: int = 7) -> Path:
    """The corpus with its stories, and every seventh of its queries."""
    folder.mkdir(parents=True)
    for name in ("corpus.jsonl", "stories.tsv"):
        (folder / name).symlink_to(CORPUS / name)
    queries = (CORPUS / "queries.jsonl").read_text("utf-8").splitlines(keepends=True)[::every]
    kept = {json.loads(query)["_id"] for query in queries}
    judged = (CORPUS / "qrels.tsv").read_text("utf-8").splitlines(keepends=True)
    (folder / "queries.jsonl").write_text("".join(queries), "utf-8")
    (folder / "qrels.tsv").write_text("".join(row for row in judged if row.split("\t")[0] in kept), "utf-8")
    return folder
