"""The kind of each line of a page: text, a fact about the article, a link to another, or boilerplate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from ..text import LETTER, is_single_spaced, parse_date
from . import bylines
from . import datelines as dateline
from . import rules as bp

PARAGRAPH = 20
"""Words from which a line is a paragraph whatever it ends with; headlines hardly ever have as many."""

SENTENCE = 5
"""Words from which a line that ends like a sentence is a paragraph."""

LONGEST = 1500
"""Letters from which a line is text without a look at the rules; the longest notice that was seen has 390."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
ENDS = re.compile(r"(?:[^.…]\.|[^.]\.\.|[،,:؛;])[\"”»’')\]]*$")
BULLETS = " \t*•●▪■◄►|>»›<«–—-_=~.:،,…"
_AR = f"[{LETTER}]"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_STAMP = re.compile(
    r"\d{1,2} [^\W\d]+(?: [^\W\d]+)?،? (?:19|20)\d\d ?[-–|،,]? ?\d{1,2}:\d\d(?::\d\d)? ?(?:صباح(?:ًا|اً|ا)|مساءً?|ص|م"
    r"|[aApP]\.?[mM]\.?)?"
)


class Line(NamedTuple):
    """A line of a page, its folded form (`bp.key`), and what it is.

    `kind` is one of: paragraph (running text), short (other text); edge, tail, end (removed as rules.tsv says of these
    effects), furniture (always removed); byline (who wrote it and when, kept between paragraphs); label (of links to
    other articles); source, appeared (the site where it first did), keywords, date, updated.

    `value` is what the line states: the date of a byline, the headline on the line of a label, else what stands behind
    the words that name the kind.
    """

    text: str
    key: str
    kind: str
    value: str = ""


def tidy(text: str) -> list[str]:
    """The lines of a text that are not blank, with single spaces and without control characters."""
    if is_single_spaced(text):
        return [line for line in [line.strip(" ") for line in text.split("\n")] if line]
    return [line for line in map(_single_spaced, _without_controls(text).splitlines()) if line]


def tidy_line(text: str) -> str:
    """A text as one line, with single spaces and without control characters."""
    return _single_spaced(_without_controls(text))


def _without_controls(text: str) -> str:
    return text if text.replace("\n", "").isprintable() else _CONTROLS.sub("", text)


def _single_spaced(line: str) -> str:
    if line.isprintable() and "  " not in line:  # most lines: all white space in them are single spaces
        return line.strip(" ")
    return " ".join(line.split())


# --- Glue ------------------------------------------------------------------------------------------------

_GLUE = (
    # A tweet's date, or a time of day, that ends a widget: what follows is a new paragraph.
    (re.compile(rf"({_MONTH} \d{{1,2}}, (?:19|20)\d\d)(?={_AR})"), "\\1\n"),
    (re.compile(rf"(:\d\d ?(?:صباح(?:ًا|اً|ا)|مساءً?))(?={_AR}{{2}})"), "\\1\n"),
    (re.compile(rf"((?<!\d)(?:19|20)\d\d)(?={_AR}{{4}})"), "\\1 "),
    # A sentence and the next. Four letters before and three behind spare initials (سي.إن) and addresses (العربية.نت).
    (
        re.compile(rf"({_AR}[{bp.MARKS}]*(?:{_AR}[{bp.MARKS}]*){{3}}[\"”»)]?[.؟!]+)(?=(?!كوم|اورج)[{LETTER}]{{3}})"),
        "\\1 ",
    ),
    (re.compile(r"((?<![@/.\w])[a-z’']{3,40}+[\"”)]?[.?!])(?=[A-Z][a-z]+[ ,’'])(?!(?:Com|Org|Net)\b)"), "\\1 "),
)
# One set of characters, then a look ahead: the form that the engine scans fastest, as every line passes here.
_GLUED = re.compile(rf"[\d.?!؟](?=[A-Z{LETTER}])")


def unglue(line: str) -> list[str]:
    """Splits a line where a sentence was joined without a space to what stood beside it; no letter is changed."""
    if not (_GLUED.search(line) or "صباح" in line or "مساء" in line):
        return [line]
    for pattern, parted in _GLUE:
        line = pattern.sub(parted, line)
    return [" ".join(part.split()) for part in line.split("\n")]


def is_paragraph(text: str) -> bool:
    """Whether a line is running text rather than a title, a label or a caption."""
    words = text.count(" ") + 1
    return words >= PARAGRAPH or (words >= SENTENCE and bool(ENDS.search(text)))


def is_section(key: str) -> bool:
    """Whether a folded line is the name of a section of a site, such as "World news"."""
    return key.strip(BULLETS) in bp.phrases("section")


def words_of(text: str) -> list[str]:
    """The folded words of a text."""
    return re.findall(r"\w+", bp.key(text))


# --- Links to other articles -----------------------------------------------------------------------------

_LABELS = "|".join(f"(?:{bp.loose(pattern)})" for pattern in bp.patterns("label").values())
_LABEL = re.compile(rf"[{re.escape(BULLETS)}]{{0,8}}(?:{_LABELS})[\s.…!:：|/–—-]{{0,8}}", re.IGNORECASE)
_LINK = re.compile(
    rf"[(\[{re.escape(BULLETS)}]{{0,8}}(?:{_LABELS}|{'|'.join(map(bp.loose, bp.patterns('lead').values()))})"
    r"(?: ?[:：|/›»]| ?\.{2,3}| [–—-])[\s.…:|/›»–—-]{0,8}(?P<title>\S.*)",
    re.IGNORECASE,
)
# Cheap to refuse, as most lines begin with none of these.
_LABEL_START = re.compile(bp.loose(bp.patterns("fact")["label start"]), re.IGNORECASE)
TITLE = 30
"""Words from which what follows a label is no headline."""


def labelled(lines: Sequence[str]) -> set[int]:
    """The positions of the lines that begin as a label of links does: no other line `is_label` or `is_link`."""
    return {i for i, line in enumerate(lines) if _LABEL_START.match(line)}


def is_label(line: str) -> bool:
    """Whether a line is only a label of links to other articles, such as "Read also:"."""
    return bool(_LABEL_START.match(line) and _LABEL.fullmatch(line))


def is_link(line: str) -> bool:
    """Whether a line is a label followed by the headline of another article."""
    return bool(_LABEL_START.match(line) and (link := _LINK.fullmatch(line)) and _headline(link["title"]))


def _headline(text: str) -> bool:
    return text.count(" ") < TITLE and not ENDS.search(text)


_READ_ALSO = bp.loose(bp.patterns("fact")["inline"])
_IN_BRACKETS = re.compile(rf" ?[(\[](?:see )?(?:{_READ_ALSO})\s?:[^()\[\]]{{1,250}}[)\]]", re.IGNORECASE)
_AT_THE_END = re.compile(rf"(?<=[.!؟?\"»”]) ?(?:{_READ_ALSO}) ?:[^.!؟?]{{1,200}}$", re.IGNORECASE)


_SHORTCODE = re.compile(rf" ?(?:{bp.patterns('fact')['shortcode']})")


def unlink(line: str) -> str:
    """A line without links to other articles in brackets, shortcodes, and "[+1234 chars]"."""
    if "[" in line:
        line = _SHORTCODE.sub("", line)
    return _IN_BRACKETS.sub("", line).strip() if "(" in line or "[" in line else line.strip()


_HEADING = bp.loose(bp.patterns("label")["heading"])
_WIDGET = re.compile(rf"(?:{_HEADING})\s?:?\s?")
_STUCK_LATIN = "(?:Related (?:Articles|Stories|News|Posts)|Advertisement|Read [Mm]ore|Share [Tt]his)"
# A label with a sentence stuck to it: on the page they stood in different places.
_STUCK = re.compile(
    rf"(?:(?<=[.!؟»”\"\s])|^)(?:{_HEADING})(?=[\"“«]?{_AR})"
    rf"|^{_STUCK_LATIN}(?=[A-Z][a-z])"
)
_STUCK_AGAIN = re.compile(rf"^(?:{_STUCK_LATIN}(?={_STUCK_LATIN}))++")


# --- What a line is --------------------------------------------------------------------------------------

_FACTS = {name: bp.folded(pattern) for name, pattern in bp.patterns("fact").items()}
_APPEARED = re.compile(rf"\s?{_FACTS['appeared']}\s?$", re.IGNORECASE)
_SOURCE = re.compile(_FACTS["source"])
_KEYWORDS = re.compile(_FACTS["keywords"])
_DATE = re.compile(_FACTS["date"])
_UPDATED = re.compile(_FACTS["updated"])
_ZONE = re.compile(_FACTS["zone"])


@cache
def _rules() -> tuple[tuple[bp.Rule, re.Pattern[str]], ...]:
    return tuple((rule, bp.compiled(rule.patterns)) for rule in bp.rules())


@cache
def row_rules() -> re.Pattern[str]:
    """All rules for rows in one expression, for a whole folded line without bullets."""
    return bp.compiled(pattern for rule in bp.rules() if rule.effect == "line" for pattern in rule.patterns)


def states_origin(key: str) -> bool:
    """Whether a folded line states the source or the keywords of an article."""
    return bool(_SOURCE.fullmatch(key) or _KEYWORDS.fullmatch(key))


def classify(text: str) -> list[Line]:
    """A line of a page with its kind; several lines if it was joined to others, none if it held only a link."""
    found: list[Line] = []
    for sentence in unglue(text):
        for part in _unstick(sentence):
            found.extend(_classify(part))
    return found


def _classify(text: str) -> list[Line]:
    text = _AT_THE_END.sub("", unlink(text))
    appeared = _APPEARED.search(text) if "appeared" in text else None
    if appeared:
        text = text[: appeared.start()].strip()
    lines = []
    if text:
        key = bp.key(text)
        kind = _effect(text, key) or ("paragraph" if is_paragraph(text) else "short")
        lines.append(_stated(text, key) or Line(text, key, kind))
    if appeared:
        lines.append(Line(appeared[0], "", "appeared", appeared["value"]))
    return lines


def _unstick(text: str) -> list[str]:
    """The parts of a line on either side of widgets of links, without the widgets."""
    if widget := _WIDGET.match(text):
        if stamps := list(_STAMP.finditer(text)):  # the label, headlines with their dates, and the paragraph behind
            rest = text[stamps[-1].end() :].strip()
            return [rest] if rest and not _WIDGET.match(rest) else []
        if _STUCK.match(text):
            text = text[widget.end() :]
    return [part.strip() for part in _STUCK.split(_STUCK_AGAIN.sub("", text)) if part.strip()]


def _stated(text: str, key: str) -> Line | None:
    """A line that labels links or states a fact about the article."""
    if _LABEL_START.match(text):
        if _LABEL.fullmatch(text):
            return Line(text, key, "label")
        if (link := _LINK.fullmatch(text)) and _headline(link["title"].rstrip(")]")):
            return Line(text, key, "label", link["title"].rstrip(")]"))
    match = _SOURCE.fullmatch(key)
    if match and match["value"].count(" ") < 7 and not re.search('[".!?؟]', match["value"].rstrip(".")):
        return Line(text, key, "source", _written(text, match).strip(" .-–*"))
    if match := _KEYWORDS.fullmatch(key):
        return Line(text, key, "keywords", _written(text, match))
    if key.count(" ") < 16 and any(map(str.isdigit, text)):
        if match := _DATE.fullmatch(key):
            value = _written(text, match)
            if parse_date(value) or not re.search(r"[^\W\d]", _ZONE.sub("", bp.key(value))):
                return Line(text, key, "updated" if _UPDATED.match(match["label"]) else "date", value)
        if parse_date(text):
            return Line(text, key, "date", text)
    if byline := bylines.read_byline(text):
        if byline.published is None:
            return Line(text, key, "updated", byline.updated or "")
        return Line(text, key, "date" if byline.labelled else "byline", byline.published)
    return None


def _written(text: str, match: re.Match[str]) -> str:
    """The value at the end of a folded line as it is written: as many words from the end of the line."""
    count = len(match["value"].split())
    return " ".join([word for word in text.split() if bp.key(word)][-count:]) if count else ""


def _effect(text: str, key: str) -> str | None:
    """The effect of the first rule that matches a line; None for text."""
    bare = key.strip(BULLETS)
    if not re.search(r"\w", bare):
        return "furniture"
    if len(key) > LONGEST or dateline.find(text, own_line=True):
        return None
    words = key.count(" ") + 1
    for rule, pattern in _rules():
        if words <= rule.words and (pattern.fullmatch(bare) or pattern.fullmatch(key)):
            if rule.effect == "edge" and is_paragraph(text):
                continue
            return rule.effect if rule.effect in ("tail", "end", "edge") else "furniture"
    return None
