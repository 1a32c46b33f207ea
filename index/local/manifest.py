"""What an index was made with: format, model, prompts, analyser."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..encoders import is_hub_name
from ..errors import IndexMismatch
from ..text import ANALYSER, SKETCH
from ..types import Encoder

FORMAT = "4"  # of the folder; changes whenever an older Khabar could not read it
MENDABLE = ("2", "3")  # older formats, of which `verify --repair` makes this one

# Stored under the name that it had first, so that all indexes of this format stay readable.
_STORED_AS = {"embedded_hash": "lexicon_hash"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with. It is stored in the database, and copied to manifest.json for other programs.

    `model_hash` identifies the model of the vectors. `embedded_hash` identifies the model that comes with Khabar: the
    lexical index stores where each of its words stands in that model's table.
    """

    format: str
    model: str
    dimension: int
    model_hash: str
    analyser: str
    embedded_hash: str
    sketch: str
    query_prompt: str
    passage_prompt: str

    @classmethod
    def of(cls, encoder: Encoder, embedded_hash: str) -> Manifest:
        """The manifest of an index that this version of Khabar makes with an encoder."""
        # Prompts are stored, so that a later version of the table of models changes nothing.
        given = encoder.prompts.get("query", ""), encoder.prompts.get("passage", "")
        return cls(FORMAT, encoder.name, encoder.dim, encoder.hash, ANALYSER, embedded_hash, SKETCH, *given)

    def usage(self) -> str:
        """The model and how it is used, for people."""
        prompts = {"query": self.query_prompt, "passage": self.passage_prompt}
        said = [f"{self.dimension} dimensions", *(f"{use} prompt {text!r}" for use, text in prompts.items() if text)]
        return f"{self.model} ({', '.join([*said, self.model_hash])})"

    @property
    def embedded(self) -> bool:
        """Whether the vectors are those of the model that comes with Khabar."""
        return self.model_hash == self.embedded_hash

    def is_current(self, embedded_hash: str) -> bool:
        """Whether this version of Khabar would derive the same segments from the stored articles."""
        made_by = self.format, self.analyser, self.embedded_hash, self.sketch
        return made_by == (FORMAT, ANALYSER, embedded_hash, SKETCH)

    def require(self, encoder: Encoder, embedded_hash: str, place: str) -> None:
        """Raises IndexMismatch when the vectors of the index at a place are not those of `encoder`."""
        now = Manifest.of(encoder, embedded_hash)
        if (now.model_hash, now.dimension) == (self.model_hash, self.dimension):
            return
        # A folder is loaded only where it is named.
        options = [] if now.model == self.model and is_hub_name(now.model) else ["--model", now.model]
        for name in ("dimension", "query_prompt", "passage_prompt") if now.model == self.model else ():
            if getattr(now, name) != getattr(self, name):
                option = "--dimensions" if name == "dimension" else f"--{name.replace('_', '-')}"
                options += [option, str(getattr(now, name))]
        raise IndexMismatch(
            f"{place} was made with the model {self.usage()}, not with {now.usage()}. "
            f"Encode it again with: {shlex.join(['khabar', 'reindex', *options, '--index', place])}"
        )

    def facts(self) -> dict[str, Any]:
        """The fields under the names by which they are stored, ready for JSON."""
        return {_STORED_AS.get(name, name): value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Manifest:
        """The manifest that a database holds. Raises KeyError or sqlite3.Error when it holds none."""
        return cls.of_facts(dict(db.execute("SELECT key, value FROM meta")))

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Manifest:
        """The manifest with some `facts`, whatever else they say. Raises KeyError where one is missing."""
        return cls(**{f.name: facts[_STORED_AS.get(f.name, f.name)] for f in fields(cls)})
