"""Every error that Khabar raises for its users. It imports nothing, so that `khabar --help` stays light."""

from __future__ import annotations


class KhabarError(Exception):
    """Base of every error meant for the user: the message says what happened and what to do next."""


class InputError(KhabarError):
    """A source, query or option that cannot be used."""


class IndexMissing(KhabarError):
    """There is no index at the given place."""


class IndexMismatch(KhabarError):
    """The index was made by another model, analyser or format."""


class IndexDamaged(KhabarError):
    """A file of the index is missing or does not match its checksum."""


class IndexLocked(KhabarError):
    """Another process is writing to the index."""


class ModelUnavailable(KhabarError):
    """A model, or the extra that runs it, is not installed or not found."""


class StorageError(KhabarError):
    """The operating system refused to read or write the index: a full disk, missing rights."""
