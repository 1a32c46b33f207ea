"""No rule and no page takes work that grows faster than its text: counted in steps and calls, never in seconds."""

import ast
import functools
import importlib
import inspect
import pkgutil
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import FrameType
from typing import Any

import pytest
from backtracking import Counter, TooManySteps, attacks
from hypothesis import given
from hypothesis import strategies as st

import index
import search
from index.clean import Cleaner, bylines, read_byline, refusal, refusals, titles
from index.clean.rules import compiled, rules
from index.errors import InputError
from index.read import formats as recognition
from index.types import Document

GROWTH = 2.6
"""How many times the work may grow when the text doubles: 2 is linear, 4 is quadratic."""

LETTERS = 120
"""Letters of the shorter of the two texts."""

UNITS = 40
"""Repeated texts that are tried on one pattern."""


def growth(pattern: re.Pattern[str], mode: str) -> Iterator[tuple[float, str, str]]:
    """For each repeat in a pattern: how the steps grow when it is repeated twice as often, and what is repeated."""
    counter = Counter(pattern, budget=400_000)
    count = getattr(counter, mode)
    for before, unit in list(attacks(pattern).values())[:UNITS]:
        if unit:
            times = max(10, LETTERS // len(unit))
            try:
                once, twice = (count(before + unit * n + "\n") for n in (times, 2 * times))
            except TooManySteps:
                once, twice = 1, sys.maxsize
            yield twice / max(once, 1), before, unit


def assert_linear(pattern: re.Pattern[str], mode: str) -> None:
    worst = max(growth(pattern, mode), default=(0.0, "", ""))
    assert worst[0] < GROWTH, f"{worst[1]!r} and then {worst[2]!r} again and again"


def deep(function: Callable[[], None]) -> None:
    """Runs a function in a thread with room for deep recursion, as the counting matcher recurses once per repeat."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            function()
        except BaseException as error:
            failures.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(256 << 20)
    sys.setrecursionlimit(50_000)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    if failures:
        raise failures[0]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)
def test_every_pattern_of_a_rule_is_linear(rule: Any) -> None:
    def check() -> None:
        for pattern in rule.patterns:
            assert_linear(compiled([pattern]), "fullmatch")

    deep(check)


# --- Every other pattern of the two packages ---

SEARCHING = {"search", "sub", "subn", "split", "findall", "finditer", "scanner"}

SEARCHED = {"_GLUE"}
"""Lists of patterns that are looked for anywhere in a text."""

SHORT = {
    "index.text.sentences._LAST_WORD": "looks at 20 letters",
    "index.read.fields._BEFORE_SOURCE": "looks at titles of 1,000 letters at most, with single spaces",
}
"""Patterns of what is short by its nature or its bounds, with the reason."""


def patterns_in(name: str, value: object) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The compiled patterns of a module's variable: itself, what it holds, or what it returns where it is cached."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from patterns_in(f"{name} {key}", one)
    elif isinstance(value, (tuple, list)):
        for n, one in enumerate(value):
            yield from patterns_in(f"{name} {n}", one)
    elif isinstance(value, functools._lru_cache_wrapper) and "Pattern" in str(inspect.signature(value)):
        yield from patterns_in(name, value())  # type: ignore[operator]


def written_in(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Where `re` is called with a pattern as it is written: the line, the function and the pattern."""
    for call in ast.walk(tree):
        match call:
            case ast.Call(ast.Attribute(ast.Name("re"), function), [ast.Constant(str(written)), *_]) if (
                function in MODES
            ):
                yield f"line {call.lineno}", function, written


def looked_for_in(module: str, tree: ast.AST) -> Iterator[tuple[str, str]]:
    """The variables that a module looks for anywhere in texts; with no module where another may define them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SEARCHING:
            of = node.value.func if isinstance(node.value, ast.Call) else node.value
            name = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            yield (module if name.startswith("_") else ""), name


def every_pattern() -> Iterator[tuple[str, re.Pattern[str], str]]:
    """Name, pattern and mode: "search" where any module looks for it anywhere in a text, else "fullmatch"."""
    modules = [
        importlib.import_module(module.name)
        for package in (index, search)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    trees = {module.__name__: ast.parse(inspect.getsource(module)) for module in modules}
    looked_for = {looked for module, tree in trees.items() for looked in looked_for_in(module, tree)}
    met = set()
    for module in modules:
        for variable, value in vars(module).items():
            for name, pattern in patterns_in(f"{module.__name__}.{variable}", value):
                if pattern not in met:
                    met.add(pattern)
                    anywhere = {(module.__name__, variable), ("", variable)} & looked_for or variable in SEARCHED
                    yield name, pattern, "search" if anywhere else "fullmatch"
        for line, function, written in written_in(trees[module.__name__]):
            yield f"{module.__name__} {line}", re.compile(written), "search" if function in SEARCHING else "fullmatch"


MODES = {*SEARCHING, "match", "fullmatch"}
EVERY = {name: (pattern, mode) for name, pattern, mode in every_pattern() if name not in SHORT}


def test_no_pattern_is_forgotten() -> None:
    """However it is kept: alone, with a reference to a group, in a list, by a cached function, where it is used."""
    kept = {
        "repair._ESCAPE",
        "repair._LEFT_TO_RIGHT",
        "formats.feed._HARMLESS_ENTITY",
        "formats.markdown._FRONT_MATTER",
    }
    assert {f"index.read.{name}" for name in kept} <= EVERY.keys()
    assert {"index.clean.lines._GLUE 0 0", "index.text.dates._scanner"} <= EVERY.keys()
    assert [name for name in EVERY if name.startswith("index.read.webpage.tree line ")]
    assert {f"index.read.repair.{name}" for name in ("_ESCAPE", "_PRESENTATION", "_LEFT_TO_RIGHT")} <= {
        name for name, (_, mode) in EVERY.items() if mode == "search"
    }


@pytest.mark.parametrize("name", EVERY)
def test_every_pattern_is_linear(name: str) -> None:
    pattern, mode = EVERY[name]
    if isinstance(pattern.pattern, bytes):
        pattern = re.compile(pattern.pattern.decode("latin-1"), pattern.flags & ~re.LOCALE)
    deep(lambda: assert_linear(pattern, mode))


@pytest.mark.parametrize("pattern", ["(?:a+)+b", "(?:واتس ?اب|واتساب|[ ]+)*x", r"(?:\w+ ?)+!", ".*,.*;.*x"])
def test_the_count_finds_what_is_slower_than_linear(pattern: str) -> None:
    with pytest.raises(AssertionError, match="again and again"):
        deep(lambda: assert_linear(re.compile(pattern), "fullmatch"))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a{2,3}b?", "aaa"),
        ("(?>a|ab)c", "abc"),
        (r"(a|b+)x\1", "bbxbb"),
        (r"(?ms).*^b$", "a\nb"),
        (r"\bx\w*+-", "xyz-"),
        ("(?:ab|a)*", "aab"),
        ("[^a-c]+(?=d)d", "xyd"),
    ],
)
def test_the_counting_matcher_decides_as_the_engine_does(pattern: str, text: str) -> None:
    counter = Counter(re.compile(pattern))
    for part in (text, text + "a", text[1:]):
        counter.fullmatch(part)
        ends = list(counter._items(list(counter.tree), 0, 0))
        assert (len(part) in ends) == bool(re.fullmatch(pattern, part))


# --- Pages and rows ---

TITLE = "Harbour of Marsa will be dredged next spring"
TEXT = "The harbour of Marsa will be dredged next spring so that larger ferries can reach the old quay again."


def calls(text: str, page: bool, title: str = "") -> int:
    """Calls of functions, of Python and of C, that cleaning a document takes."""
    count = 0

    def profile(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    document = Document(id="a", text=text, path="a", page=page, title=title)
    cleaner = Cleaner()
    sys.setprofile(profile)
    try:
        cleaner.learn([document])
        cleaner.clean(document)
    finally:
        sys.setprofile(None)
    return count


EMBEDDED = f"Read also:\nSalt museum in the citadel opens\n{TEXT}\nTags: salt museum citadel tools"


@pytest.mark.parametrize("page", [True, False])
@pytest.mark.parametrize(
    "unit",
    [
        EMBEDDED,
        "Advertisement",
        "Advertisement\n",
        "واتساب ",
        "home > ",
        "home>",
        "’",
        "3 March 2024\n",
        TEXT + "\n",
        "a | ",
    ],
)
def test_cleaning_takes_work_that_grows_as_the_text_does(unit: str, page: bool) -> None:
    parted = "\n" if unit == EMBEDDED else ""
    for prefix in ("", "1A "):
        once, twice = (calls(f"{TITLE}\n{TEXT}\n{prefix}{parted.join([unit] * n)}", page) for n in (300, 600))
        assert twice < GROWTH * once


@pytest.mark.parametrize(
    "line", ["واتساب " * 35 + "x", "home" + ">" * 400, "1A " + "’" * 20_000, "Advertisement" * 1200, "(" * 5000]
)
def test_a_line_that_made_rules_backtrack_without_end_is_cleaned(line: str) -> None:
    for page in (True, False):
        cleaner = Cleaner()
        assert cleaner.clean(Document(id="a", text=f"{TITLE}\n{TEXT}\n{line}", path="a", page=page))[0].text


def test_many_comments_before_what_is_no_page_are_passed_once() -> None:
    assert not recognition._PAGE.match("<!---->" * 300 + "x")
    assert recognition._PAGE.match("<!-- a -->\n<!----> <html>")


def test_a_title_as_long_as_a_text_becomes_a_title_that_is_cut_and_stays_whole_in_the_text() -> None:
    long = f"{TEXT} " * 4000
    (article,) = Cleaner().clean(Document(id="a", text="Short text.", path="a", title=long))
    assert len(article.title) <= titles.LONGEST
    assert article.title.endswith("…")
    assert " ".join(long.split()) in article.text
    assert article.text.endswith("Short text.")


def test_a_first_line_of_a_page_that_is_one_endless_word_becomes_a_title_that_is_cut() -> None:
    (article,) = Cleaner().clean(Document(id="a", text=f"{'x' * 5000}\n{TEXT}\n{TEXT}", path="a", page=True))
    assert (len(article.title), article.title[-1]) == (titles.LONGEST, "…")
    assert "x" * 5000 in article.text
    assert Cleaner().notes(article) == [
        "its title has 5,000 characters; it was cut to 500, and the whole of it stands in the text"
    ]


WORDS = st.sampled_from(
    [
        *("share", "واتساب", "WhatsApp", "shutterstock", "أ ف ب", "home", ">", "|", "(", "[", "]", ")", "CNN", "TUNIS"),
        *(
            "Advertisement",
            "اقرأ أيضا",
            "Related Stories",
            "5 يناير 2023",
            "by",
            "Updated",
            "تاريخ النشر:",
            "Tags:",
            "…",
        ),
        *(
            "غزة",
            "-",
            "/",
            "وكالات",
            "\n",
            ".",
            "the post",
            "appeared first on",
            "[caption id=1]",
            "404",
            "©",
            "’",
            "وال",
        ),
    ]
)


@given(st.lists(WORDS | st.text(max_size=3), max_size=60), st.sampled_from(["", " "]), st.integers(1, 12))
def test_whatever_words_of_rules_meet_nothing_is_raised_and_the_work_is_bounded(
    words: list[str], glue: str, times: int
) -> None:
    text = glue.join(words * times)
    for page in (True, False):
        try:
            count = calls(text, page, title="a")
        except InputError:
            continue
        assert count < 2000 + 400 * len(text)
    assert read_byline(text) is None or len(text) <= bylines.LONGEST
    assert refusal([text], text.split("\n")) is None or len(text.split()) <= refusals.WORDS * 2
