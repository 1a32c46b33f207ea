"""Models, and how well they search."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .options import DeviceOption, JsonOption, exit_for, progress_of, read_index, read_mode, show_result


def models_command(as_json: JsonOption = False) -> None:
    """List known models for --model and --rerank, with size, licence and published figures.

    They need an extra: pip install 'khabar[models]'. Any other sentence-transformers model works too.
    Without --model, the small model that comes with Khabar is used.

    Example:

        khabar models
    """
    from index.encoders import models

    from ..show import model_lines

    show_result([asdict(model) for model in models()] if as_json else model_lines(models()))


def evaluate_command(
    folder: Annotated[Path, typer.Argument(metavar="BEIR_DIR", help="corpus.jsonl, queries.jsonl and qrels.tsv.")],
    measure: Annotated[
        list[str] | None, typer.Option("--measure", metavar="NAME", help="nDCG@10, RR@10, R@100, P@5, AP ...")
    ] = None,
    mode: Annotated[
        list[str] | None, typer.Option("--mode", metavar="MODE", parser=read_mode, help="hybrid, semantic or lexical.")
    ] = None,
    model: Annotated[list[str] | None, typer.Option("--model", metavar="NAME|PATH", help="An encoder.")] = None,
    rerank: Annotated[
        list[str] | None, typer.Option("--rerank", metavar="NAME|PATH", help="A cross-encoder, or none.")
    ] = None,
    run: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write the TREC run.")] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="DIR|ADDRESS",
            callback=read_index,
            help="An index of the corpus, instead of a new one.",
        ),
    ] = None,
    device: DeviceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search on queries with known answers, by language of query and passage.

    Give --mode, --model or --rerank several times to compare: every configuration is tested against the first. If the
    folder has a stories.tsv, groups of duplicates and stories are measured too.

    Examples:

        khabar evaluate corpus

        khabar evaluate corpus --mode hybrid --mode lexical --measure nDCG@10

        khabar evaluate corpus --model default --model intfloat/multilingual-e5-small

        khabar evaluate corpus --rerank none --rerank BAAI/bge-reranker-v2-m3
    """
    from ..evaluation import MEASURES, Configurations, evaluate_configurations, write_run
    from ..show import evaluation_lines
    from ..types import Mode

    modes = list(map(Mode, mode or ["hybrid"]))
    configurations = Configurations(model or ["default"], rerank or ["none"], modes, index, device)
    if index is not None and len(model or ()) > 1:
        raise typer.BadParameter("Give --index with one --model at most: that of the index.")
    if run is not None and len(configurations) > 1:
        raise typer.BadParameter("Give --run with one configuration only.")
    outcome = evaluate_configurations(folder, configurations, measure or MEASURES, progress_of)
    if run is not None:
        write_run(run, outcome.run.items())
    show_result(outcome.facts if as_json else evaluation_lines(outcome.facts))
    exit_for(outcome.rejected, done=True)
