"""What is printed as JSON reads back as it was, in one piece or in many."""

import json

import pytest

from index.harmless import LONG, json_line, json_pieces

LIST = [{"text": f"خبر {n}\u202e", "none": None} for n in range(LONG + 1)]


@pytest.mark.parametrize(
    "value", [LIST, {"a": LIST, "b": {"c": [1]}, "ü": []}, {"a": {"b": LIST}}, LIST[:3], "ü", {}, []]
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_pieces_are_the_line(value: object, ascii_only: bool) -> None:
    pieces = list(json_pieces(value, ascii_only=ascii_only))
    assert "".join(pieces) == json_line(value, ascii_only=ascii_only)
    assert json.loads("".join(pieces)) == value


def test_long_lists_are_in_pieces() -> None:
    assert max(map(len, json_pieces({"links": LIST}))) < 100
