"""A small backtracking matcher that counts its steps, and texts that make a pattern work hard.

It walks the parse tree that `re` itself compiles, in the order in which `re` tries things, so that a pattern whose
count grows faster than its text is slow in `re` too. Groups capture only what a reference in the pattern needs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Ends = Iterator[int]
_SINGLE = {op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN}


class TooManySteps(Exception):
    """The budget of a count is spent."""


class Counter:
    """Counts the steps that a pattern takes on a text, one for each node that is tried at a position."""

    def __init__(self, pattern: re.Pattern[str], budget: int = 2_000_000) -> None:
        self.tree = parser.parse(pattern.pattern, pattern.flags)
        self.ignorecase = bool(pattern.flags & re.IGNORECASE)
        self.multiline = bool(pattern.flags & re.MULTILINE)
        self.dotall = bool(pattern.flags & re.DOTALL)
        self.groups: dict[int, str] = {}
        self.budget = budget
        self._classes: dict[str, Callable[[str], Any]] = {}

    def fullmatch(self, text: str) -> int:
        """Steps to match all of a text, or to find that it does not match."""
        self._begin(text)
        for end in self._items(list(self.tree), 0, 0):
            if end == len(text):
                break
        return self.steps

    def search(self, text: str) -> int:
        """Steps to find all matches in a text, one after the other: at most as many as to find the first."""
        self._begin(text)
        start = 0
        while start < len(text):
            end = next(self._items(list(self.tree), 0, start), start)
            start = max(end, start + 1)
        return self.steps

    def _begin(self, text: str) -> None:
        self.text, self.steps = text, 0

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.budget:
            raise TooManySteps(f"more than {self.budget:,} steps")

    def _items(self, items: Sequence[Any], i: int, at: int) -> Ends:
        if i == len(items):
            yield at
            return
        for end in self._one(items[i], at):
            yield from self._items(items, i + 1, end)

    def _one(self, item: Any, at: int) -> Ends:
        self._step()
        kind, value = item
        if kind in _SINGLE:
            if at < len(self.text) and self._takes(item, self.text[at]):
                yield at + 1
        elif kind is op.BRANCH:
            for alternative in value[1]:
                yield from self._items(alternative, 0, at)
        elif kind is op.SUBPATTERN:
            for end in self._items(value[-1], 0, at):
                self.groups[value[0]] = self.text[at:end]
                yield end
        elif kind is op.GROUPREF:
            held = self.groups.get(value, "\0")
            self.steps += len(held)
            if self.text.startswith(held, at):
                yield at + len(held)
        elif kind is op.ATOMIC_GROUP:
            yield from self._first(self._items(value, 0, at))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            least, most, body = value
            single = len(body) == 1 and body[0][0] in _SINGLE
            if single and kind is op.MIN_REPEAT:
                yield from self._lazily(body[0], least, most, at)
                return
            ends = self._run(body[0], least, most, at) if single else None
            if ends is None:
                found = self._repeat(body, least, most, at, kind is op.MIN_REPEAT)
                yield from self._first(found) if kind is op.POSSESSIVE_REPEAT else found
            elif kind is op.POSSESSIVE_REPEAT:
                yield from ends[-1:]
            else:
                for end in reversed(ends):
                    self._step()
                    yield end
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            direction, body = value
            start = at if direction > 0 else at - parser_width(body)
            found = start >= 0 and next(self._items(body, 0, start), None) is not None
            if found == (kind is op.ASSERT):
                yield at
        elif kind is op.AT:
            if self._at(value, at):
                yield at
        else:
            raise NotImplementedError(str(kind))

    @staticmethod
    def _first(ends: Ends) -> Ends:
        for end in ends:
            yield end
            return

    def _run(self, item: Any, least: int, most: int, at: int) -> range:
        end = at
        while end < len(self.text) and end - at < most and self._takes(item, self.text[end]):
            self._step()
            end += 1
        return range(at + least, end + 1)

    def _lazily(self, item: Any, least: int, most: int, at: int) -> Ends:
        end = at
        while True:
            self._step()
            if end - at >= least:
                yield end
            if end == len(self.text) or end - at == most or not self._takes(item, self.text[end]):
                return
            end += 1

    def _repeat(self, body: Any, least: int, most: int, at: int, lazy: bool) -> Ends:
        if lazy and least <= 0:
            yield at
        if most > 0:
            for end in self._items(body, 0, at):
                if end > at or least > 0:
                    yield from self._repeat(body, least - 1, most - 1, end, lazy)
        if not lazy and least <= 0:
            yield at

    def _at(self, where: Any, at: int) -> bool:
        def is_word(i: int) -> bool:
            return 0 <= i < len(self.text) and (self.text[i].isalnum() or self.text[i] == "_")

        before, after = self.text[at - 1 : at] or "\n", self.text[at : at + 1] or "\n"
        if where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING):
            return at == 0 or (self.multiline and where is op.AT_BEGINNING and before == "\n")
        if where in (op.AT_END, op.AT_END_STRING):
            last = where is op.AT_END and at == len(self.text) - 1
            return at == len(self.text) or (((self.multiline and where is op.AT_END) or last) and after == "\n")
        return (is_word(at - 1) != is_word(at)) == (where is op.AT_BOUNDARY)

    def _takes(self, item: Any, letter: str) -> bool:
        kind, value = item
        letters = {letter, letter.lower(), letter.upper()} if self.ignorecase else {letter}
        if kind is op.ANY:
            return self.dotall or letter != "\n"
        if kind is op.LITERAL:
            return chr(value) in letters
        if kind is op.NOT_LITERAL:
            return chr(value) not in letters
        negated = value[0][0] is op.NEGATE
        return negated != any(_in(part, one) for part in value[negated:] for one in letters)


def _in(part: Any, letter: str) -> bool:
    kind, value = part
    if kind is op.LITERAL:
        return ord(letter) == value
    if kind is op.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    name = str(value).removeprefix("CATEGORY_")
    held = {
        "DIGIT": letter.isdigit(),
        "SPACE": letter.isspace(),
        "WORD": letter.isalnum() or letter == "_",
    }[name.removeprefix("NOT_")]
    return held != name.startswith("NOT_")


def parser_width(body: Any) -> int:
    """Letters that a look-behind looks back, which `re` wants to be fixed."""
    return int(body.getwidth()[0])


def samples(items: Any, groups: dict[int, str] | None = None) -> Iterator[str]:
    """Texts that the items match, more or less: one for each alternative. `groups` are what references refer to."""
    texts = [""]
    groups = {} if groups is None else groups
    for kind, value in items:
        if kind is op.LITERAL:
            parts = [chr(value)]
        elif kind is op.IN:
            parts = _members(value)
        elif kind in (op.ANY, op.NOT_LITERAL):
            parts = ["n"]
        elif kind is op.BRANCH:
            parts = [text for alternative in value[1] for text in list(samples(alternative, groups))[:2]]
        elif kind is op.SUBPATTERN:
            parts = list(samples(value[-1], groups))
            groups[value[0]] = parts[0]
        elif kind is op.GROUPREF:
            parts = [groups.get(value, "")]
        elif kind is op.ATOMIC_GROUP:
            parts = list(samples(value, groups))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            parts = [text * max(value[0], 1) for text in samples(value[2], groups)]
        else:
            parts = [""]
        # Each part beside the first of the others: as many texts as alternatives, not their product.
        texts = list(dict.fromkeys([*(text + parts[0] for text in texts), *(texts[0] + part for part in parts)]))
    yield from texts


def _members(parts: Any) -> list[str]:
    """Letters that a set holds, one for each of its parts."""
    if parts[0][0] is op.NEGATE:
        return [letter for letter in "nا 1-’ʔ\u0300\0" if not any(_in(part, letter) for part in parts[1:])][:3]
    found = []
    for kind, value in parts:
        if kind is op.CATEGORY:
            found.append(next(letter for letter in "n1 -" if _in((kind, value), letter)))
        else:
            found.append(chr(value if kind is op.LITERAL else value[0]))
    return found[:8]


def attacks(pattern: re.Pattern[str]) -> dict[str, tuple[str, str]]:
    """What stands before a repeat and what it repeats, for the whole of a pattern and for every repeat in it."""
    found: dict[str, tuple[str, str]] = {}
    groups: dict[int, str] = {}

    def visit(items: Any, before: str) -> None:
        for kind, value in items:
            if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
                for text in samples(value[2], groups):
                    found.setdefault(f"{before}|{text}", (before, text))
                visit(value[2], before)
            elif kind is op.SUBPATTERN:
                visit(value[-1], before)
            elif kind is op.ATOMIC_GROUP:
                visit(value, before)
            elif kind is op.ASSERT:
                visit(value[1], before)
            elif kind is op.BRANCH:
                for alternative in value[1]:
                    visit(alternative, before)
            before += next(samples([(kind, value)], groups), "")

    tree = parser.parse(pattern.pattern, pattern.flags)
    for text in list(samples(tree))[:3]:
        found[f"|{text}"] = ("", text)
    visit(tree, "")
    return found
