"""Settings from files: khabar.toml in the working folder, then in the user's folder of settings.

A setting is an option of a command, without its dashes. At the top of a file it counts for every command that has the
option, in a table named after a command for that one. A flag or an environment variable comes before any file.
"""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import typer

from index.errors import InputError

FILE = "khabar.toml"

# Options that a file may give. Not those that name what is written or removed in one run.
NAMES = (
    "index", "quiet", "wait", "json", "model", "device", "rerank", "mode", "lang", "source", "k", "min-score",
    "diversity", "sort", "facet", "all", "tier", "order", "exclude", "skip-duplicates",
)  # fmt: skip

# Settings that only the user's own settings file may give. A working folder may come from a stranger, whose settings
# must not choose the model that is loaded, or the server that gets articles and the token.
_OF_THE_USER = ("model", "rerank")

# `evaluate` measures an index of its own test collection: the archive that one mostly works with is another.
_ITS_OWN = {"evaluate": "index"}


class Setting(NamedTuple):
    """A value of a file, for one command or, where `command` is None, for all that have the option."""

    command: str | None
    name: str
    value: Any
    file: Path

    def __str__(self) -> str:
        return f"{self.command}.{self.name}" if self.command else self.name


def files() -> list[Path]:
    """Where settings are looked for; what an earlier file says counts."""
    return [Path(FILE), Path(typer.get_app_dir("khabar")) / FILE]


def read_settings(commands: Mapping[str, Any]) -> list[Setting]:
    """The settings of all files, those that count first: in one file those of tables.

    Raises InputError for what no command of `commands` has.
    """
    own, users = files()
    return [*_read(own, commands, of_user=False), *_read(users, commands, of_user=True)]


def _read(file: Path, commands: Mapping[str, Any], *, of_user: bool) -> Iterator[Setting]:
    if not file.is_file():
        return
    import tomllib  # most starts find no file

    try:
        tables = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} cannot be read as TOML: {error}.") from None
    top = {name: value for name, value in tables.items() if not isinstance(value, dict)}
    for command, table in [*((name, table) for name, table in tables.items() if name not in top), (None, top)]:
        if command is not None and command not in commands:
            raise InputError(f"{file} has a table [{command}], which is no command. See: khabar --help")
        for name, value in table.items():
            setting = Setting(command, name, value, file)
            if name not in NAMES or (command and not option_of(commands[command], name)):
                raise InputError(f"{file} sets {setting}, which is no setting. There are: {', '.join(NAMES)}.")
            if not of_user and (name in _OF_THE_USER or (name == "index" and "://" in str(value))):
                raise InputError(
                    f"{file} sets {setting}, which only {files()[1]} may: a folder may come from a stranger. "
                    f"Move it there, or give --{name}."
                )
            yield setting


def option_of(command: Any, name: str) -> Any | None:
    """The option of a command with a name; None where it has none."""
    dashed = f"-{name}" if len(name) == 1 else f"--{name}"
    return next((param for param in command.params if dashed in param.opts), None)


def defaults(settings: list[Setting], name: str, command: Any, ctx: Any) -> dict[str, Any]:
    """What the settings give the parameters of one command. Raises InputError for a value that its option refuses."""
    found: dict[str, Any] = {}
    for setting in settings:
        option = option_of(command, setting.name)
        if option is None or setting.command not in (None, name):
            continue
        if setting.command is None and _ITS_OWN.get(name) == setting.name:
            continue
        found.setdefault(option.name, setting)
    return {param: _value(option_of(command, setting.name), setting, ctx) for param, setting in found.items()}


def _value(option: Any, setting: Setting, ctx: Any) -> Any:
    """The value as the command line would give it."""
    given = setting.value
    value = [str(one) for one in (given if isinstance(given, list) else [given])] if option.multiple else given
    if not option.multiple and not isinstance(given, bool):
        value = os.path.expanduser(str(given)) if setting.name == "index" else str(given)
    try:
        option.type_cast_value(ctx, value)
    except typer.BadParameter as error:
        raise InputError(f"{setting.file} sets {setting} to {given!r}: {error.message.rstrip('.')}.") from None
    return value
