"""What an index was made with: model, prompts, analyser, format."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields

from ..encoders import load_encoder, reference
from ..text import ANALYSER, SKETCH
from ..types import Encoder

FORMAT = "2"  # of the folder: changes whenever an older Khabar could not read it


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made with; also written to manifest.json, for people and other programs to read."""

    format: str
    model: str
    dimension: int
    model_hash: str
    analyser: str
    lexicon_hash: str
    sketch: str
    query_prompt: str
    passage_prompt: str

    @classmethod
    def of(cls, encoder: Encoder) -> Manifest:
        """The manifest of an index that this version of Khabar makes with an encoder."""
        lexicon = load_encoder("default").hash
        # Kept as they are now, so that a later table of models changes nothing.
        given = encoder.prompts.get("query", ""), encoder.prompts.get("passage", "")
        return cls(FORMAT, encoder.name, encoder.dim, encoder.hash, ANALYSER, lexicon, SKETCH, *given)

    def encoder(
        self,
        device: str | None = None,
        model: str | None = None,
        *,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        dimensions: int | None = None,
    ) -> Encoder:
        """The encoder that the index was made with, on a device; with another model, prompts or dimensions where given.

        Raises ModelUnavailable where it is not here, InputError for what the model does not have.
        """
        if model is None or reference(model) == self.model:
            model = self.model
            query_prompt = self.query_prompt if query_prompt is None else query_prompt
            passage_prompt = self.passage_prompt if passage_prompt is None else passage_prompt
            dimensions = dimensions or self.dimension
        return load_encoder(
            model, device=device, query_prompt=query_prompt, passage_prompt=passage_prompt, dimensions=dimensions
        )

    def usage(self) -> str:
        """The model and how it is used, for people."""
        prompts = {"query": self.query_prompt, "passage": self.passage_prompt}
        said = [f"{self.dimension} dimensions", *(f"{use} prompt {text!r}" for use, text in prompts.items() if text)]
        return f"{self.model} ({', '.join([*said, self.model_hash])})"

    def is_current(self) -> bool:
        """Whether this version of Khabar would derive the same from the stored articles."""
        lexicon = load_encoder("default").hash
        return (self.analyser, self.lexicon_hash, self.sketch) == (ANALYSER, lexicon, SKETCH)

    @classmethod
    def read(cls, db: sqlite3.Connection) -> Manifest:
        """The manifest that a database holds. Raises KeyError or sqlite3.Error when it holds none."""
        meta = dict(db.execute("SELECT key, value FROM meta"))
        return cls(**{f.name: meta[f.name] for f in fields(cls)})
