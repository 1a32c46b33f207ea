"""Options that several commands have, and how a command shows what it found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from index.errors import InputError

from ..console import NOTHING_DONE, is_quiet, remark, say, show_json, show_to_people
from . import complete

if TYPE_CHECKING:
    from index.ports import Patience
    from index.types import Encoder, Filters, Rejected, Shard

    from ..show import Told

SOME_REJECTED = 3  # exit code; 0 is done, 1 nothing done, 2 wrong usage


@contextmanager
def usage() -> Iterator[None]:
    """Report an InputError in an option as wrong usage, with exit code 2."""
    try:
        yield
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


def read_day(written: str) -> str:
    """The first day of a date as people write it, in ISO 8601."""
    from index.text import parse_day

    with usage():
        return parse_day(written)


def read_mode(name: str) -> str:
    """A mode of search by its name."""
    from ..types import Mode

    with usage():
        return Mode(name)


def read_story_order(name: str) -> str:
    """An order of stories by its name."""
    from ..coverage import StoryOrder

    with usage():
        return StoryOrder(name)


def read_tier(name: str) -> str:
    """A tier of copies by its name."""
    from ..types import Tier

    with usage():
        return Tier(name)


def read_duplicate_tier(name: str) -> str:
    """A tier of duplicates by its name: not one of copies that say something else."""
    from ..types import DUPLICATES, Tier

    if (tier := read_tier(name)) not in DUPLICATES:
        raise typer.BadParameter(
            f"an {Tier(tier)} copy says something else, so it is never kept out. Choose {', '.join(DUPLICATES)}."
        )
    return tier


def read_shard(written: str) -> Shard:
    """One of several parts of all documents."""
    from index.types import Shard

    with usage():
        return Shard.parse(written)


def read_form(name: str) -> str:
    """A form of an export by its name."""
    from index.export import Form

    with usage():
        return Form(name)


def read_seconds(written: str) -> float:
    """A number of seconds, or "forever"."""
    try:
        seconds = math.inf if written == "forever" else float(written)
    except ValueError:
        seconds = math.nan
    if not seconds >= 0:
        raise typer.BadParameter(f"{written!r} is no number of seconds.")
    return seconds


def read_index(address: str | None) -> str | None:
    """The address of an index, as it may be shown."""
    if not address or "://" not in address:
        return address
    from index.milvus import withheld

    return withheld(address)


IndexOption = Annotated[
    str,
    typer.Option(
        "--index",
        envvar="KHABAR_INDEX",
        metavar="DIR|ADDRESS",
        callback=read_index,
        help="The index: a folder, or milvus://HOST:PORT/NAME.",
        show_default=True,
    ),
]
WaitOption = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="[SECONDS]",
        parser=read_seconds,
        envvar="KHABAR_WAIT",
        show_default=False,
        help="How long to wait while another process writes; without a number, until it has finished. Default: 5.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="Where a --model runs: cpu, cuda or mps. Default: the best available.")
]
ModelOption = Annotated[str | None, typer.Option("--model", metavar="NAME|PATH", help="A sentence-transformers model.")]
ReadingModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", metavar="NAME|PATH", help="The model of the index, where that is a folder or has to be fetched."
    ),
]
QueryPromptOption = Annotated[
    str | None, typer.Option("--query-prompt", metavar="TEXT", help="Prompt for queries, instead of the model's own.")
]
PassagePromptOption = Annotated[
    str | None,
    typer.Option("--passage-prompt", metavar="TEXT", help="Prompt for passages, instead of the model's own."),
]
DimensionsOption = Annotated[
    int | None, typer.Option("--dimensions", min=1, help="Keep only the first N dimensions (Matryoshka models).")
]
RerankOption = Annotated[
    str | None, typer.Option("--rerank", metavar="NAME|PATH", help="A cross-encoder that scores the best 50 again.")
]
ModeOption = Annotated[
    str,
    typer.Option(metavar="MODE", parser=read_mode, autocompletion=complete.modes, help="hybrid, semantic or lexical."),
]
LanguagesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--lang",
        metavar="LANGUAGE",
        autocompletion=complete.languages,
        help="Only articles in this language: ar, en, arabic.",
    ),
]
SourcesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        autocompletion=complete.sources,
        help="Only articles of this source, or of one named like it.",
    ),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Only articles of this day or later: 2018, 2018-05, 7d.")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="DATE", help="Only articles of this day or earlier.")
]
DEFAULT_INDEX = ".khabar"


def date_option(text: str) -> Any:
    """An option that takes a day; `text` is its help."""
    return typer.Option(metavar="DATE", parser=read_day, help=text)


class Asked(TypedDict):
    """How to use a model. None means as the index was made, or else as the model says."""

    query_prompt: str | None
    passage_prompt: str | None
    dimensions: int | None


def show_result(result: dict[str, Any] | list[Any] | Iterator[str]) -> None:
    """Print one result: lines for people, or JSON."""
    if isinstance(result, dict | list):
        show_json(result)
    else:
        show_to_people(result)


def patience(wait: float | None) -> Patience:
    """How long --wait has a writer wait for another; that it waits is a remark."""
    from index.ports import Patience

    return Patience(wait, remark)


def filters_of(lang: list[str] | None, source: list[str] | None, since: str | None, until: str | None) -> Filters:
    """The filters that options name; in what way an ambiguous one was read is said on standard error."""
    from datetime import date

    from ..query import read_filters

    first, last = ([day] if day else [] for day in (since, until))
    with usage():
        filters, notes = read_filters(lang or (), source or (), first, last, date.today())
    warn(notes)
    return filters


def warn(lines: Iterable[str]) -> None:
    """Print remarks on standard error, unless --quiet was given."""
    for line in lines:
        remark(line)


def progress_of(encoder: Encoder, first: str = "reading") -> AbstractContextManager[Told | None]:
    """A block that shows progress, unless --quiet was given; yields what advances it (see `progress_bars`)."""
    from ..show import progress_bars

    return nullcontext() if is_quiet() else progress_bars(encoder, first)


def progress_of_steps() -> AbstractContextManager[Callable[[str, int, int], None] | None]:
    """The same for work in several steps; what advances it is told which (see `progress_steps`)."""
    from ..show import progress_steps

    return nullcontext() if is_quiet() else progress_steps()


def exit_for(rejected: Sequence[Rejected], *, done: bool) -> None:
    """Name each rejected input on standard error, and say by the exit code whether anything was done."""
    from ..show import rejected_lines

    for line in rejected_lines(rejected):
        say(line, err=True)
    if rejected:
        raise typer.Exit(SOME_REJECTED if done else NOTHING_DONE)
