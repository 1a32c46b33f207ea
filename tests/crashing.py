"""Changes an index in processes that can be killed, starved of disk or stripped of rights.

A `Nursery` is one process with all imports done; it forks a child for each run, which costs milliseconds.
"""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from index import Index, load_encoder
from index.local import vectors
from index.local.writer import Writer, writing
from index.open import repair, verify
from index.passages import encoded_text, split
from index.ports import Entry
from index.types import Article
from search import Engine
from search.watch import match, news, save, told

NOBODY = 65534

# Where the many small commits of these tests do not wait for a disk: what they are about is the order of things.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

State = dict[str, str]  # id -> text
Step = tuple[
    str, Any
]  # ("add", {id: text}), ("remove" | "purge", [id]), ("save", query), others, as "match" and "create", with None


def entries(texts: Mapping[str, str]) -> list[Entry]:
    made = []
    for id, text in texts.items():
        article = Article(id, f"Bulletin {id}", text, "en")
        passages = split(article)
        read = [encoded_text(article.title, passage.text) for passage in passages]
        made.append(Entry(article, tuple(passages), load_encoder().encode_passages(read), text))
    return made


def state(folder: Path) -> State:
    """What an index holds, by its articles; and its segments hold the same."""
    index = Index.open(folder)
    with index.reading() as view:
        articles = {article.id: article.text for _, article in index.articles()}
        alive = view.snapshot.positions[view.snapshot.alive]
        found = view.passages(alive)
        assert {passage.article for _, passage in found} == set(articles)
        assert len(found) == len(alive) == index.counts()["passages"]
    index.close()
    return articles


def expected(before: State, steps: Sequence[Step]) -> State:
    """What an index holds after some steps: a dictionary is the specification."""
    after = dict(before)
    for kind, what in steps:
        if kind == "add":
            after |= what
        elif kind in ("remove", "purge"):
            after = {id: text for id, text in after.items() if id not in what}
    return after


def change(folder: Path, step: Step) -> None:
    kind, what = step
    if kind == "create":
        Index.create(folder, load_encoder())
    elif kind == "repair":
        assert repair(folder) == []
    elif kind == "save":
        save(Engine(Index.open(folder)), what, f"{what} of the council", min_score=0.2)
    elif kind == "match":
        match(Index.open(folder))
    elif kind == "tell":
        index = Index.open(folder)
        found = news(index)
        with (folder.parent / "told").open("a") as out:
            out.writelines(f"{one.search} {one.hit.article.id}\n" for one in found)
        told(index, found)
    elif kind == "check":
        state(folder)
        assert verify(folder) == []
    else:
        with writing(Index.open(folder)) as writer:
            _change(writer, kind, what)


def _change(writer: Writer, kind: str, what: Any) -> None:
    match kind:
        case "add":
            writer.add(entries(what))
        case "remove" | "purge":
            writer.remove(what, purge=kind == "purge")
        case "compact":
            writer.compact()
        case "reindex":
            writer.reencode(load_encoder())
        case _:
            raise ValueError(kind)


class Nursery:
    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[1]
        quiet = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": str(root)}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | quiet, text=True
        )

    def run(self, folder: Path, steps: Sequence[Step], **how: float) -> list[str]:
        """Do some steps in a process of its own; returns for each that came to an end "done", or its error.

        It is killed `seconds` after it began or at the start of its function call number `calls`; `bytes` is the size
        of the largest file it may write, `user` whom it runs as.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([str(folder), list(steps), how]) + "\n")
        self._process.stdin.flush()
        ended: list[str] = json.loads(self._process.stdout.readline())
        return ended

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _child(folder: Path, steps: Sequence[Step], how: Mapping[str, float], report: int) -> None:
    if "bytes" in how:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(how["bytes"]), int(how["bytes"])))
    if "user" in how:
        os.setuid(int(how["user"]))
    if "calls" in how:
        left = int(how["calls"])

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
    for step in steps:
        try:
            change(folder, step)
            said = "done"
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        os.write(report, json.dumps(said).encode() + b"\n")


def _run(folder: str, steps: Sequence[Step], how: Mapping[str, float]) -> list[str]:
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(reading)
            _child(Path(folder), steps, how, writing)
        finally:
            os._exit(0)
    os.close(writing)
    deadline = time.monotonic() + how.get("seconds", 60)
    said = b""
    while True:
        ready, _, _ = select.select([reading], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)  # what it reported until then is still in the pipe
            deadline = time.monotonic() + 60
        elif part := os.read(reading, 65_536):
            said += part
        else:
            break
    os.close(reading)
    os.waitpid(pid, 0)
    return [json.loads(line) for line in said.splitlines()]


if __name__ == "__main__":
    # Here segments of more than eight passages are stored as those of a million are.
    vectors.KINDS = ((8, vectors.KINDS[0][1]), vectors.KINDS[1])
    with tempfile.TemporaryDirectory() as place:  # whatever is loaded late is loaded now
        for step in (
            ("create", None), ("add", {"a": "Rain."}), ("save", "rain"), ("add", {"b": "More rain."}), ("match", None),
            ("tell", None), ("check", None), ("purge", ["a"]), ("repair", None),
        ):  # fmt: skip
            change(Path(place) / "index", step)
    for request in sys.stdin:
        print(json.dumps(_run(*json.loads(request))), flush=True)
