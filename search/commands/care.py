"""Looking after an index: its state, its checksums, its backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import NOTHING_DONE, ascii_only, say, show, show_json
from .options import DEFAULT_INDEX, IndexOption, JsonOption, show_result


def info_command(index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Show what an index contains and how it was made.

    Example:

        khabar info --index news
    """
    from index.local import Index

    from ..show import info_json, info_lines

    opened = Index.open(index)
    show_result(info_json(opened) if as_json else info_lines(opened))


def verify_command(
    repair: Annotated[bool, typer.Option("--repair", help="Rebuild what can be derived from the articles.")] = False,
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Check every article, count and file of the index against its checksum; exit code 1 when something is wrong.

    --repair rebuilds the lexical index and the vector index from the stored articles; nothing is encoded again.

    Example:

        khabar verify --repair --index news
    """
    from index.local import repair as mend
    from index.local import verify

    from ..show import problem_lines, problems_json

    problems = mend(index) if repair else verify(index)
    show_result(problems_json(problems) if as_json else problem_lines(problems))
    if any(problem.mendable for problem in problems):
        say(f"Mend it with: khabar verify --repair --index {index}", err=True)
    if problems:
        raise typer.Exit(NOTHING_DONE)


def export_command(
    file: Annotated[str, typer.Argument(metavar="[FILE|-]", help="Where to write; - is standard output.")] = "-",
    index: IndexOption = DEFAULT_INDEX,
    as_json: JsonOption = False,
) -> None:
    """Write all articles as JSON lines, a backup that `khabar index` reads back.

    Examples:

        khabar export backup.jsonl

        khabar export | gzip > backup.jsonl.gz
    """
    from index.backup import lines, write
    from index.local import Index

    opened = Index.open(index, outdated=True)
    if file == "-":
        show(lines(opened, ascii_only=ascii_only()))
        return
    count = write(opened, Path(file))
    if as_json:
        show_json({"articles": count, "file": file})
    else:
        say(f"{count} articles written to {file}")
