"""What an indexing run did: lines for people and JSON for programs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from index.harmless import harmless
from index.types import Encoder, Report

from ..types import Link

LISTED = 20
"""How many of one kind of remark are listed; --json has all. What was rejected is always listed whole."""


def report_json(report: Report, encoder: Encoder, skipped: Mapping[str, Link]) -> dict[str, Any]:
    """What one run of `khabar index` did; `skipped` maps each article left out to its link with the one kept."""
    links = {article: asdict(link) for article, link in skipped.items()}
    return asdict(report) | {"cut": encoder.cut, "skipped": links}


def report_line(report: Report, place: str, *, pruned: bool, skipped: Mapping[str, Link] | None) -> str:
    """The same in one sentence. What was not asked for is not counted: `skipped` is None then."""
    counts = [f"{report.added} added", f"{report.updated} updated", f"{report.unchanged} unchanged"]
    counts += [f"{report.removed} removed"] if pruned else []
    counts += [f"{len(skipped)} skipped"] if skipped is not None else []
    counts += [f"{len(report.renamed)} renamed"] if report.renamed else []
    counts += [f"{len(report.replaced)} replaced"] if report.replaced else []
    return f"{', '.join(counts)}, {len(report.rejected)} rejected in {report.seconds:.1f} s. Index: {place}"


def remark_lines(report: Report, skipped: Mapping[str, Link]) -> Iterator[str]:
    """What was skipped, renamed, replaced, noted and passed over, by name."""
    yield from map(harmless, _remarks(report, skipped))


def _remarks(report: Report, skipped: Mapping[str, Link]) -> Iterator[str]:
    for article, link in skipped.items():
        yield f"{article}: not added, {link.tier} beside {link.b if article == link.a else link.a}"
    yield from _first(
        [f"{one.path}: stored as {one.id}, since another article has the id {one.given}" for one in report.renamed]
    )
    yield from _first([f"{one.path}: replaced {one.id}, which came from another file" for one in report.replaced])
    by_note: dict[str, list[str]] = {}
    for note in report.notes:
        by_note.setdefault(note.what, []).append(note.path)
    yield from _first([f"{paths[0]}{_more(paths)}: {what}" for what, paths in by_note.items()])
    kinds: dict[str, list[str]] = {}
    for path in report.unknown:
        kinds.setdefault(os.path.splitext(path)[1].lower() or "without an ending", []).append(path)
    for kind, paths in sorted(kinds.items()):
        yield f"{paths[0]}{_more(paths)}: not read, since {kind} is no kind that is ({len(paths)} in all)"


def _more(paths: Sequence[str]) -> str:
    return f" and {len(paths) - 1} more" if len(paths) > 1 else ""


def _first(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:LISTED]
    if len(lines) > LISTED:
        yield f"… and {len(lines) - LISTED} more such; --json lists all"
