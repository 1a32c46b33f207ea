"""What the commands that change or check an index say: lines for people and JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.types import Encoder, Rejected, Report

from ..types import Link
from .terminal import harmless

if TYPE_CHECKING:
    from index.local import Index, Problem


def report_json(report: Report, encoder: Encoder, skipped: Mapping[str, Link]) -> dict[str, Any]:
    """What one run of `khabar index` did; `skipped` maps each article left out to its link with the one kept."""
    links = {article: asdict(link) for article, link in skipped.items()}
    return asdict(report) | {"cut": encoder.cut, "skipped": links}


def report_lines(report: Report, place: Path, *, pruned: bool, skipped: Mapping[str, Link] | None) -> Iterator[str]:
    """The same for people, in one line. What was not asked for is not counted: `skipped` is None then."""
    counts = [f"{report.added} added", f"{report.updated} updated", f"{report.unchanged} unchanged"]
    counts += [f"{report.removed} removed"] if pruned else []
    counts += [f"{len(skipped)} skipped"] if skipped is not None else []
    yield f"{', '.join(counts)}, {len(report.rejected)} rejected in {report.seconds:.1f} s. Index: {place}"


def skipped_lines(skipped: Mapping[str, Link]) -> Iterator[str]:
    """Each article that was not added, and the stored one that it repeats."""
    for article, link in skipped.items():
        yield harmless(f"{article}: not added, {link.tier} beside {link.b if article == link.a else link.a}")


def rejected_lines(rejected: Sequence[Rejected]) -> Iterator[str]:
    """Each input that could not be used, and why."""
    for problem in rejected:
        yield harmless(f"{problem.path}: {problem.reason}")


def cut_lines(encoder: Encoder) -> Iterator[str]:
    """A warning, if passages were longer than the encoder reads."""
    if encoder.cut:
        seen = f"of which {encoder.name} sees only the first {encoder.limit} tokens"
        yield f"{encoder.cut} passages hold a sentence or title too long for the model, {seen}."


def info_json(index: Index) -> dict[str, Any]:
    """What an index holds and what it was made with."""
    return {"path": str(index.path)} | asdict(index.manifest) | index.summary()


def info_lines(index: Index) -> Iterator[str]:
    """The same for people, one fact a line."""
    for name, value in info_json(index).items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        yield f"{name.replace('_', ' '):>14}  {shown}"


def problems_json(problems: Sequence[Problem]) -> dict[str, Any]:
    """What `khabar verify` found."""
    return {"ok": not problems, "problems": [asdict(problem) for problem in problems]}


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """The same for people."""
    if not problems:
        yield "Every article, count and file is as it was written."
    for problem in problems:
        yield harmless(f"{problem.where}: {problem.what}")
