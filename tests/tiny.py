"""Small real models, made on the spot with a tokenizer trained on corpus/, and a few of the queries of corpus/."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).resolve().parents[1] / "corpus"
VOCABULARY = 2_000
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


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


def save_encoder(folder: Path, *, limit: int = 64, prompts: dict[str, str] | None = None, seed: int = 0) -> Path:
    """An XLM-R of two layers and 32 dimensions with mean pooling, saved as sentence-transformers saves its models."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import XLMRobertaModel

    torch.manual_seed(seed)
    bare = folder.with_name(f"{folder.name}-bare")
    XLMRobertaModel(configuration(limit)).eval().save_pretrained(bare)
    tokenizer(limit).save_pretrained(bare)
    module = Transformer(str(bare), max_seq_length=limit)
    SentenceTransformer(modules=[module, Pooling(32)], prompts=prompts, device="cpu").save(str(folder))
    return folder


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
