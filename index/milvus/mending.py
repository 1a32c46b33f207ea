"""What a killed writer left behind, found and finished: each batch was announced, and so was each deletion."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..ports import Problem
from .counting import PartsWriter
from .reading import Rows
from .sink import settle_debt, superseded
from .state import Intent, commit


def abandoned(rows: Rows) -> list[Intent]:
    """The batches whose writers are gone."""
    return [intent for intent in rows.state.intents if intent.abandoned]


def mend(rows: Rows, parts: PartsWriter) -> None:
    """Finish what killed writers left: their articles that are whole stay, the rest of what they wrote is deleted."""
    intents = abandoned(rows)
    debts = rows.ledger.kinds(["debt"], "Strong")
    for name, text in debts.items():
        settle_debt(rows, [(int(number), int(count)) for number, count in json.loads(text)])
        rows.ledger.delete([name])
    for intent in intents:
        within = f"number >= {intent.first} and number < {intent.beyond}"
        fields = ("number", "key", "passages")
        articles = list(rows.cluster.scan(rows.state.articles, within, fields, "Strong"))
        held = {row["number"] + place for row in articles for place in range(row["passages"])}
        passages = rows.cluster.scan(rows.state.passages, within, ("number",), "Strong")
        rows.cluster.delete(rows.state.passages, [row["number"] for row in passages if row["number"] not in held])
        versions = rows.of_keys([row["key"] for row in articles], fields)
        settle_debt(rows, [(row["number"], row["passages"]) for row in superseded(versions)])
        latest = {row["number"] for row in articles} - {row["number"] for row in superseded(versions)}
        parts.count(rows, sorted(latest))
        rows.ledger.delete([intent.name])
    if intents or debts:
        commit(rows.ledger, rows.state.mark)


def problems(rows: Rows) -> Iterable[Problem]:
    """What killed writers left, as `verify` names it."""
    for intent in abandoned(rows):
        yield Problem(
            f"batch {intent.first:x}", f"was left unfinished by process {intent.process}, which is gone", True
        )
    for name, text in rows.ledger.kinds(["debt"], "Strong").items():
        yield Problem(name, f"{len(json.loads(text))} articles were to be deleted, and their writer is gone", True)
