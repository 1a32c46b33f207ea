"""The page in a real browser: searching, reading and comparing in both languages, by mouse, by keyboard, on paper."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from browsing import HARM, HOSTILE, address, browser  # noqa: F401 - fixtures

pytestmark = pytest.mark.xdist_group("browser")

Opened = Callable[..., Any]

VIEWS = {
    "home": "/",
    "search": "/?q=ferry+fire",
    "both": "/?q=حريق+العبارة&both=1&since=2025-03-12&until=2025-03-18",
    "narrowed": "/?q=ferry&lang=en&source=Sadaf+Herald&since=2025",
    "nothing": "/?q=zzqqxx+wwvvkk",
    "article": "/article?id=ferry-ar-1&q=ferry+fire&at=0",
    "story": "/story?of=vaccine-ar-1",
    "stories": "/stories",
    "duplicates": "/duplicates?tier=near",
    "altered": "/duplicates?tier=altered",
    "compare": "/compare?a=hold-en-1&b=hold-en-2",
    "check": "/check?of=hold-en-1",
    "archive": "/archive",
    "saved": "/saved?name=strange",
    "sign-in": "/sign-in",
    "error": "/article?id=nobody",
}


@pytest.fixture(scope="module")
def tabs(browser: Any, address: str) -> tuple[Callable[..., Any], list[str]]:  # noqa: F811
    """A tab with its own cookies for each set of options, and what pages did wrong in them.

    Starting one takes a browser longer than showing a page.
    """
    faults: list[str] = []

    @cache
    def tab(**options: Any) -> Any:
        context = browser.new_context(base_url=address, **{"locale": "en-GB"} | options)
        context.set_default_timeout(90_000)  # all articles are compared for the first page of stories
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("request", lambda asked: None if asked.url.startswith(address) else faults.append(asked.url))
        return page

    return tab, faults


@pytest.fixture
def opened(tabs: tuple[Callable[..., Any], list[str]]) -> Iterator[Opened]:
    """Opens a path of the page; what the page does wrong fails the test."""
    tab, faults = tabs

    def open_page(path: str, **options: Any) -> Any:
        page = tab(**options)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.emulate_media(media="null", color_scheme="null")
        page.goto(path)
        return page

    yield open_page
    found = faults.copy()
    faults.clear()
    assert not found


def titles(page: Any) -> list[str]:
    return page.locator("[data-hit]").all_inner_texts()


def days(page: Any) -> list[str]:
    """The days of the listed articles, without those of their copies."""
    return [one.get_attribute("datetime")[:10] for one in page.locator(".hits article > .facts > .fact time").all()]


# ---------------------------------------------------------------- searching


def test_a_question_in_either_language_finds_articles_in_both(opened: Opened) -> None:
    page = opened("/")
    for typed in ("حريق العبّارة", "ferry fire"):
        page.get_by_role("searchbox").fill(typed)
        page.get_by_role("button", name="Search").click()
        assert page.get_by_role("searchbox").input_value() == typed
        cards = page.locator(".hits article")
        assert {card.get_attribute("dir") for card in cards.all()[:5]} == {"rtl", "ltr"}
        assert "214" in titles(page)[0] or "حريق" in titles(page)[0]


def test_each_highlight_has_its_reason_for_eyes_and_ears(opened: Opened) -> None:
    page = opened("/?q=ferry+fire&lang=ar")
    mark = page.locator("mark.translation", has_text="حريق").first
    assert "translation of" in mark.get_attribute("title")
    assert "fire" in mark.get_attribute("title")
    assert "fire" in mark.locator(".hidden").inner_text()
    assert page.locator(".why", has_text="translation").count()


def test_filters_are_seen_added_and_taken_away(opened: Opened) -> None:
    page = opened("/?q=Maralia")
    side = page.get_by_role("complementary", name="Filters")
    side.get_by_role("link", name="Sadaf Herald").click()
    assert {one.inner_text() for one in page.locator(".hits .outlet").all()} == {"Sadaf Herald"}
    side.get_by_role("link", name="Maralia News Agency").click()  # several sources
    assert {one.inner_text() for one in page.locator(".hits .outlet").all()} == {"Sadaf Herald", "Maralia News Agency"}
    page.get_by_label("Since").fill("2025-03")
    page.get_by_role("button", name="Set the days").click()
    chips = page.get_by_role("list", name="Narrowed to")
    assert chips.get_by_role("listitem").count() == 3
    chips.get_by_role("link", name="Sadaf Herald").click()
    assert "source=Sadaf" not in page.url
    assert page.locator(".hits .outlet", has_text="Sadaf Herald").count() == 0
    assert chips.get_by_role("listitem").count() == 2


def test_counts_by_day_lead_to_the_articles_of_that_day(opened: Opened) -> None:
    page = opened("/?q=ferry+fire")
    assert page.locator("svg.histogram rect").count()
    page.get_by_text("As a table").click()
    row = page.get_by_role("row").filter(has_text="12 March 2025")
    row.get_by_role("link").click()
    assert set(days(page)) == {"2025-03-12"}


def test_the_back_button_goes_back_to_the_list_as_it_was(opened: Opened) -> None:
    page = opened("/?q=ferry&sort=newest&lang=en")
    before = titles(page)
    page.locator("[data-hit]").first.click()
    assert "/article" in page.url
    page.go_back()
    assert titles(page) == before
    assert page.get_by_role("searchbox").input_value() == "ferry"


def test_lists_are_sorted_paged_and_set_side_by_side(opened: Opened) -> None:
    page = opened("/?q=Maralia")
    page.get_by_role("link", name="oldest").click()
    shown = [
        (one.get_attribute("datetime") or "")[:10]
        for one in page.locator(".hits > li > article > .facts > .fact time").all()
    ]
    assert shown == sorted(shown)
    first = titles(page)
    page.get_by_role("link", name="Next page").click()
    assert titles(page)
    assert not set(titles(page)) & set(first)
    page.get_by_role("link", name="side by side").click()
    arabic, english = page.locator(".pair > section").all()
    assert {one.get_attribute("dir") for one in arabic.locator("article").all()} == {"rtl"}
    assert {one.get_attribute("dir") for one in english.locator("article").all()} == {"ltr"}


def test_copies_are_folded_and_open_on_a_click(opened: Opened) -> None:
    page = opened("/?q=حريق+العبارة")
    copies = page.locator("details", has_text="printed by 3 outlets").first
    assert not copies.locator("li").first.is_visible()
    copies.locator("summary").click()
    assert copies.locator("li").count() == 2
    assert copies.locator("li").first.is_visible()


def test_where_nothing_is_relevant_that_is_said(opened: Opened) -> None:
    assert "Nothing relevant was found" in opened(VIEWS["nothing"]).locator("main").inner_text()


def test_what_cannot_be_answered_is_said_beside_the_box(opened: Opened) -> None:
    page = opened("/?q=ferry&source=Sadof")
    assert "Sadaf Herald" in page.get_by_role("alert").inner_text()
    assert page.get_by_role("searchbox").input_value() == "ferry"
    assert "There is no article" in opened(VIEWS["error"]).locator("main").inner_text()


# ---------------------------------------------------------------- reading


def test_an_article_opens_at_the_match_and_tells_what_is_known_of_it(opened: Opened) -> None:
    page = opened("/?q=Majid+Tarfawi+spokesman&lang=ar")
    page.locator("[data-hit]").first.click()
    assert page.url.endswith("#match")
    assert page.locator("#match").count() == 1
    about = page.get_by_role("complementary").inner_text()
    assert "12 March 2025" in about
    assert "12 Ramadan 1446" in about
    assert page.locator("a[rel~=noreferrer]").get_attribute("href").startswith("https://")


def test_related_coverage_has_reasons_and_can_be_read_as_a_timeline(opened: Opened) -> None:
    page = opened("/article?id=ferry-ar-1")
    assert page.get_by_role("heading", name="Follow-ups").count() == 1
    assert "Nawras" in page.locator(".why").first.inner_text() or "نورس" in page.locator(".why").first.inner_text()
    page.get_by_role("link", name="timeline").click()
    headings = [one.get_attribute("datetime") for one in page.locator("h3 time").all()]
    assert headings == sorted(headings)
    assert len(headings) >= 2


def test_a_citation_is_copied(opened: Opened) -> None:
    page = opened("/article?id=ferry-en-1", permissions=("clipboard-read", "clipboard-write"))
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Maralia News Agency, “All 214 passengers rescued")
    assert "12 March 2025" in copied


def test_a_story_is_drawn_by_outlet_and_says_who_was_first_or_that_this_is_unknown(opened: Opened) -> None:
    page = opened("/stories")
    page.get_by_role("link", name="320").first.click()
    assert page.locator("svg.timeline").count() == 5
    assert "unknown" in page.locator("main").inner_text()
    assert page.get_by_role("heading", name="In order of publication").count() == 1


def test_duplicates_lead_to_a_comparison_that_is_loud_about_numbers(opened: Opened) -> None:
    page = opened("/duplicates")
    page.get_by_role("link", name="altered").click()
    page.locator(".hits > li", has_text="interest rate").get_by_role("link", name="Compare word by word").click()
    one, other = page.locator(".pair article").all()
    assert "five" in one.locator("strong.loudly").all_inner_texts()[1]
    assert "four" in other.locator("strong.loudly").all_inner_texts()[1]
    assert one.locator("strong.loudly").first.get_attribute("title") == "other number"
    assert "First published by" in page.locator("main").inner_text()


def test_a_text_is_checked(opened: Opened) -> None:
    page = opened("/check")
    page.get_by_label("A claim or an article").fill(
        "Coast guard crews rescued all 300 passengers of the ferry Nawras 3"
    )
    page.get_by_role("button", name="Check").click()
    told = page.locator("main").inner_text()
    assert "Not printed before in these words" in told
    assert page.locator(".loudly").all_inner_texts()[:2] == ["300", "214"]
    assert "Covered by" in told or "Told in" in told
    page.get_by_label("A claim or an article").fill("؟!")
    page.get_by_role("button", name="Check").click()
    assert page.get_by_role("alert").count() == 1


def test_the_archive_says_what_is_in_it(opened: Opened) -> None:
    page = opened("/archive")
    told = page.locator("main").inner_text()
    assert "104" in told  # with the hostile ones
    assert page.get_by_role("row", name="The Kasrun Courier").count() == 1
    assert page.locator("svg.histogram rect").count() > 5
    assert "rejected" in page.get_by_role("heading", name="Last indexing run").locator("xpath=..").inner_text()
    page.get_by_role("link", name="strange").click()  # a saved search
    assert any("turned" in title for title in titles(page))


# ---------------------------------------------------------------- keys, scripts, languages, sizes


def test_keys_alone_are_enough(opened: Opened) -> None:
    page = opened("/stories")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.goto("/?q=ferry")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.locator("[data-hit]").first.evaluate("hit => hit === document.activeElement")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("flood")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=flood**")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/article**")


def test_keys_can_be_switched_off(opened: Opened) -> None:
    page = opened("/?q=ferry", locale="en-US")  # which remembers it
    page.get_by_role("button", name="Keyboard shortcuts are on").click()
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")


def test_without_scripts_all_can_be_asked_and_read(opened: Opened) -> None:
    page = opened("/", java_script_enabled=False)
    page.get_by_role("searchbox").fill("ferry fire")
    page.get_by_role("button", name="Search").click()
    page.locator("[data-hit]").first.click()
    assert page.locator("mark").count()
    assert page.get_by_role("button").count() == 0  # none that needs a script is shown


def test_the_interface_speaks_as_the_browser_does_until_it_is_switched(opened: Opened) -> None:
    page = opened("/?q=ferry", locale="ar-EG")
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.get_by_role("button", name="ابحث").count() == 1
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("dir") == "ltr"
    page.locator("[data-hit]").first.click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_letters_have_their_own_direction_and_room(opened: Opened) -> None:
    page = opened("/?q=ferry+fire")
    arabic = page.locator(".hits article[dir=rtl] .snippet").first
    read = "e => ['direction', 'letterSpacing', 'fontStyle', 'lineHeight', 'fontSize'].map(n => getComputedStyle(e)[n])"
    direction, spacing, slant, line, size = arabic.evaluate(read)
    assert (direction, slant) == ("rtl", "normal")
    assert spacing in ("normal", "0px")
    assert float(line.removesuffix("px")) / float(size.removesuffix("px")) == pytest.approx(1.9)
    assert page.evaluate("document.fonts.check('16px Plex', 'خبر')")


def test_paper_shows_the_article_and_no_controls(opened: Opened) -> None:
    page = opened("/article?id=ferry-ar-1&q=ferry")
    page.emulate_media(media="print")
    assert page.locator(".article").is_visible()
    assert not page.locator("nav").first.is_visible()
    assert not page.get_by_role("button").first.is_visible()
    assert len(page.pdf()) > 10_000


def test_a_page_is_small(opened: Opened) -> None:
    page = opened("/")
    sizes: dict[str, int] = {}

    def weigh(got: Any) -> None:
        if "/fonts/" not in got.url:
            sizes[got.url] = len(got.body())

    page.on("response", weigh)
    page.goto("/?q=ferry+fire")
    page.wait_for_load_state("networkidle")
    page.remove_listener("response", weigh)
    assert any(url.endswith("page.css") for url in sizes)
    assert sum(sizes.values()) < 100_000


# ---------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    "path", ["/?q=Zarqulon", "/?q=Zarqulon&both=1", "/archive", "/saved?name=strange", "/duplicates"]
)
def test_stored_text_is_never_markup(path: str, opened: Opened) -> None:
    page = opened(path)
    assert page.evaluate("window.harmed") is None
    assert page.locator("main script, main img, main article b").count() == 0


def test_a_hostile_article_is_shown_letter_by_letter(opened: Opened) -> None:
    page = opened("/?q=Zarqulon")
    page.locator("[data-hit]", has_text="harmed").click()
    assert page.evaluate("window.harmed") is None
    text = page.locator("main").inner_text()
    assert text.count(HARM) >= 5  # title, source, text, agency, keyword
    assert "{{ 7 * 7 }}" in text
    assert page.locator("a[href^=javascript]").count() == 0
    assert HOSTILE[0].id in text


def test_a_title_cannot_turn_what_stands_beside_it(opened: Opened) -> None:
    page = opened("/?q=Zarqulon+turned")
    card = page.locator(".hits > li", has_text="turned").first
    assert not re.search("[\u202a-\u202e\u2066\u2067]", card.inner_html())
    boxes = [card.locator(".fact").nth(n).bounding_box()["x"] for n in range(3)]
    assert boxes == sorted(boxes)  # outlet, day, language from left to right


# ---------------------------------------------------------------- open to all

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_no_barrier_and_fits_a_narrow_screen(view: str, axe: str, opened: Opened) -> None:
    for language, scheme in (("en", "light"), ("ar", "dark")):  # each of both with every view
        page = opened(VIEWS[view], locale=language)
        page.emulate_media(color_scheme=scheme)
        if view == "check":
            page.locator("main button").click()
            page.wait_for_load_state()
        for details in page.locator("details").all()[:3]:
            details.locator("summary").click()
        page.evaluate(axe)
        asked = json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})
        found = page.evaluate(f"axe.run(document, {asked})")["violations"]
        said = [f"{one['id']}: {node['html']} {node['failureSummary']}" for one in found for node in one["nodes"]]
        assert not said, f"{language}, {scheme}: " + "\n".join(said[:5])
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") == 360
