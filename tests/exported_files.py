"""Files as programs export them, for tests of reading."""

from __future__ import annotations

import json
from pathlib import Path

from index.read import read
from index.types import Document, Noted, Rejected

TEXT = "The council of Kasrun met on Sunday and agreed on a new bridge over the river, after years of talks."
MORE = "Work begins in March, the mayor said, and will take about two years."


def write(folder: Path, name: str, content: object) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False), "utf-8")
    return str(path)


def split(path: str) -> tuple[list[Document], list[Rejected], list[str]]:
    found = list(read([path]))
    documents = [one for one in found if isinstance(one, Document)]
    rejected = [one for one in found if isinstance(one, Rejected)]
    return documents, rejected, [one.what for one in found if isinstance(one, Noted)]
