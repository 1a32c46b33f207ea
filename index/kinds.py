"""Whether a value that was stored is what its type says, however deep: nothing else may get further than its reader."""

from __future__ import annotations

import math
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def fits(value: object, kind: Any) -> bool:
    """Whether a value is of a type: a class, a union, a tuple, or a dataclass or named tuple of such. A float is
    finite, and may be an int."""
    if get_origin(kind) in (Union, UnionType):
        return any(fits(value, one) for one in get_args(kind))
    if get_origin(kind) is tuple:
        kinds = get_args(kind)
        if not isinstance(value, tuple):
            return False
        if kinds[-1] is Ellipsis:
            return all(fits(one, kinds[0]) for one in value)
        return len(value) == len(kinds) and all(map(fits, value, kinds))
    if kind is float:
        return isinstance(value, (int, float)) and math.isfinite(value)
    if is_dataclass(kind) or hasattr(kind, "_fields"):
        return isinstance(value, kind) and all(fits(getattr(value, name), one) for name, one in _hints(kind).items())
    return isinstance(value, kind)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
