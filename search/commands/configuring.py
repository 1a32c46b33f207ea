"""Which settings are in force, and where each comes from."""

from __future__ import annotations

import os
from typing import Any

import typer

from index.milvus import without_token

from .options import DEFAULT_INDEX, IndexOption, JsonOption, show_result
from .settings import Setting, files, read_settings

_ENVIRONMENT = {"index": "KHABAR_INDEX", "quiet": "KHABAR_QUIET", "wait": "KHABAR_WAIT"}
_DEFAULTS = {"index": DEFAULT_INDEX, "quiet": False, "wait": 5}


def config_command(ctx: typer.Context, index: IndexOption = DEFAULT_INDEX, as_json: JsonOption = False) -> None:
    """Show the settings in force, each with the file, variable or default that it comes from.

    A flag comes before the environment, that before khabar.toml in the working folder, and that before khabar.toml in
    your folder of settings. A file has options without their dashes; those in a table [search] are for that command.

    Examples:

        khabar config

        khabar config --json
    """
    from ..show import setting_lines

    assert ctx.parent is not None
    given = {"index": index} if _was_typed(ctx, "index") else {}
    settings = _in_force(read_settings(ctx.parent.command.commands), given)  # type: ignore[attr-defined]
    facts = {"files": [{"path": str(file), "read": file.is_file()} for file in files()], "settings": settings}
    show_result(facts if as_json else setting_lines(facts))


def _was_typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _in_force(settings: list[Setting], given: dict[str, Any]) -> list[dict[str, Any]]:
    """Each setting with its value and where that comes from, those of all commands first."""
    found: dict[str, tuple[Any, str]] = {name: (value, "the command line") for name, value in given.items()}
    for name, variable in _ENVIRONMENT.items():
        if name not in found and os.environ.get(variable):
            found[name] = os.environ[variable], variable
    stronger = set(found)
    for setting in settings:
        if setting.name not in stronger:
            found.setdefault(str(setting), (setting.value, str(setting.file)))
    for name, value in _DEFAULTS.items():
        found.setdefault(name, (value, "default"))
    for name, (value, place) in found.items():
        if name.endswith("index"):
            found[name] = without_token(str(value)), place
    order = sorted(found, key=lambda name: ("." in name, name))
    return [{"name": name, "value": found[name][0], "from": found[name][1]} for name in order]
