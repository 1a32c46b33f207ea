"""The cores of this machine, and the settings of processes that share them."""

from __future__ import annotations

import os

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
"""Environment of a process that uses one core, because there is a process for each."""

GARBAGE = 50_000
"""Threshold of the first generation for `gc.set_threshold` in bulk work. Such work makes no reference cycles, and with
Python's default the collector takes a twentieth of the time or more."""


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
