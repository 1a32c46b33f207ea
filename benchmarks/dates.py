"""Dates of HTML pages: what htmldate, the metadata of trafilatura and our rules make of markups in both languages.

Every markup is written here and says on which day its page was published, or that it does not say. For each of the
three readers: right (the day, or none where there is none), wrong (another day, or any where there is none), none
(nothing found where there is a day). The last column prints what a reader gave where it was not right.

    python -m benchmarks.dates [--wrong]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from index.clean import Cleaner
from index.read import read
from index.types import Document

DAY = "2023-01-05"

TEXTS = {
    "en": (
        "Ferry returns to the old quay of Tirana Bay",
        "The ferry between the two shores of the bay sailed again on Thursday after a winter in the dry dock.",
        "Its captain, Nora Halabi, said that the new engine burns a third less fuel than the one it replaces.",
        "Schoolchildren from the island were the first aboard, as the crossing saves them an hour on the bus.",
    ),
    "ar": (
        "العبارة تعود إلى الرصيف القديم في خليج النورس",
        "أبحرت العبارة بين ضفتي الخليج مجددا يوم الخميس بعد شتاء كامل قضته في الحوض الجاف للصيانة والطلاء.",
        "وقالت القبطان نورا الحلبي إن المحرك الجديد يستهلك وقودا أقل بمقدار الثلث من المحرك الذي حل محله.",
        "وكان تلاميذ الجزيرة أول الركاب لأن العبور يوفر عليهم ساعة كاملة في الحافلة كل صباح ومساء.",
    ),
}

Slots = dict[str, str]
"""Where a markup puts what it has: head, around (before the article), above, under, inside, behind, after."""


def page(language: str, slots: Slots) -> str:
    title, *paragraphs = TEXTS[language]
    inside = slots.get("inside", "")
    body = "".join(f"<p>{p}</p>" for p in [paragraphs[0], *([inside] if inside else []), *paragraphs[1:]])
    slot = dict.fromkeys(("head", "around", "above", "under", "behind", "after"), "") | slots
    head = f'<meta charset="utf-8"><title>{title}</title>{slot["head"]}'
    article = f"<article>{slot['above']}<h1>{title}</h1>{slot['under']}{body}{slot['behind']}</article>"
    return (
        f'<!DOCTYPE html><html lang="{language}"><head>{head}</head>'
        f"<body>{slot['around']}{article}{slot['after']}</body></html>"
    )


def ld(fields: str) -> Slots:
    return {"head": f'<script type="application/ld+json">{{"@context":"https://schema.org",{fields}}}</script>'}


def meta(name: str, content: str, attribute: str = "property") -> Slots:
    return {"head": f'<meta {attribute}="{name}" content="{content}">'}


def box(text: str, tag: str = "div", name: str = "date") -> Slots:
    return {"under": f'<{tag} class="{name}">{text}</{tag}>'}


# The name of a markup -> what it holds, and its day in ISO 8601; None where the page does not say.
BOTH: dict[str, tuple[Slots, str | None]] = {
    "article:published_time": (meta("article:published_time", f"{DAY}T08:00:00+03:00"), DAY),
    "article:published_time, in words": (meta("article:published_time", "Thu, 05 Jan 2023 08:00:00 GMT"), DAY),
    "article:published_time, seconds": (meta("article:published_time", "1672905600"), DAY),
    "published after modified": (
        {
            "head": f'<meta property="article:modified_time" content="2023-02-09T10:00:00Z">'
            f'<meta property="article:published_time" content="{DAY}T08:00:00Z">'
        },
        DAY,
    ),
    "only modified": (meta("article:modified_time", "2023-02-09T10:00:00Z"), None),
    "og:release_date": (meta("og:release_date", DAY), DAY),
    "dc.date": (meta("dc.date", DAY, "name"), DAY),
    "dcterms.issued": (meta("DCTERMS.issued", DAY, "name"), DAY),
    "parsely-pub-date": (meta("parsely-pub-date", f"{DAY}T08:00:00Z", "name"), DAY),
    "sailthru.date": (meta("sailthru.date", f"{DAY} 08:00:00", "name"), DAY),
    "pubdate": (meta("pubdate", "20230105T080000Z", "name"), DAY),
    "itemprop datePublished in head": (meta("datePublished", DAY, "itemprop"), DAY),
    "twitter data": (
        {
            "head": '<meta name="twitter:label1" content="Published">'
            '<meta name="twitter:data1" content="January 5, 2023">'
        },
        DAY,
    ),
    "JSON-LD": (ld(f'"@type":"NewsArticle","datePublished":"{DAY}T08:00:00Z"'), DAY),
    "JSON-LD modified first": (ld(f'"@type":"NewsArticle","dateModified":"2023-02-09","datePublished":"{DAY}"'), DAY),
    "JSON-LD graph": (
        ld(f'"@graph":[{{"@type":"WebSite","name":"S"}},{{"@type":["Article"],"datePublished":"{DAY}"}}]'),
        DAY,
    ),
    "JSON-LD of a list of others": (
        ld('"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","datePublished":"2023-03-12"}]'),
        None,
    ),
    "JSON-LD broken": (ld(f'"@type":"NewsArticle","headline":"the "old" quay","datePublished":"{DAY}"'), DAY),
    "JSON-LD only modified": (ld('"@type":"NewsArticle","dateModified":"2023-02-09"'), None),
    "JSON-LD in JavaScript's words": (
        ld('"@type":"NewsArticle","datePublished":"Thu Jan 05 2023 08:00:00 GMT+0300 (Arabian Standard Time)"'),
        DAY,
    ),
    "time with datetime": ({"under": f'<p><time datetime="{DAY}T08:00:00Z">3 h</time></p>'}, DAY),
    "time, updated beside published": (
        {
            "under": '<div><time class="updated" datetime="2023-02-09">9/2</time> '
            f'<time datetime="{DAY}">5/1</time></div>'
        },
        DAY,
    ),
    "abbr": ({"behind": f'<abbr class="published" title="{DAY}T03:55:00Z">3:55</abbr>'}, DAY),
    "address": ({"head": '<link rel="canonical" href="https://bay.example/2023/01/05/ferry/">'}, DAY),
    "address without a day": ({"head": '<link rel="canonical" href="https://bay.example/2023/01/92713">'}, None),
    "numbers": (box("05/01/2023"), DAY),
    "numbers with dots and hour": (box("05.01.2023 15.04"), DAY),
    "ISO in sight": (box("2023-01-05 10:30"), DAY),
    "expiry in a script": ({"head": '<script>var offer={"expires":"2031-01-31"};</script>'}, None),
    "today in the top bar": ({"around": '<div class="topbar"><span class="date">12/03/2023</span></div>'}, None),
    "today, before all": ({"around": '<div id="head"><span>12/03/2023</span></div>'}, None),
    "copyright": ({"after": "<footer>© 2021</footer>"}, None),
    "comment in time": (
        {"after": '<div id="comments"><div><b>N.</b> <time>2023-03-09</time><p>Bravo.</p></div></div>'},
        None,
    ),
    "related with date": (
        {"after": '<div class="related"><div><span class="date">2023-03-12</span><a href="/x">x</a></div></div>'},
        None,
    ),
    "latest in an aside": (
        {"around": '<aside><ul><li><a href="/x">x</a> <time datetime="2023-03-12">12/3</time></li></ul></aside>'},
        None,
    ),
    "event in the text": (
        {"inside": '<time datetime="2023-06-01">1/6</time> <b>…</b>, Halabi, Nora, Noor, Omar, Rami, Sami.'},
        None,
    ),
    "nothing": ({}, None),
    "archive's tool bar": ({"around": '<div id="wm-ipp"><span class="date">12 Mar 2023</span></div>'}, None),
}
ENGLISH: dict[str, tuple[Slots, str | None]] = {
    "month first": (box("January 5, 2023"), DAY),
    "weekday": (box("Thursday, 5 January 2023"), DAY),
    "label": (box("Published: 5 January 2023 10:30 GMT", "p", "meta"), DAY),
    "label in two boxes": ({"under": "<div><span>Published</span><span>January 5, 2023</span></div>"}, DAY),
    "updated, then published": ({"under": "<p>Updated: February 9, 2023</p><p>Published: January 5, 2023</p>"}, DAY),
    "updated and published in one line": (box("Updated 9 February 2023 | Published 5 January 2023"), DAY),
    "only updated": (box("Last updated: February 9, 2023"), None),
    "by-line": (box("By Nora Halabi | January 5, 2023", "p", "byline"), DAY),
    "by-line in boxes": (
        {"under": '<div class="by"><span>Nora Halabi</span><span>Jan. 5, 2023</span><span>3 min read</span></div>'},
        DAY,
    ),
    "by-line after the text": ({"behind": "<p>Published on January 5, 2023 by admin</p>"}, DAY),
    "above the headline": ({"above": "<span>January 5, 2023</span>"}, DAY),
    "ordinal": (box("5th of January 2023"), DAY),
    "comment": ({"after": '<div class="comment-list"><div>Ann, March 9, 2023 at 5:00 pm</div></div>'}, None),
    "event": ({"inside": "The festival of lights begins on June 1, 2023 at the harbour and lasts for a week."}, None),
    "caption": ({"inside": "<figure><figcaption>The quay on 3 May 2019</figcaption></figure>"}, None),
}
ARABIC: dict[str, tuple[Slots, str | None]] = {
    "الخليج": (box("5 يناير 2023"), DAY),
    "المشرق": (box("5 كانون الثاني 2023"), DAY),
    "المغرب": (box("5 جانفي 2023"), DAY),
    "بالحرف": (box("5 ك2 2023"), DAY),
    "اسمان": (box("الخميس 5 كانون الثاني / يناير 2023 - 10:30"), DAY),
    "أرقام هندية": (box("٥ يناير ٢٠٢٣"), DAY),
    "هجري": (box("12 جمادى الآخرة 1444 هـ"), DAY),
    "هجري وميلادي": (box("الخميس 12 جمادى الآخرة 1444 هـ - 5 يناير 2023 م"), DAY),
    "تاريخ النشر": (box("تاريخ النشر: 5 يناير 2023 10:30 ص", "p", "meta"), DAY),
    "نشر ثم تحديث": (box("نُشر في 5 يناير 2023 - آخر تحديث 9 فبراير 2023"), DAY),
    "تحديث ثم نشر": ({"under": "<p>آخر تحديث: 9 فبراير 2023</p><p>نشر في: 5 يناير 2023</p>"}, DAY),
    "تحديث فقط": (box("آخر تحديث: 9 فبراير 2023"), None),
    "كاتب": (box("كتب: نادر الحلبي | 5 يناير 2023", "p", "author"), DAY),
    "كاتب في صندوق": ({"under": "<div><b>نادر الحلبي</b><span>الخميس، 05 يناير 2023</span></div>"}, DAY),
    "العدد": (box("الخميس 5 يناير 2023 - العدد 1234"), DAY),
    "مدينة": (box("القاهرة في 5 يناير 2023", "p", "place"), DAY),
    "فوق العنوان": ({"above": "<div>الخميس 5 يناير 2023</div>"}, DAY),
    "تعليق": ({"after": '<section class="comments"><div>قارئ 9 مارس 2023</div></section>'}, None),
    "حدث": (
        {"inside": "ويبدأ مهرجان الأضواء في 1 يونيو 2023 عند الميناء ويستمر أسبوعا كاملا بحضور الفرق الشعبية."},
        None,
    ),
    "آخر الأخبار": ({"around": '<div class="latest"><a href="/x">عاصفة</a> <span>12 مارس 2023</span></div>'}, None),
    "اليوم": ({"around": '<div class="top"><div class="today">الأحد 12 مارس 2023</div></div>'}, None),
    "وصف صورة": ({"inside": "<figure><figcaption>الرصيف في 3 مايو 2019</figcaption></figure>"}, None),
}


def cases() -> list[tuple[str, str, str | None]]:
    """Name, page and day of every markup: those of both languages twice."""
    found = []
    for language, own in (("en", ENGLISH), ("ar", ARABIC)):
        found += [(f"{language}: {name}", page(language, slots), day) for name, (slots, day) in {**BOTH, **own}.items()]
    return found


def by_htmldate(markup: str) -> str | None:
    import htmldate

    found: str | None = htmldate.find_date(markup, original_date=True)
    return found


def by_htmldate_careful(markup: str) -> str | None:
    import htmldate

    found: str | None = htmldate.find_date(markup, original_date=True, extensive_search=False)
    return found


def by_trafilatura(markup: str) -> str | None:
    import trafilatura

    found = trafilatura.extract_metadata(markup)
    return found.date if found else None


def by_us(markup: str) -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(markup, "utf-8")
        (document,) = read([str(path)])
    assert isinstance(document, Document)
    return Cleaner().clean(document)[0].published


READERS: dict[str, Callable[[str], str | None]] = {
    "htmldate": by_htmldate,
    "htmldate, no search": by_htmldate_careful,
    "trafilatura": by_trafilatura,
    "khabar": by_us,
}


def verdict(found: str | None, day: str | None) -> str:
    if (found or "")[:10] == (day or ""):
        return "right"
    return "wrong" if found else "none"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="print what each reader got wrong")
    options = parser.parse_args()
    table = cases()
    print(f"{len(table)} pages, {sum(day is None for _, _, day in table)} of them undated")
    for reader, find in READERS.items():
        found = [(name, find(markup), day) for name, markup, day in table]
        counts = Counter(verdict(date, day) for _, date, day in found)
        print(f"{reader:20} right {counts['right']:3}  wrong {counts['wrong']:3}  none {counts['none']:3}")
        if options.wrong:
            for name, date, day in found:
                if verdict(date, day) != "right":
                    print(f"    {name}: {date}, not {day}")


if __name__ == "__main__":
    main()
