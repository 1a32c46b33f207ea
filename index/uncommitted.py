"""What a store knows, for one who reads ahead of its commits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from .ports import Known, Lost, Provenance, Reading


class Uncommitted:
    """The records of a store as they will be when a batch that was read is committed (see Provenance).

    Whoever asks about a document or a file of that batch has it committed first, so the answers are always those of a
    store in which nothing is outstanding.
    """

    def __init__(self, records: Provenance, commit: Callable[[], None]) -> None:
        """`commit` commits the batch, and then calls `expect` without one."""
        self._records, self._commit = records, commit
        self.expect()

    def expect(self, names: Collection[str] = (), reading: Reading | None = None) -> None:
        """The documents of a batch, and what was read for it, are not committed yet."""
        self._names = names
        self._finished = set(reading.finished) if reading else set()
        self._files = self._finished.union(file for file, _ in reading.documents) if reading else set()

    def knows(self, file: bytes) -> bool:
        """Whether anything was ever read from a file."""
        self._settle(file in self._files)
        return self._records.knows(file)

    def unchanged(self, file: bytes, digest: bytes) -> int | None:
        """How many articles a file gave, if it was read whole and its content still has this hash; else None."""
        self._settle(bool(self._files))  # what the batch gives is counted before
        return self._records.unchanged(file, digest)

    def counted(self, ids: Iterable[str]) -> int:
        """How many stored articles some documents gave, without those counted before in this run."""
        self._settle(bool(self._names))
        return self._records.counted(ids)

    def same_content(self, digest: bytes) -> list[bytes]:
        """The files whose content has this hash."""
        found = self._records.same_content(digest)
        return self._records.same_content(digest) if self._settle(self._are_finished(found)) else found

    def article(self, name: str) -> Known | None:
        """What is known of a stored article."""
        self._settle(self._is_outstanding(name))
        known = self._records.article(name)
        if known and known.host is not None and self._settle(self._is_outstanding(known.host)):
            return self._records.article(name)  # its host may have been replaced, with what was embedded in it
        return known

    def holders(self, name: str) -> list[bytes]:
        """The files that hold a document."""
        self._settle(self._is_outstanding(name))
        found = self._records.holders(name)
        return self._records.holders(name) if self._settle(self._are_finished(found)) else found

    def held_by(self, file: bytes) -> list[str]:
        """The documents that a file holds."""
        self._settle(file in self._files)
        return self._records.held_by(file)

    def holds(self, file: bytes, name: str) -> bool:
        """Whether a file holds a document."""
        self._settle(file in self._finished or self._is_outstanding(name))
        return self._records.holds(file, name)

    def met(self, file: bytes, name: str) -> bool:
        """Whether a document was met in a file in this run."""
        self._settle(self._is_outstanding(name))
        return self._records.met(file, name)

    def lost(self, sources: Sequence[str], unseen: Collection[bytes] = ()) -> Lost:
        """What some sources no longer hold."""
        self._settle(bool(self._files))
        return self._records.lost(sources, unseen)

    def _is_outstanding(self, name: str) -> bool:
        """Whether a document is in the batch, or may be embedded in the page of one that is."""
        return name in self._names or name.partition("#")[0] in self._names

    def _are_finished(self, files: Iterable[bytes]) -> bool:
        return not self._finished.isdisjoint(files)

    def _settle(self, concerned: bool) -> bool:
        if concerned:
            self._commit()
        return concerned
