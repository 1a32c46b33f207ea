"""What an index folder holds, and how its files are made and deleted.

An index may come from a stranger. `inspect` looks at every name in it before anything is opened or changed: no links,
no special files, nothing that Khabar does not write. What is deleted is deleted through handles of open folders (where
the platform has them), so that a folder which is replaced by a link meanwhile leads nowhere.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import IndexDamaged, InputError
from ..output import force, replacing

DATABASE = "articles.db"
MANIFEST = "manifest.json"
SEARCHES = "searches.db"
SEGMENTS = "segments"
LOCK, OWNER = "lock", "lock.owner"
KEPT = ("leads", "links", "recent", "rarity")  # see kept.py; an older Khabar kept the last

# No `-journal` of a database that is opened: SQLite would delete a file that it names, wherever that is.
_UNFINISHED = tuple(f"{DATABASE}.new{ending}" for ending in ("", "-wal", "-shm", "-journal"))
_WRITTEN_IN_PLACE = (LOCK, *(f"{name}{ending}" for name in (DATABASE, SEARCHES) for ending in ("", "-wal", "-shm")))
_WRITTEN_BY_READERS = (f"{DATABASE}-shm", f"{SEARCHES}-shm")  # which say what each of them reads
_LEFT_BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")  # which file managers leave anywhere
_BEFORE_DATABASE = {LOCK, OWNER, f"{OWNER}.new", *_UNFINISHED}
_DERIVED = (MANIFEST, *KEPT)
_FILES = {
    *_BEFORE_DATABASE,
    *_WRITTEN_IN_PLACE,
    *_DERIVED,
    *(f"{name}.new" for name in _DERIVED),
    *_LEFT_BY_SYSTEMS,
}
_SEGMENT = re.compile(r"[0-9]{8,18}")
_SEGMENT_FILE = re.compile(r"[a-z][a-z_]*\.(?:npy|faiss)")

_HANDLES = os.scandir in os.supports_fd and {os.open, os.unlink, os.rmdir} <= os.supports_dir_fd

PRIVATE = 0o600  # new files are for their owner alone; folders likewise, 0o700


class _Folder:
    """A folder held open; where the platform has no handles of folders, its path."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self._path, self._handle = path, handle

    def entries(self) -> dict[str, os.stat_result]:
        """What stands in it; links are not followed."""
        found = {}
        with os.scandir(self._path if self._handle is None else self._handle) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # a writer has just deleted it
                    found[entry.name] = entry.stat(follow_symlinks=False)
        return found

    @contextmanager
    def folder(self, name: str) -> Iterator[_Folder]:
        """A folder inside. Raises OSError where it is a link or no folder."""
        with _opened(self._path / name, name, self._handle) as inside:
            yield inside

    def delete(self, name: str) -> None:
        """Delete a file."""
        os.unlink(self._path / name if self._handle is None else name, dir_fd=self._handle)

    def delete_folder(self, name: str) -> None:
        """Delete an empty folder."""
        os.rmdir(self._path / name if self._handle is None else name, dir_fd=self._handle)


@contextmanager
def _opened(path: Path, name: str | Path, parent: int | None = None) -> Iterator[_Folder]:
    if not _HANDLES:
        yield _Folder(path, None)
        return
    follow = os.O_NOFOLLOW if parent is not None else 0  # the index folder itself may be a link: the user named it
    handle = os.open(name, os.O_RDONLY | os.O_DIRECTORY | follow, dir_fd=parent)
    try:
        yield _Folder(path, handle)
    finally:
        os.close(handle)


def inspect(path: Path, *, writing: bool = False) -> None:
    """Raises IndexDamaged, naming the first entry of an index folder that Khabar cannot have written.

    Files that are changed in place may have no second name (a hard link) either: before `writing` the database and the
    lock, before reading what SQLite shares between processes. Raises OSError.
    """
    with _opened(path, path) as folder:
        for name, about in folder.entries().items():
            if name == SEGMENTS and stat.S_ISDIR(about.st_mode):
                continue
            _require_file(path, name, about, known=name in _FILES)
            in_place = _WRITTEN_IN_PLACE if writing else _WRITTEN_BY_READERS
            if name in in_place and about.st_nlink > 1:
                raise _refusal(path, name, "has another name as well (a hard link)")
        with suppress(FileNotFoundError), folder.folder(SEGMENTS) as segments:
            for name, about in segments.entries().items():
                where = f"{SEGMENTS}/{name}"
                if name in _LEFT_BY_SYSTEMS:
                    _require_file(path, where, about, known=True)
                elif not (stat.S_ISDIR(about.st_mode) and _SEGMENT.fullmatch(name)):
                    raise _refusal(path, where, _kind(about))
                else:
                    # One that is just being deleted, or made: until it is whole, only its owner may look into it.
                    with suppress(FileNotFoundError, PermissionError), segments.folder(name) as segment:
                        for file, what in segment.entries().items():
                            known = _SEGMENT_FILE.fullmatch(file) is not None or file in _LEFT_BY_SYSTEMS
                            _require_file(path, f"{where}/{file}", what, known=known)


def _require_file(path: Path, name: str, about: os.stat_result, *, known: bool) -> None:
    if not (known and stat.S_ISREG(about.st_mode)):
        raise _refusal(path, name, _kind(about))


def _kind(about: os.stat_result) -> str:
    if stat.S_ISLNK(about.st_mode):
        return "is a symbolic link"
    if stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode):
        return "is not from Khabar"
    return "is a special file (a pipe, socket or device)"


def _refusal(path: Path, name: str, what: str) -> IndexDamaged:
    return IndexDamaged(
        f"{path / name} {what}. Khabar opens no index with anything in it that it did not write itself. "
        "Move that away if you know what it is; do not use an index from someone you do not trust."
    )


def require_fresh(path: Path) -> None:
    """Raises InputError when a folder without a database holds more than an interrupted creation of an index leaves."""
    with _opened(path, path) as folder:
        strange = folder.entries().keys() - _BEFORE_DATABASE - set(_LEFT_BY_SYSTEMS)
    if strange and not (path / DATABASE).exists():  # which another process may just have made
        raise InputError(f"{path} is not an index and not empty. Name another folder with --index.")


def require_printable(path: Path) -> None:
    """Raises InputError for a path that is no UTF-8, which neither SQLite nor FAISS can open everywhere."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError(
            f"The folder {str(path)!r} has a name that is no UTF-8. Give the index another name."
        ) from None


def segment_folder(path: Path, name: object) -> Path:
    """The folder of a segment, by its name in the database. Raises ValueError for a name that Khabar does not give."""
    if not (isinstance(name, str) and _SEGMENT.fullmatch(name)):
        raise ValueError(f"the database names the segment {name!r}, which is no name of a segment")
    return path / SEGMENTS / name


def require_segment_files(names: Collection[object]) -> None:
    """Raises ValueError for names of files that no segment has."""
    for name in names:
        if not (isinstance(name, str) and _SEGMENT_FILE.fullmatch(name)):
            raise ValueError(f"the database names the file {name!r}, which is no file of a segment")


def delete_segments(path: Path, keep: Collection[str]) -> None:
    """Delete the folders of all segments but those to keep. What Khabar did not write stays where it is."""
    with _opened(path, path) as folder, suppress(FileNotFoundError), folder.folder(SEGMENTS) as segments:
        for name in segments.entries():
            if _SEGMENT.fullmatch(name) and name not in keep:
                with suppress(OSError):  # the next writer tries again
                    _delete_segment(segments, name)


def _delete_segment(segments: _Folder, name: str) -> None:
    with segments.folder(name) as segment:
        for file, about in segment.entries().items():
            if _SEGMENT_FILE.fullmatch(file) and stat.S_ISREG(about.st_mode):
                segment.delete(file)
    segments.delete_folder(name)


def new_segment_folder(folder: Path, mode: int) -> None:
    """Make the folder of a new segment, and that of all segments. One that is there already is an error.

    Until `finish_segment_folder` nobody but the owner may look into it. Raises OSError.
    """
    if not folder.parent.exists():
        folder.parent.mkdir()
        folder.parent.chmod(mode)
    folder.mkdir(mode=0o700)


def finish_segment_folder(folder: Path, mode: int) -> None:
    """Give the files of a new segment their mode, and force all of it to the disk. Raises OSError."""
    for path in folder.iterdir():
        path.chmod(mode)
        force(path)
    folder.chmod(folder_mode(mode))
    force(folder)
    force(folder.parent)


def delete_unfinished(path: Path) -> None:
    """Delete what an interrupted creation of the database left."""
    with _opened(path, path) as folder:
        for name in _UNFINISHED:
            with suppress(FileNotFoundError):
                folder.delete(name)


def file_mode(path: Path) -> int:
    """The mode of new files: that of the database, so that who may read one file of an index may read all."""
    try:
        return stat.S_IMODE((path / DATABASE).stat().st_mode) & 0o666 | PRIVATE
    except FileNotFoundError:
        return PRIVATE


def folder_mode(files: int) -> int:
    """The mode of folders beside files of some mode: whoever may read those may also look them up."""
    return files | (files & 0o444) >> 2


def write_whole(path: Path, text: str, mode: int) -> None:
    """Write a small file so that it is there whole or not at all, and on the disk. Raises OSError."""
    with replacing(path, path.with_name(f"{path.name}.new"), mode) as new:
        new.write_text(text, "utf-8")
