"""The tokenizer of the embedded model, which can be read while numpy and FAISS still load."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from tokenizers import Tokenizer

EMBEDDED = Path(__file__).with_name("model")


class _Reading(Thread):
    """Reads one file. The library lets other threads run meanwhile."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.path = path
        self.tokenizer: Tokenizer | None = None

    def run(self) -> None:
        try:
            self.tokenizer = Tokenizer.from_file(str(self.path))
        except Exception:  # whoever asks for it reads it again, and gets the error
            return


_begun: dict[Path, _Reading] = {}


def read_ahead(folder: Path = EMBEDDED) -> None:
    """Begins to read the tokenizer of `folder`: a quarter of a cold start, of which nothing is left to wait for."""
    if folder not in _begun:
        _begun[folder] = _Reading(folder / "tokenizer.json")
        _begun[folder].start()


def read(folder: Path) -> Tokenizer:
    """The tokenizer of `folder`, read now unless `read_ahead` has been asked to."""
    begun = _begun.pop(folder, None)
    if begun:
        begun.join()
        if begun.tokenizer:
            return begun.tokenizer
    return Tokenizer.from_file(str(folder / "tokenizer.json"))
