"""A page as it was scraped -> its article: title, date, source, keywords and body, and nothing else.

What is furniture is said by tables (boilerplate.py) and learned from repetition (repeats.py); this module knows how pages are built:
a head with title, date and dateline; paragraphs; then sources, keywords, links, forms and footers; and often a whole second
article behind "read also", which becomes an article of its own. Rows of data sets hold a body alone and are treated with care:
only lines that no sentence can be are taken from them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import PurePath
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from . import boilerplate as bp
from .dates import parse_date
from .repeats import Repeats
from .text import language
from .types import Article, Document, InputError

PARAGRAPH = 20
"""Words from which a line is a paragraph whatever it ends with; headlines of the samples and of data/news have up to 19."""

SENTENCE = 5
"""Words from which a line that ends like a sentence is a paragraph."""

LONGEST = 1500
"""Letters from which no line is looked up in the tables; the longest notice of the samples has 390."""

CAPTION = 8
"""Words below which a line between title and dateline is the caption of a picture."""

_CONTROLS = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_ENDS = re.compile(r"(?:[^.…]\.|[^.]\.\.|[،,:؛;])[\"”»’')\]]*$")
_BULLETS = " \t*•●▪■◄►|>»›<«–—-_=~.:،,…"
_ARABIC_LETTERS = "ء-غف-ي"
_AR = f"[{_ARABIC_LETTERS}]"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_STAMP = re.compile(
    r"\d{1,2} [^\W\d]+(?: [^\W\d]+)?،? (?:19|20)\d\d ?[-–|،,]? ?\d{1,2}:\d\d(?::\d\d)? ?(?:صباح(?:ًا|اً|ا)|مساءً?|ص|م"
    r"|[aApP]\.?[mM]\.?)?"
)


class _Line(NamedTuple):
    text: str
    key: str
    kind: str = "text"
    """text; edge, tail, end, furniture: removed as the rules say; label: of links; source, appeared, keywords, date, updated."""
    value: str = ""


class Cleaner:
    """Turns documents into articles, and learns on the way which lines each source prints under all of them."""

    def __init__(self) -> None:
        self._repeats = Repeats()

    def learn(self, documents: Iterable[Document]) -> None:
        """Count the lines of documents, per source; call it with a batch before cleaning the batch."""
        for document in documents:
            self._repeats.learn(_origin(document), bp.key("\n".join(_tidy(document.text))).split("\n"))

    def clean(self, document: Document) -> list[Article]:
        """The article of a document, then those that were embedded in its page.

        The first has the id of the document, the others that id with "#2", "#3" ... and `host` set. Raises InputError when
        nothing but furniture is found.
        """
        lines = _tidy(document.text)
        keys = bp.key("\n".join(lines)).split("\n") if lines else []
        learned = self._repeats.known(_origin(document), keys)
        if document.page or _page_in_disguise(lines, keys):
            articles = _page(document, lines, learned)
        else:
            articles = [_row(document, lines, keys, learned)]
        if not articles[0].text:
            raise InputError(
                f"no article text left in {document.path} after cleaning: it holds only menus, links, notices or nothing at all; "
                "remove the file, or give a page that has an article"
            )
        return articles

    def state(self) -> dict[str, Any]:
        """What was learned, ready for JSON; at most a few hundred lines for each of a few hundred sources."""
        return self._repeats.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Takes up what `state` gave, in place of what was learned so far."""
        self._repeats.restore(state)


def _origin(document: Document) -> str:
    """Whose furniture a document carries: its source, else the host of its address, else its folder."""
    if document.source:
        return document.source
    try:
        host = urlsplit(document.url or "").hostname
    except ValueError:
        host = None
    return host or str(PurePath(document.path).parent)


# --- Lines -------------------------------------------------------------------------------------------------------------------


def _tidy(text: str) -> list[str]:
    """The lines of a text that hold anything, with single spaces, without characters that break a terminal or a database."""
    text = _CONTROLS.sub("", text)
    return [line for line in (" ".join(line.split()) for line in text.splitlines()) if line]


_GLUE = (
    # A tweet's date, or a time of day, that ends a widget: what follows is a new paragraph.
    (re.compile(rf"({_MONTH} \d{{1,2}}, (?:19|20)\d\d)(?={_AR})"), "\\1\n"),
    (re.compile(rf"(:\d\d ?(?:صباح(?:ًا|اً|ا)|مساءً?))(?={_AR}{{2}})"), "\\1\n"),
    (re.compile(rf"((?<!\d)(?:19|20)\d\d)(?={_AR}{{4}})"), "\\1 "),
    # A sentence and the next. Four letters before and three behind spare initials (سي.إن) and addresses (العربية.نت).
    (
        re.compile(
            rf"({_AR}[{bp.MARKS}]*(?:{_AR}[{bp.MARKS}]*){{3}}[\"”»)]?[.؟!]+)(?=(?!كوم|اورج)[{_ARABIC_LETTERS}]{{3}})"
        ),
        "\\1 ",
    ),
    (re.compile(r"((?<![@/.\w])[a-z’']{3,}[\"”)]?[.?!])(?=[A-Z][a-z]+[ ,’'])(?!(?:Com|Org|Net)\b)"), "\\1 "),
)
# One set of characters, then a look ahead: the form that the engine scans fastest, as every line passes here.
_GLUED = re.compile(rf"[\d.?!؟\"”»)](?=[A-Z{_ARABIC_LETTERS}])")


def _unglue(line: str) -> list[str]:
    """Sentences that ran into what stood beside them on the page are parted again; no letter is changed."""
    if not (_GLUED.search(line) or "صباح" in line or "مساء" in line):
        return [line]
    for pattern, parted in _GLUE:
        line = pattern.sub(parted, line)
    return [" ".join(part.split()) for part in line.split("\n")]


def _paragraph(text: str) -> bool:
    """Whether a line is running text rather than a title, a label or a caption."""
    words = text.count(" ") + 1
    return words >= PARAGRAPH or (words >= SENTENCE and bool(_ENDS.search(text)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", bp.key(text))


# --- Rules -------------------------------------------------------------------------------------------------------------------


@cache
def _rules() -> tuple[tuple[bp.Rule, re.Pattern[str]], ...]:
    return tuple((rule, bp.compiled(rule.patterns)) for rule in bp.RULES)


@cache
def _row_rules() -> re.Pattern[str]:
    return bp.compiled(pattern for rule in bp.RULES if rule.effect == "line" for pattern in rule.patterns)


_LABELS = "|".join(f"(?:{bp.loose(p)})" for p in bp.RELATED)
_LABEL = re.compile(rf"[{re.escape(_BULLETS)}]*(?:{_LABELS})[\s.…!:：|/–—-]*", re.IGNORECASE)
_LABEL_AND_TITLE = re.compile(
    rf"[(\[{re.escape(_BULLETS)}]*(?:{_LABELS}|{'|'.join(map(bp.loose, bp.LINK_ONLY))})(?: ?[:：|/›»]| ?\.{{2,3}}"
    rf"| [–—-])[\s.…:|/›»–—-]*(?P<title>\S.*)",
    re.IGNORECASE,
)
# At the start of a row's line, cheap to refuse: most lines begin with none of these.
_LABEL_START = re.compile(
    bp.loose(
        r"[\W_]{0,6}(?:و?إقرأ|و?طالع|و?شاهد|و?تابع|و?قد|و?ربما|و?ل?للمزيد|أخبار|مواضيع|موضوعات|مقالات|ذات صلة"
        r"|المزيد|more|read|see|watch|also|related|recommended|you)"
    ),
    re.IGNORECASE,
)
_WIDGET = re.compile(
    rf"(?:(?<=[.!؟»”\"\s])|^)(?:{bp.loose(bp.RELATED[2])})(?=(?:[\"“«]?{_AR}))|^(?:Related (?:Articles|Stories|News"
    rf"|Posts)|Advertisement|Read [Mm]ore|Share [Tt]his)(?=[A-Z][a-z])"
)
_WIDGET_START = re.compile(rf"(?:{bp.loose(bp.RELATED[2])})\s*:?\s*")
_IN_BRACKETS = re.compile(
    r"\s*[(\[](?:see )?(?:related|read more|read also|also read|see also|"
    + bp.loose(r"إقرأ أيضا|طالع أيضا|شاهد أيضا")
    + r")\s*:[^()\[\]]{1,250}[)\]]",
    re.IGNORECASE,
)
_AT_END_OF_LINE = re.compile(
    r"(?<=[.!؟?\"»”])\s*(?:"
    + bp.loose(r"إقرأ أيضا|طالع أيضا|شاهد أيضا|و?قد يهمك أيضا|و?قد يهمك")
    + r"|Read also|Read more|See also|Related)\s*:\s*[^.!؟?]{1,200}$",
    re.IGNORECASE,
)
_FIRST_APPEARED = re.compile(r"\s*" + bp.FIRST_APPEARED + r"\s*$", re.IGNORECASE)
_SOURCE = re.compile(bp.folded(bp.SOURCE))
_KEYWORDS = re.compile(bp.folded(bp.KEYWORDS))
_DATE = re.compile(bp.folded(bp.DATE))
_UPDATED = re.compile(bp.folded(bp.UPDATED))


def _original(line: str, folded: str, match: re.Match[str]) -> str:
    """The end of a line that answers to the end of its folded form: as many words, as they are written."""
    count = len(match["value"].split())
    return " ".join(line.split()[-count:]) if count else ""


def _classify(text: str) -> list[_Line]:
    """A line of a page, or its parts, with what it is."""
    if len(parts := _unglue(text)) > 1:
        return [line for part in parts for line in _classify(part)]
    text = parts[0]
    text = _IN_BRACKETS.sub("", text)
    text = _AT_END_OF_LINE.sub("", text)
    if appeared := _FIRST_APPEARED.search(text):
        return [*_classify(text[: appeared.start()]), _Line(appeared[0], "", "appeared", appeared["value"].strip())]
    if not text:
        return []
    if widget := _WIDGET_START.match(text):
        stamps = list(_STAMP.finditer(text))
        if stamps:  # label, headlines with their dates, and the paragraph that follows them
            rest = text[stamps[-1].end() :].strip()
            return _classify(rest) if rest else [_Line(text, "", "furniture")]
        if _WIDGET.match(text):
            return _classify(text[widget.end() :])
    parts = [part.strip() for part in _WIDGET.sub("\n", text).split("\n") if part.strip()]
    if parts and parts != [text]:
        return [line for part in parts for line in _classify(part)]
    folded = bp.key(text)
    if _LABEL.fullmatch(text):
        return [_Line(text, folded, "label")]
    if (related := _LABEL_AND_TITLE.fullmatch(text)) and related["title"].count(" ") < 30:
        return [_Line(text, folded, "label", related["title"].rstrip(")]"))]
    words = folded.count(" ") + 1
    if (
        (match := _SOURCE.fullmatch(folded))
        and len(match["value"].split()) <= 7
        and not re.search(r"[\"!?؟]", match["value"])
    ):
        return [_Line(text, folded, "source", _original(text, folded, match).strip(" .-–*"))]
    if match := _KEYWORDS.fullmatch(folded):
        return [_Line(text, folded, "keywords", _original(text, folded, match))]
    if words <= 16 and any(map(str.isdigit, text)):
        if (match := _DATE.fullmatch(folded)) and not _paragraph(text):
            value = _original(text, folded, match)
            if parse_date(value) or not re.search(r"[^\W\d]", re.sub(r"(?i)gmt|utc|بتوقيت|غرينتش|[صم]\b", "", value)):
                return [_Line(text, folded, "updated" if _UPDATED.match(match["label"]) else "date", value)]
        if words <= 14 and parse_date(text):
            return [_Line(text, folded, "date", text)]
    bare = folded.strip(_BULLETS)
    if not re.search(r"\w", bare):
        return [_Line(text, folded, "furniture")]
    if _dateline(text, own_line=True):
        return [_Line(text, folded)]
    for rule, pattern in _rules() if len(folded) < LONGEST else ():
        if (
            words <= rule.words
            and not (rule.effect == "edge" and _paragraph(text))
            and (pattern.fullmatch(bare) or pattern.fullmatch(folded))
        ):
            return [_Line(text, folded, rule.effect if rule.effect in ("tail", "end", "edge") else "furniture")]
    return [_Line(text, folded)]


# --- Rows --------------------------------------------------------------------------------------------------------------------


def _row(document: Document, lines: Sequence[str], keys: Sequence[str], learned: set[int]) -> Article:
    """The article of a row: its own title and facts are kept, its text loses only lines that no sentence can be."""
    title = _tidy_line(document.title)
    folded_title = bp.key(title)
    rules = _row_rules()
    kept: list[str] = []
    links = False  # the headlines under a label that stands alone
    for i, (line, folded) in enumerate(zip(lines, keys, strict=True)):
        if folded == folded_title and not kept and len(lines) > 1:
            continue
        if len(folded) < 300:
            bare = folded.strip(_BULLETS)
            if not bare or rules.fullmatch(bare):
                continue
            if _LABEL_START.match(line):
                if _LABEL.fullmatch(line):
                    links = True
                    continue
                if (
                    (related := _LABEL_AND_TITLE.fullmatch(line))
                    and not _ENDS.search(line)
                    and related["title"].count(" ") < 25
                ):
                    continue
            if i in learned or (links and not _paragraph(line)):
                continue
        elif i in learned:
            continue
        links = False
        if "(" in line or "[" in line:
            line = _IN_BRACKETS.sub("", line)
        if line:
            kept.extend(_unglue(line))
    text = "\n".join(kept) or title
    return Article(
        id=document.id,
        title=title,
        text=text,
        language=document.language or language(text),
        published=parse_date(document.published) if document.published else None,
        source=document.source,
        url=document.url,
        path=document.path,
        keywords=document.keywords,
    )


def _page_in_disguise(lines: Sequence[str], keys: Sequence[str]) -> bool:
    """Whether a row holds a whole page: its text states its source or keywords and goes on with "read also"."""
    return any(
        _LABEL_START.match(line)
        and _LABEL.fullmatch(line)
        and any(_SOURCE.fullmatch(k) or _KEYWORDS.fullmatch(k) for k in keys[max(0, i - 3) : i])
        for i, line in enumerate(lines)
    )


# --- Pages -------------------------------------------------------------------------------------------------------------------


def _page(document: Document, lines: Sequence[str], learned: set[int]) -> list[Article]:
    """The article of a page and those embedded in it; the first has no text when there is none."""
    classified: list[_Line] = []
    for i, text in enumerate(lines):
        parts = _classify(text)
        classified.extend(
            part._replace(kind="tail") if i in learned and part.kind == "text" else part for part in parts
        )
    _strike_lists(classified)
    host, *embedded = _split(classified)
    words = f" {' '.join(word for line in classified if line.kind != 'keywords' for word in _words(line.text))} "
    article = _compose(document, host, words)
    return [
        article,
        *(
            replace(
                _compose(Document(f"{document.id}#{n}", "", document.path, url=document.url), part, words),
                host=document.id,
            )
            for n, part in enumerate(embedded, 2)
        ),
    ]


def _strike_lists(lines: list[_Line]) -> None:
    """Three bare dates or more with a headline between each are a list of other news: none of it belongs to the article."""
    dates = [i for i, line in enumerate(lines) if line.kind == "date" and line.value == line.text]
    runs: list[list[int]] = []
    for i in dates:
        if runs and i - runs[-1][-1] <= 4 and not any(_is_paragraph(line) for line in lines[runs[-1][-1] : i]):
            runs[-1].append(i)
        else:
            runs.append([i])
    for run in runs:
        if len(run) < 3:
            continue
        start, stop = run[0], run[-1] + 1
        if stop < len(lines) and lines[stop].kind == "text" and not _is_paragraph(lines[stop]):
            stop += 1  # each date stands above its headline
        elif start and lines[start - 1].kind == "text" and not _is_paragraph(lines[start - 1]):
            start -= 1
        lines[start:stop] = [_Line(line.text, line.key, "tail") for line in lines[start:stop]]


def _is_paragraph(line: _Line) -> bool:
    return line.kind == "text" and _paragraph(line.text)


def _split(lines: Sequence[_Line]) -> list[list[_Line]]:
    """The lines of the host and of each embedded article, without the links to others.

    What stands under a label is a list of headlines, or an embedded article, or headlines after which the host goes on.
    """
    parts: list[list[_Line]] = [[]]
    i = 0
    while i < len(lines):
        part, line = parts[-1], lines[i]
        i += 1
        paragraphs = [other.text for other in part if _is_paragraph(other)]
        if line.kind == "end" and (len(paragraphs) >= 2 or sum(map(len, paragraphs)) > 400):
            part.append(line)
            while i < len(lines) and lines[i].kind != "label":
                i += 1
        elif line.kind == "label" and paragraphs:
            stop = next((j for j in range(i, len(lines)) if lines[j].kind in ("label", "end")), len(lines))
            block, i = lines[i:stop], stop
            first = next((j for j, other in enumerate(block) if _is_paragraph(other)), None)
            part.append(line)
            if first is None:
                part.extend(other for other in block if other.kind != "text")
                continue
            headlines = [line.value] if line.value else []
            headlines += [other.text for other in block[:first] if other.kind == "text"]
            body = [other.text for other in block[first:] if other.kind == "text"]
            if headlines and (_ended(part) or _begins(block[: first + 1]) or _tells(headlines[-1], body, paragraphs)):
                parts.append([_Line(line.value, bp.key(line.value)), *block] if line.value else list(block))
            else:
                part.extend(other for j, other in enumerate(block) if other.kind != "text" or j >= first or line.value)
        else:
            part.append(line)
    return parts


def _ended(part: Sequence[_Line]) -> bool:
    """Whether an article has said its source or keywords, or its readers had their say, behind its last paragraph."""
    last = max((i for i, line in enumerate(part) if _is_paragraph(line)), default=-1)
    return any(line.kind in ("source", "appeared", "keywords", "end") for line in part[last + 1 :])


def _begins(block: Sequence[_Line]) -> bool:
    """Whether lines under a label are the head of an article: a date or a dateline stands before the first paragraph."""
    return (
        any(line.kind == "date" for line in block)
        or any(_dateline(line.text, own_line=not _is_paragraph(line)) for line in block[:-1] if line.kind == "text")
        or _dateline(block[-1].text) is not None
    )


def _tells(headline: str, body: Iterable[str], host: Iterable[str]) -> bool:
    """Whether a headline's words return in the paragraphs under it, and not in those above: then it is their title."""
    words = {_stem(word) for word in _words(headline) if len(word) > 2}
    below, above = ({_stem(word) for text in texts for word in _words(text)} for texts in (body, host))
    return (
        bool(words)
        and len(words & below) >= 0.5 * len(words)
        and len(words & below) - len(words & above) >= 0.3 * len(words)
    )


def _stem(word: str) -> str:
    return re.sub(r"^(?:[وفبك]?ال|لل|و(?=...))", "", word)


class _Dateline(NamedTuple):
    end: int
    city: str | None
    agency: str | None


_PLACE = rf"(?P<city>{_AR}[{_ARABIC_LETTERS}{bp.MARKS}]+(?: {_AR}[{_ARABIC_LETTERS}{bp.MARKS}]+){{0,2}})"
_AGENCY = r"(?P<agency>[^\s()/:،,.][^()/:،\n]{0,38}?)"
_DATELINES = (
    re.compile(rf"{_PLACE}(?:[،,] ?[^()،,]{{2,30}}?){{0,2}} ?\({_AGENCY}\)\s*[-–—ـ:.،]*\s*"),
    re.compile(rf"{_PLACE}(?: ?/ ?| [-–—ـ] |_){_AGENCY}(?:\s*[:/]\s*| [-–—ـ] |$)"),
    re.compile(rf"{_PLACE}(?: ?[:] ?| ?[-–—ـ] )(?P<agency>)"),
    re.compile(
        r"(?P<city>[A-Z][A-Z.'’ -]{2,40}?)(?:, [A-Z][\w. ]{1,25}?)?"
        r"(?:, [A-Z][a-z]{2,8}\.? \d{1,2})? ?\((?P<agency>[A-Z][\w .-]{1,30})\)\s*[-–—:]*\s*"
    ),
    re.compile(
        r"(?P<city>[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})(?:, [A-Z][\w. ]{1,25}?)? ?\((?P<agency>[A-Z][\w .-]{1,30})\)\s*[-–—:]*\s*"
    ),
    re.compile(
        r"(?P<city>[A-Z]{3,}[A-Z.'’ ]{0,30}?)(?:, [A-Z][\w. ]{1,25}?)?(?:, [A-Z][a-z]{2,8}\.? \d{1,2})? ?(?:[–—]"
        r"|--?(?= )) ?(?P<agency>)"
    ),
)


def _dateline(text: str, own_line: bool = False, last: bool = False) -> _Dateline | None:
    """The place and agency a text begins with. One of them must be known; on the `last` line before the paragraphs form is enough."""
    for pattern in _DATELINES:
        match = pattern.match(text)
        if not match or (own_line and match.end() < len(text)):
            continue
        city, agency = match["city"].strip(), (match["agency"] or "").strip()
        if len(agency.split()) > 4 or bp.key(city).split()[:1] in (["صوره"], ["الصوره"], ["تصوير"]):
            continue
        known_city, known_agency = bp.key(city) in bp.phrases("city"), _known_agency(agency)
        if agency and bp.key(agency) in bp.phrases("city") and not known_city:
            city, agency, known_city = agency, "", True  # "a reporter - the city"
        if "_" in match[0] and not known_city:
            return _Dateline(match.end(), None, agency) if known_agency or last else None  # "a newspaper_an agency"
        if known_city or known_agency or (city.isupper() and not own_line) or (last and agency):
            return _Dateline(match.end(), city.title() if city.isupper() else city, agency or None)
    return None


def _known_agency(name: str) -> bool:
    folded = bp.key(name)
    return bool(name) and (
        folded in bp.phrases("agency")
        or any(word in ("وكالات", "وكاله", "cnn", "bbc", "reuters") for word in folded.split())
    )


def _same_title(a: str, b: str) -> bool:
    """Whether one line is the other, or its beginning; the last word may be cut."""
    short, long = sorted((_words(a), _words(b)), key=len)
    if not short or (len(short) < 3 and short != long):
        return False
    n = len(short) - 1
    return short[:n] == long[:n] and long[n].startswith(short[n])


def _compose(document: Document, lines: Sequence[_Line], words: str) -> Article:
    """The article that the lines of one part of a page make; `words` are all words of the page, to tell its keywords apart."""
    first = next((i for i, line in enumerate(lines) if _is_paragraph(line)), len(lines))
    last = max((i for i, line in enumerate(lines) if _is_paragraph(line)), default=-1)
    source = document.source or _value(lines, "source") or _value(lines, "appeared") or None
    sites = {bp.key(name) for name in (document.source, _value(lines, "appeared"), *_site_lines(lines[:first])) if name}
    head = [line.text for line in lines[:first] if line.kind == "text" and not _site_or_section(line, sites)]
    if (
        not head
        and not document.title
        and first <= last
        and not _ENDS.search(lines[first].text)
        and lines[first].text.count(" ") < 30
    ):
        head, first = [lines[first].text], first + 1  # a headline as long as a paragraph
    title, before, after = _title(_tidy_line(document.title), head, sites)
    city = agency = None
    if after and (dateline := _dateline(after[-1], own_line=True, last=True)):
        _, city, agency = dateline
        after = [text for text in after[:-1] if text.count(" ") >= CAPTION]
    body = _body(lines[first:], last - first, sites, title)
    if body and (dateline := _dateline(body[0])) and dateline.end < len(body[0]):
        body[0] = body[0][dateline.end :]
        city, agency = city or dateline.city, agency or dateline.agency
    if body and (credit := _credit(body[-1])):
        del body[-1]
        agency = agency or credit
    text = "\n".join([*before, *after, *body]) or title
    return Article(
        id=document.id,
        title=title,
        text=text,
        language=document.language or language(text),
        published=_published(document, lines, first),
        source=source,
        url=document.url,
        path=document.path,
        keywords=document.keywords or _keywords(_value(lines, "keywords"), words),
        city=city,
        agency=agency,
    )


def _value(lines: Iterable[_Line], kind: str) -> str:
    return next((line.value for line in lines if line.kind == kind and line.value), "")


def _tidy_line(text: str) -> str:
    return " ".join(_CONTROLS.sub("", text).split())


def _published(document: Document, lines: Sequence[_Line], first: int) -> str | None:
    """The stated date, else a labelled one before the links to other articles, else a bare one in the head, else the last change."""
    links = next((i for i, line in enumerate(lines) if line.kind == "label" and i > first), len(lines))
    labelled = [line.value for line in lines[:links] if line.kind == "date" and line.value != line.text]
    bare = [line.value for line in lines[:first] if line.kind == "date" and line.value == line.text]
    updated = [line.value for line in lines[:links] if line.kind == "updated"]
    return next(filter(None, map(parse_date, [document.published or "", *labelled, *bare, *updated])), None)


def _site_lines(head: Iterable[_Line]) -> list[str]:
    """Names of the site: short lines that end with the dash that was to stand before a title."""
    return [line.text.rstrip(" -–—|") for line in head if re.fullmatch(r"\S+(?: \S+){0,4} ?[-–—|]", line.text)]


def _site_or_section(line: _Line, sites: set[str]) -> bool:
    bare = line.key.strip(_BULLETS)
    return bare in sites or bare in bp.phrases("section")


def _without_site(text: str, sites: set[str]) -> str:
    """A title without "Site - " before it or " | Site" behind it."""
    parts = re.split(r" [-–—|] ", text)
    if len(parts) > 1 and bp.key(parts[0]) in sites:
        return text[len(parts[0]) + 3 :]
    if len(parts) > 1 and (
        bp.key(parts[-1]) in sites or (" | " in text and parts[-1].count(" ") < 4 and text.endswith(" | " + parts[-1]))
    ):
        return text[: -len(parts[-1]) - 3]
    return text


def _title(stated: str, head: Sequence[str], sites: set[str]) -> tuple[str, list[str], list[str]]:
    """The title, and what else of the head stands before and after it.

    It is the line that the head repeats (pages print it for the browser and for the reader, once cut short); else the first of at
    least four words, since the names of sites and sections are shorter; else the first.
    """
    bare = [_without_site(text, sites) for text in head]
    if stated:
        title = stated
    else:
        twins = (max(a, b, key=len) for i, a in enumerate(bare) for b in bare[i + 1 :] if _same_title(a, b))
        title = next(twins, "") or next((text for text in bare if text.count(" ") >= 3), bare[0] if bare else "")
    places = [i for i, text in enumerate(bare) if _same_title(text, title)]
    start, stop = (places[0], places[0] + 1) if places else (0, 0)
    before = [text for text in head[:start] if text.count(" ") >= 3]
    after = [text for i, text in enumerate(head[stop:], stop) if i not in places]
    return title, before, after


def _body(lines: Sequence[_Line], last: int, sites: set[str], title: str) -> list[str]:
    """The text lines up to the last paragraph, and behind it until the first line that is none."""
    body: list[str] = []
    times = len(_words(title))
    for i, line in enumerate(lines):
        if i > last and (line.kind != "text" or _site_or_section(line, sites)):
            break
        if line.kind not in ("text", "edge"):
            continue
        if times and (words := _words(line.text)) and words == _words(title) * (len(words) // times):
            continue
        body.append(line.text)
    return body


def _credit(text: str) -> str | None:
    """The agency named by a last line such as "the paper – agencies"; None when it is no such line."""
    parts = re.split(r" ?[–—/|] ?| - |[()]", text)
    parts = [part.strip() for part in parts if part.strip()]
    if not 1 <= len(parts) <= 4 or any(part.count(" ") > 3 for part in parts) or _ENDS.search(text):
        return None
    return next((part for part in reversed(parts) if _known_agency(part)), None)


def _keywords(text: str, words: str) -> tuple[str, ...]:
    """Keywords as phrases. Where nothing parts them, the longest runs of words that the page itself uses are taken for one."""
    parts = [part.strip(" .#") for part in re.split(r"[،,;؛|#•\n]| - ", text)]
    if len(parts) > 1:
        return tuple(dict.fromkeys(part for part in parts if part))
    tokens = text.split()
    found: list[str] = []
    while tokens:
        n = next(
            (n for n in range(min(5, len(tokens)), 1, -1) if f" {' '.join(_words(' '.join(tokens[:n])))} " in words), 1
        )
        found.append(" ".join(tokens[:n]))
        del tokens[:n]
    return tuple(dict.fromkeys(found))
