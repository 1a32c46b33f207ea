"""The command line: every command of search/commands under its name, in the order in which `khabar --help` lists them.

Heavy imports wait until a command runs, so that `khabar --help` answers at once.
"""

from __future__ import annotations

import gc
import os
from functools import cache
from typing import Any

import typer

from search import commands
from search.console import run_app

app = typer.Typer(
    name="khabar",
    cls=commands.Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help starts in half the time, and reads well in every terminal
    pretty_exceptions_enable=False,
)
app.callback()(commands.program)
app.command("index")(commands.index_command)
app.command("search", cls=commands.QueryCommand)(commands.search_command)
app.command("sources")(commands.sources_command)
app.command("show")(commands.show_command)
app.command("remove")(commands.remove_command)
app.command("verify")(commands.verify_command)
app.command("reindex")(commands.reindex_command)
app.command("export")(commands.export_command)
app.command("info")(commands.info_command)
app.command("models")(commands.models_command)
app.command("evaluate")(commands.evaluate_command)
app.command("duplicates")(commands.duplicates_command)
app.command("related")(commands.related_command)
app.command("check")(commands.check_command)
app.command("stories")(commands.stories_command)
app.command("serve")(commands.serve_command)
app.command("save", cls=commands.QueryCommand)(commands.save_command)
app.command("saved")(commands.saved_command)
app.command("news")(commands.news_command)
app.command("watch")(commands.watch_command)
app.command("fetch")(commands.fetch_command)
app.command("mcp")(commands.mcp_command)
app.command("config")(commands.config_command)


@cache
def program() -> Any:
    """Every command with its options, made once in a process; calling it runs the command line."""
    return typer.main.get_command(app)


def main() -> None:
    """Run the command line; see search/console.py for how it ends."""
    # The matrices of one query are small: several threads would only wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Starting creates many objects and no garbage: collecting every 700 of them takes a tenth of a cold search.
    gc.set_threshold(100_000)
    run_app(lambda: program()(prog_name="khabar"))
