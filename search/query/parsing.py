"""A query as it is typed -> what is searched for, what an article must and must not hold, and its filters.

`parse` reads the operators: "a phrase", -word, OR, title:, source:, lang:, since: and until:. `plain` reads none, for
queries that are sentences of others, in which quotation marks and hyphens mean nothing to a search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from index.text import Token, language, tokenize

MOST_TOKENS = 400
"""Words of a query that are searched for. A longer one is cut, and said so: its beginning says what it is about."""

MOST_CHARACTERS = 16_384
"""Characters of a query that are read at all: 400 words of 40 letters."""

MOST_OPERATORS = 32
"""Operators that are read. A query with more is a text that was pasted in, and is searched for as one."""

FIELDS = {
    name: field
    for field, names in {
        "title": "title عنوان",
        "source": "source مصدر",
        "lang": "lang لغة",
        "since": "since منذ",
        "until": "until حتى",
    }.items()
    for name in names.split()
}
"""The names of fields as they may be typed -> the field."""

_MARK = '["“”„‟＂]'
_QUOTED = (
    rf'{_MARK}(?P<phrase>[^"“”„‟＂]*){_MARK}(?=$|[\s)\].,;:!?،؛؟~^])|«(?P<guillemets>[^«»]*)»(?=$|[\s)\].,;:!?،؛؟~^])'
)
_MINUS = "[-\u2010-\u2013\u2212]"
_ITEM = re.compile(
    rf'(?P<minus>{_MINUS}(?=[\w"“”„‟＂«(]))?(?P<open>\(+)?(?:(?P<field>[^\W\d_]+):(?=[^\s/]))?'
    rf"(?:{_QUOTED}|(?P<bare>[^\s]+))"
)

# Marks of direction, which are copied along with Arabic text and stand before a minus or a quotation mark unseen.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")

# What other search engines read and this one does not, with what to write instead.
_UNKNOWN = (
    (re.compile("AND|&&|\\+\\w.*"), 'quote each word that an article must hold: "ferry" "inquiry"'),
    (re.compile("NOT|!\\w.*"), "write -word for what no article may hold"),
    (re.compile(r"\|\|"), "write OR between alternatives"),
    (re.compile(r"NEAR(/\d+)?|[wW]/\d+|[~^]\d*|\S+[~^]\d+"), "nearness and weights cannot be asked for"),
    (re.compile(r"\w+\*|\*\w+|\*"), "other forms of a word are found without an asterisk"),
)

_PARENTHESES = (
    "Parentheses group nothing but alternatives: OR joins the words or phrases beside it. "
    "Quote words that belong together."
)


@dataclass(frozen=True, slots=True)
class Operand:
    """A word, or with `phrase` words in a row, that articles must or must not hold; with `title` in their titles."""

    text: str
    phrase: bool = False
    title: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A filter as it is written in a query: `name` is source, lang, since or until."""

    name: str
    value: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Respelled:
    """What [start, end) of a query's text was before a typing error was corrected: `typed`."""

    start: int
    end: int
    typed: str


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `text` is all that any later step reads; `cut` says that the rest of it was left out.

    `language` is "ar" or "en", by the script of most letters; token offsets refer to `text`. `written` is the query as
    it was typed. Of each group of `required` an article must hold one operand, and none of `excluded`. `alternatives`
    are groups of places in `tokens` that stand for each other. `quoted` says that all of the query is quotation;
    `notes` name, in sentences, what was read in another way than it may have been meant.
    `respelled` are the places of `text` where a typing error was corrected (spelling.py), in order.
    """

    text: str
    tokens: tuple[Token, ...]
    language: str
    cut: bool = False
    written: str = ""
    required: tuple[tuple[Operand, ...], ...] = ()
    excluded: tuple[Operand, ...] = ()
    alternatives: tuple[tuple[int, ...], ...] = ()
    fields: tuple[Field, ...] = ()
    quoted: bool = False
    notes: tuple[str, ...] = ()
    respelled: tuple[Respelled, ...] = ()


def plain(query: str) -> Query:
    """Read a query as nothing but text.

    Halves of surrogate pairs, which a terminal may pass on, become question marks.
    """
    whole = query.encode("utf-8", "replace").decode()
    text = whole[:MOST_CHARACTERS]
    tokens = tokenize(text, MOST_TOKENS + 1)
    if len(tokens) > MOST_TOKENS:
        tokens = tokens[:MOST_TOKENS]
        text = text[: tokens[-1].end]
    return Query(text, tuple(tokens), language(text), cut=len(text) < len(whole.rstrip()), written=text)


def parse(query: str) -> Query:
    """Read a query with its operators; one without any is read as `plain` reads it."""
    whole = query.encode("utf-8", "replace").decode()
    found = _Reading()
    for item in _ITEM.finditer(_INVISIBLE.sub("", whole[:MOST_CHARACTERS])):
        found.add(item)
    return found.query(whole)


@dataclass(slots=True)
class _Group:
    """What stands in parentheses: how many operands and ORs; whether an OR or a minus stands before them."""

    joined: bool
    operands: int = 0
    ors: int = 0


@dataclass(slots=True)
class _Reading:
    """A query as far as it has been read.

    `chains` are operands joined by OR, most of them alone; `chain` the last of them while an OR may follow it, `last`
    the name of the field before. `group` is what stands in parentheses now; `grouped` says that several words just did.
    """

    chains: list[list[Operand]] = field(default_factory=list)
    excluded: list[Operand] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    chain: list[Operand] | None = None
    last: str | None = None
    joining: bool = False
    excluding: bool = False
    group: _Group | None = None
    grouped: bool = False

    def add(self, item: re.Match[str]) -> None:
        """Read the next item: a phrase or what stands between two spaces, with the signs before it."""
        if item["open"]:
            self.group, self.excluding = _Group(self.joining or bool(item["minus"])), bool(item["minus"])
        quoted = item["phrase"] if item["phrase"] is not None else item["guillemets"]
        content = item["bare"] if quoted is None else quoted
        closes = quoted is None and content.endswith(")") and content.count("(") < content.count(")")
        if closes:
            content = content.rstrip(")")
        if content == "OR" and not (item["minus"] or item["field"]) and quoted is None:
            self._join()
        elif tokenize(content, 1):
            self._operand(item, content, quoted is not None)
        if closes or (quoted is not None and item.string[item.end() : item.end() + 1] == ")"):
            self._close()

    def _operand(self, item: re.Match[str], content: str, quoted: bool) -> None:
        name = FIELDS.get((item["field"] or "").lower())
        minus = bool(item["minus"]) or self.excluding
        unknown = item["field"] and not name
        if unknown:  # "Trump:Korea"
            content, quoted = f"{item['field']}:{content}", False
            self._note(content, "the fields are title, source, lang, since and until")
        if minus and name in ("since", "until"):
            self._note(f"-{name}:{content}", "since: gives the first day, until: the last")
            return
        if name in ("source", "lang", "since", "until"):
            self.fields.append(Field(name, content.strip(), minus))
            if self.joining and name != self.last:
                self._note("OR", "it joins words, phrases and values of one field")
            self.chain, self.last, self.joining = None, name, False
            return
        if not quoted and not unknown:
            self._warn(content)
        operand = Operand(content, quoted, name == "title")
        if self.group is not None:
            self.group.operands += 1
        if minus:
            self.excluded.append(operand)
            if self.joining and not self.excluding:
                self._note("OR", "it joins words, phrases and values of one field")
            self.chain, self.joining = None, False
        elif self.joining and self.chain is not None:
            self.chain.append(operand)
        else:
            self.chain = [operand]
            self.chains.append(self.chain)
        self.last, self.joining, self.grouped = None, False, False

    def _join(self) -> None:
        if self.group is not None:
            self.group.ors += 1
        elif self.grouped:
            self.notes.append(_PARENTHESES)
        if (self.chain is None and self.last is None and not self.excluding) or self.joining:
            self._note("OR", "it stands between two words or phrases")
        else:
            self.joining = True

    def _close(self) -> None:
        group = self.group
        if group is not None and group.operands != group.ors + 1:
            if group.ors or group.joined:
                self.notes.append(_PARENTHESES)
            self.grouped = group.ors == 0
        self.group, self.excluding = None, False

    def _warn(self, content: str) -> None:
        if re.match(f"{_MARK}|«", content):
            self.notes.append(f"The quotation mark of {content} has no partner: it was not read.")
        elif content.endswith(":") and content[:-1].lower() in FIELDS:
            self._note(content, f"its value stands right behind it, like {content}word")
        for pattern, advice in _UNKNOWN:
            if pattern.fullmatch(content):
                self._note(content, advice)

    def _note(self, content: str, advice: str) -> None:
        self.notes.append(f"{content} was searched as plain text: {advice}.")

    def query(self, whole: str) -> Query:
        """All that was read of the query `whole`."""
        if self.joining:
            self._note("OR", "it stands between two words or phrases")
        if self.excluding:
            self.notes.append("The parenthesis behind a minus is not closed: all that follows it is left out.")
        chains = [chain for chain in self.chains if len(chain) > 1 or chain[0].phrase or chain[0].title]
        excluded, notes = tuple(dict.fromkeys(self.excluded)), tuple(dict.fromkeys(self.notes))
        operators = sum(map(len, chains)) + len(excluded) + len(self.fields)
        if not operators:
            return replace(plain(whole), notes=notes)
        if operators > MOST_OPERATORS:
            return replace(
                plain(whole), notes=(f"More than {MOST_OPERATORS} operators: all of it was searched as plain text.",)
            )
        read = plain(" ".join(operand.text for chain in self.chains for operand in chain))
        return replace(
            read,
            cut=read.cut or len(whole.rstrip()) > MOST_CHARACTERS,
            written=whole[:MOST_CHARACTERS],
            required=tuple(dict.fromkeys(tuple(dict.fromkeys(chain)) for chain in chains)),
            excluded=excluded,
            alternatives=tuple(self._alternatives(read)),
            fields=tuple(self.fields),
            quoted=bool(self.chains) and all(len(chain) == 1 and chain[0].phrase for chain in self.chains),
            notes=notes,
        )

    def _alternatives(self, read: Query) -> Iterator[tuple[int, ...]]:
        """Places of tokens that stand for each other: those of chains in which each operand is one word."""
        place = 0
        for chain in self.chains:
            sizes = [len(tokenize(operand.text)) for operand in chain]
            if len(chain) > 1 and max(sizes) == 1 and place + len(chain) <= len(read.tokens):
                yield tuple(range(place, place + len(chain)))
            place += sum(sizes)
