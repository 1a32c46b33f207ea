"""What the commands that change or check an index say: lines for people and JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.harmless import harmless
from index.types import Encoder, Rejected

if TYPE_CHECKING:
    from index.ports import Problem, Store


def rejected_lines(rejected: Sequence[Rejected]) -> Iterator[str]:
    """Each input that could not be used, and why."""
    for problem in rejected:
        yield harmless(f"{problem.path}: {problem.reason}")


def cut_lines(encoder: Encoder) -> Iterator[str]:
    """A warning, if passages were longer than the encoder reads."""
    if encoder.cut:
        seen = f"of which {encoder.name} sees only the first {encoder.limit} tokens"
        yield f"{encoder.cut} passages hold a sentence or title too long for the model, {seen}."


def info_json(index: Store) -> dict[str, Any]:
    """What an index holds and what it was made with."""
    return {"path": index.address} | index.manifest.facts() | index.summary()


def info_lines(index: Store) -> Iterator[str]:
    """The same for people, one fact a line."""
    for name, value in info_json(index).items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        if name == "bytes":
            name, shown = "size", size_of(value)
        yield harmless(f"{name.replace('_', ' '):>14}  {shown}")


def size_of(count: int) -> str:
    """So many bytes with the unit that keeps them short, 1,000 of the unit before: 999 bytes, 1.2 MB, 34 GB."""
    if count < 1_000:
        return f"{count} bytes"
    size, units = float(count), iter(("kB", "MB", "GB", "TB", "PB"))
    unit = ""
    while size >= 999.5 or not unit:
        size, unit = size / 1_000, next(units)
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:.0f} {unit}"


def setting_lines(facts: dict[str, Any]) -> Iterator[str]:
    """What `khabar config` says: each setting and where it comes from, then the files looked for."""
    for one in facts["settings"]:
        value = ", ".join(map(str, one["value"])) if isinstance(one["value"], list) else one["value"]
        yield harmless(f"{one['name']:>20}  {value}  ({one['from']})")
    for file in facts["files"]:
        yield harmless(f"{file['path']}: {'read' if file['read'] else 'not there'}")


def problems_json(problems: Sequence[Problem]) -> dict[str, Any]:
    """What `khabar verify` found."""
    return {"ok": not problems, "problems": [asdict(problem) for problem in problems]}


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """The same for people."""
    if not problems:
        yield "Every article, count and file is as it was written."
    for problem in problems:
        yield harmless(f"{problem.where}: {problem.what}")
