"""What a command prints, and how it ends: by itself, by a signal, or because nobody can read what it prints."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer

from index.errors import KhabarError, StorageError
from index.harmless import harmless, json_pieces, unmarked

NOTHING_DONE = 1
CLOSED_PIPE = 128 + 13  # as a program that SIGPIPE ends
INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h: never one that says how far a command came

# Address space that the libraries reserve at most with the embedded model, in bytes: numpy, faiss and tokenizers for
# each thread that they may start too. Measured: 0.75 GB with 2 threads, 1.65 GB with 32.
LEAST_MEMORY, MEMORY_OF_A_CORE = 1 << 30, 32 << 20

STOPPED = "Stopped. What was committed is kept; nothing is half done."

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class Ended(BaseException):
    """A command ends before it is done, with an exit code; `said` is one sentence for the user, or "".

    It is no Exception, so that only blocks that tidy up see it.
    """

    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code, self.said = code, said


_quiet = False


def keep_quiet(value: bool) -> None:
    """Whether remarks and progress are left out from now on, as --quiet asks."""
    global _quiet
    _quiet = value


def is_quiet() -> bool:
    """Whether remarks and progress are left out."""
    return _quiet


def say(text: object, *, err: bool = False) -> None:
    """Print one line, made harmless."""
    _print(harmless(text), err=err)


def remark(text: object, *, err: bool = True) -> None:
    """Print one line that only tells what was done, unless --quiet was given."""
    if not _quiet:
        say(text, err=err)


def show(lines: Iterable[str]) -> None:
    """Print lines in which every text is harmless already, as they are."""
    for line in lines:
        _print(line)


def show_to_people(lines: Iterable[str]) -> None:
    """Print lines of search/show: wrapped at words in a terminal, elsewhere without the marks of direction in them.

    Programs that read them, and ids that are copied from them, are then as they were stored.
    """
    if sys.stdout.isatty():
        from .show import wrapped

        width = shutil.get_terminal_size().columns
        show(part for line in lines for part in wrapped(line, width))
    else:
        show(map(unmarked, lines))


def show_json(value: Any) -> None:
    """Print a value as one line of JSON."""
    for piece in json_pieces(value, ascii_only=ascii_only()):
        _print(piece, line=False)
    _print("")


def ascii_only() -> bool:
    """Whether standard output takes no Arabic, so that JSON must be written in ASCII."""
    return not (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")


def _print(said: str, *, err: bool = False, line: bool = True) -> None:
    try:
        typer.echo(said, err=err, nl=line)
    except OSError as error:
        raise _unwritable(error) from None


def _unwritable(error: OSError) -> Ended:
    """What is printed cannot be written: whatever is still in the buffer is dropped, and Python asks no more for it."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if error.errno == errno.EPIPE:
        return Ended(CLOSED_PIPE, "")
    return Ended(NOTHING_DONE, f"The output cannot be written ({error.strerror or error}).")


def require_memory() -> None:
    """Raises StorageError where the address space of this process is limited to less than the libraries need.

    Those in C++ and Rust end the process when they get no memory, and say nothing that a user understands.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    needed = LEAST_MEMORY + (os.cpu_count() or 1) * MEMORY_OF_A_CORE
    if limit != resource.RLIM_INFINITY and limit < needed:
        raise StorageError(
            f"This process may use {limit >> 20:,} MiB of memory (its address space is limited), and Khabar needs "
            f"{needed >> 20:,} MiB on this machine. Allow it more: ulimit -v {needed >> 10}"
        )


def run_app(command: Callable[[], object]) -> None:
    """Run the command line and exit. Every error ends here, as one sentence: KhabarError with exit code 1."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another alphabet is no reason to fail
    with _signals_end_it() as signals:
        try:
            try:
                if sys.argv[1:] and {"--help", "--version"}.isdisjoint(sys.argv):
                    require_memory()
                command()
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
        except Ended as ended:
            _end(ended.code, ended.said)
        except KhabarError as error:
            # A signal that came while a library called back is lost there, and only what it broke is seen.
            _end(128 + signals[0] if signals else NOTHING_DONE, str(error))
        except MemoryError:
            _end(NOTHING_DONE, "There is not enough memory. Free some, or allow this process more, and try again.")
        except OSError as error:
            unwritable = _unwritable(error)
            _end(unwritable.code, unwritable.said if error.filename is None else str(error))
        except Exception as error:
            if signals:
                _end(128 + signals[0], STOPPED)
            if "allocate memory" in str(error) or "failed to map segment" in str(error):
                _end(NOTHING_DONE, f"There is not enough memory ({error}).")
            if "KHABAR_TRACEBACK" in os.environ:
                raise
            _end(
                INTERNAL_ERROR,
                f"an error in Khabar itself ({type(error).__name__}: {error}). Please report it, with what is printed "
                "when KHABAR_TRACEBACK=1 is put before the command.",
            )


def _end(code: int, said: str) -> None:
    if said:
        with suppress(OSError, ValueError):
            typer.echo(f"khabar: {harmless(said)}", err=True)
    sys.exit(code)


@contextmanager
def _signals_end_it() -> Iterator[list[int]]:
    """A block in which a signal to stop raises Ended, so that unfinished files are deleted; a second one ends at once.

    Yields the list of the signals that came.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def stop(number: int, _: object) -> None:
        came.append(number)
        signal.signal(number, signal.SIG_DFL)
        raise Ended(128 + number, STOPPED)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, stop)
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
