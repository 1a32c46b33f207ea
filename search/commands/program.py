"""The program as a whole: its version, settings from files, and the options that every command has."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Annotated, Any

import typer
import typer.core

from index.errors import KhabarError

from ..console import keep_quiet, say
from .settings import defaults, read_settings


class Program(typer.core.TyperGroup):
    """A group of commands, each with --quiet, whose options are also read from files."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        for command in self.commands.values():
            quiet = typer.core.TyperOption(
                param_decls=["quiet", "--quiet", "-q"],
                is_flag=True,
                default=False,
                expose_value=False,
                callback=lambda _, __, value: keep_quiet(bool(value)),
                envvar="KHABAR_QUIET",
                help="Print results and errors only: no progress, no remarks.",
            )
            command.params.append(quiet)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer; --wait without a number of seconds waits for ever."""
        end = args.index("--") if "--" in args else len(args)
        bare = [
            one == "--wait" and not after.replace(".", "", 1).isdecimal()
            for one, after in zip(args[:end], [*args[1:end], ""], strict=False)
        ]
        given = ["--wait=forever" if is_bare else one for one, is_bare in zip(args, bare, strict=False)]
        return super().parse_args(ctx, given + args[end:])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer; the options that the command line leaves out are those of the files."""
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and name is not None and name != "config":
            # While a line is completed, a file that cannot be used is no hindrance.
            with suppress(KhabarError) if ctx.resilient_parsing else nullcontext():
                ctx.default_map = {name: defaults(read_settings(self.commands), name, command, ctx)}
        return name, command, rest


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"khabar {version('khabar')}")
        raise typer.Exit


def program(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Search Arabic and English news: ask in either language, find passages in both, offline."""
