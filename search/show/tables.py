"""Tables for people: the figures of an evaluation, and the list of models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from index.encoders import Model
from index.harmless import harmless


def evaluation_lines(facts: dict[str, Any]) -> Iterator[str]:
    """The figures of `khabar evaluate --json` as tables."""
    for configuration, compared in zip(facts["configurations"], [{}, *facts["comparisons"]], strict=True):
        named = f"{configuration['model']}, {configuration['mode']}, rerank {configuration['rerank']}"
        yield f"{harmless(named)} ({configuration['milliseconds']:.0f} ms a query)"
        names = configuration["scores"][0]["measures"]
        yield "  queries → passages      n" + "".join(f"{name:>20}" for name in names)
        for score in configuration["scores"]:
            languages = harmless(f"{score['query_language'] or 'all'} → {score['passage_language'] or 'all'}")
            cells = [f"{m['mean']:.4f} [{m['low']:.2f}, {m['high']:.2f}]" for m in score["measures"].values()]
            yield f"  {languages:18}{score['queries']:>7}" + "".join(f"{cell:>20}" for cell in cells)
        for name, c in compared.items():
            interval = f"[{c['low']:+.4f}, {c['high']:+.4f}]"
            yield f"  {name} beside the first: {c['mean']:+.4f} {interval}, p = {c['p']:.4f}"
        yield ""
    for grouped in facts["groups"]:
        for kind in ("duplicates", "stories"):
            found = grouped[kind]
            yield harmless(f"{kind}, {grouped['model']}")
            yield f"{'':16}{'precision':>11}{'recall':>8}{'F1':>8}"
            for name in ("pairwise", "b_cubed"):
                a = found[name]
                yield f"  {name.replace('_', '-'):14}{a['precision']:>11.4f}{a['recall']:>8.4f}{a['f1']:>8.4f}"
            yield "  found of " + ", ".join(f"{name} {value:.0%}" for name, value in found["recall"].items())
            if found["wrong"]:
                yield "  wrongly joined: " + ", ".join(f"{n} {name}" for name, n in found["wrong"].items())


def model_lines(models: Sequence[Model]) -> Iterator[str]:
    """A table of encoders, one of rerankers, and an explanation of the figures."""
    for kind, heading in (("encoder", "For --model"), ("reranker", "For --rerank")):
        listed = [model for model in models if model.kind == kind]
        width = max(len(model.name) for model in listed)
        yield f"{heading + ':':{width}}  million  dims  tokens  ar→ar  ar→en  en→ar   news  licence, languages"
        for m in listed:
            size = f"{m.parameters:>7}  {m.dimensions:>4}  {m.tokens or 'any':>6}"
            figures = f"{m.belebele:>5}  {m.belebele_ar_en:>5}  {m.belebele_en_ar:>5}  {m.news:>5}"
            yield f"{m.name:{width}}  {size}  {figures}  {m.licence}, {m.languages}"
        yield ""
    yield "Figures are published ones, of the MTEB results repository, times 100; Khabar did not measure them."
    yield "ar→en: questions in Arabic, passages in English (Belebele, nDCG@10). news: similarity of Arabic news"
    yield "articles (SemEval-2022 Task 8, Spearman). Licences and prompts are those that the authors state."
    yield "Khabar's tests run small models of these architectures with the prompts on record, not these weights."
