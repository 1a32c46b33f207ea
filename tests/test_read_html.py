"""HTML pages: the facts they state, the words that must not be lost, and pages that are no articles."""

import json
from pathlib import Path

import pytest

from index.clean import Cleaner
from index.read import read
from index.types import Article, Document, Noted, Rejected

TEXTS = {
    "en": (
        "Ferry returns to the old quay of the bay",
        "The ferry between the two shores of the bay sailed again on Thursday after a winter in the dry dock.",
        "Its captain, Nora Halabi, said that the new engine burns a third less fuel than the one it replaces.",
        "Schoolchildren from the island were the first aboard, as the crossing saves them an hour on the bus.",
    ),
    "ar": (
        "العبارة تعود إلى الرصيف القديم في الخليج",
        "أبحرت العبارة بين ضفتي الخليج مجددا يوم الخميس بعد شتاء كامل قضته في الحوض الجاف للصيانة والطلاء.",
        "وقالت القبطان نورا الحلبي إن المحرك الجديد يستهلك وقودا أقل بمقدار الثلث من المحرك الذي حل محله.",
        "وكان تلاميذ الجزيرة أول الركاب لأن العبور يوفر عليهم ساعة كاملة في الحافلة كل صباح ومساء.",
    ),
}
SITES = {"en": "Bay Observer", "ar": "مرصد الخليج"}
DAY = "2023-01-05"
LANGUAGES = pytest.mark.parametrize("language", ["en", "ar"])


def paragraphs(language: str, tag: str = "p") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in TEXTS[language][1:])


def markup(body: str, head: str = "", language: str = "en") -> str:
    return f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def records(folder: Path, text: str) -> list[Document | Rejected]:
    path = folder / "page.html"
    path.write_text(text, "utf-8")
    return list(read([str(path)]))


def article(folder: Path, text: str) -> Article:
    (document,) = [record for record in records(folder, text) if not isinstance(record, Noted)]
    assert isinstance(document, Document), document
    return Cleaner().clean(document)[0]


# --- Titles ---


@LANGUAGES
@pytest.mark.parametrize(
    "logo",
    [
        '<h1 class="logo"><a href="/">{site}</a></h1>',
        '<header><h1><a href="/">{site}</a></h1></header>',
        '<h1 id="site-title">{site}</h1>',
        '<h1><a href="https://bay.example/" rel="home">{site}</a></h1>',
    ],
)
@pytest.mark.parametrize("stated", ["{title} - {site}", "{site} - {title}", "{title} | {site}", "{title} « {site}"])
def test_the_logo_of_the_site_is_no_headline(tmp_path: Path, language: str, logo: str, stated: str) -> None:
    title, site = TEXTS[language][0], SITES[language]
    head = f"<title>{stated.format(title=title, site=site)}</title>"
    body = f"{logo.format(site=site)}<div><h2>{title}</h2>{paragraphs(language)}</div>"
    assert article(tmp_path, markup(body, head, language)).title == title


@LANGUAGES
@pytest.mark.parametrize(
    "stated", ["{title} - {site}", "{site} | {title}", "{title} – {site}", "{title} | News | {site}"]
)
@pytest.mark.parametrize("heading", ["<h1>{title}</h1>", ""])
def test_the_name_of_the_site_leaves_the_title_when_the_page_says_it(
    tmp_path: Path, language: str, stated: str, heading: str
) -> None:
    title, site = TEXTS[language][0], SITES[language]
    whole = stated.format(title=title, site=site)
    head = f'<title>{whole}</title><meta property="og:title" content="{whole}">'
    head += f'<meta property="og:site_name" content="{site}">'
    body = f"<article>{heading.format(title=title)}{paragraphs(language)}</article>"
    assert article(tmp_path, markup(body, head, language)).title == title


def test_a_headline_with_dashes_keeps_them(tmp_path: Path) -> None:
    title = "Algiers - Tunis - Tripoli: a railway returns"
    body = f"<article><h1>{title}</h1>{paragraphs('en')}</article>"
    assert article(tmp_path, markup(body, f"<title>{title} | Bay Observer</title>")).title == title
    assert article(tmp_path, markup(f"<article>{paragraphs('en')}</article>", f"<title>{title}</title>")).title == title


def test_the_headline_is_what_readers_see_not_the_tagline_for_machines(tmp_path: Path) -> None:
    script = json.dumps({"@type": "Article", "headline": "quay on the western shore", "name": "Old Quay"})
    head = f'<title>Old Quay - Baypedia</title><script type="application/ld+json">{script}</script>'
    assert article(tmp_path, markup(f"<h1>Old Quay</h1>{paragraphs('en')}", head)).title == "Old Quay"


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>Bay Observer</title>", f"<h1>Bay Observer</h1><h2>{TEXTS['en'][0]}</h2>", TEXTS["en"][0]),
        (
            f"<title>{TEXTS['en'][0]} | Bay Observer</title>",
            "<h1>Ferry is back after a winter</h1>",
            "Ferry is back after a winter",
        ),
        (f"<title>Bay Observer: {TEXTS['en'][0]}</title>{{site}}", "", TEXTS["en"][0]),
        (f"<title>{TEXTS['en'][0]}-Bay Observer</title>{{site}}", "", TEXTS["en"][0]),
    ],
)
def test_what_readers_see_as_headline_is_the_title(tmp_path: Path, head: str, heading: str, title: str) -> None:
    head = head.format(site='<meta property="og:site_name" content="Bay Observer">')
    assert article(tmp_path, markup(f"<div>{heading}{paragraphs('en')}</div>", head)).title == title


def test_a_row_of_a_known_source_has_its_title_without_the_source() -> None:
    document = Document(
        id="r", text=TEXTS["en"][1], path="r:1", title=f"{TEXTS['en'][0]} - Bay Observer", source="Bay Observer"
    )
    assert Cleaner().clean(document)[0].title == TEXTS["en"][0]


# --- Dates ---


@LANGUAGES
@pytest.mark.parametrize(
    ("head", "published"),
    [
        ('<meta property="article:published_time" content="2023-01-05T08:30:00+03:00">', "2023-01-05T08:30:00+03:00"),
        ('<meta property="article:published_time" content="الخميس 5 يناير 2023">', DAY),
        ('<meta property="article:published_time" content="1672905600">', "2023-01-05T08:00:00+00:00"),
        ('<meta property="og:release_date" content="2023-01-05">', DAY),
        ('<meta name="DC.date.issued" content="2023-01-05">', DAY),
        ('<meta name="twitter:label1" content="Published"><meta name="twitter:data1" content="January 5, 2023">', DAY),
        ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"٢٠٢٣-٠١-٠٥"}</script>', DAY),
        (
            '<script type="application/ld+json">{"@type":"Article","a":"b"c","datePublished":"2023-01-05",}</script>',
            DAY,
        ),
        ('<meta property="article:modified_time" content="2023-02-09T08:00:00Z">', None),
        ('<script>var offer = {"expires": "2031-01-31"};</script>', None),
        ('<link rel="canonical" href="https://bay.example/2023/01/05/ferry/">', DAY),
        ('<link rel="canonical" href="https://bay.example/2023/01/92713">', None),
    ],
)
def test_the_date_that_a_page_states_for_machines(
    tmp_path: Path, language: str, head: str, published: str | None
) -> None:
    body = f"<article><h1>{TEXTS[language][0]}</h1>{paragraphs(language)}</article>"
    assert article(tmp_path, markup(body, head, language)).published == published


@pytest.mark.parametrize(
    ("language", "line", "published"),
    [
        ("ar", "05 يناير 2023 - 10:30", "2023-01-05T10:30"),
        ("ar", "12 جمادى الآخرة 1444 هـ", DAY),
        ("ar", "٥ يناير ٢٠٢٣", DAY),
        ("ar", "تاريخ النشر: 5 كانون الثاني 2023", DAY),
        ("ar", "كتب: نادر الحلبي | 5 يناير 2023", DAY),
        ("ar", "آخر تحديث: 9 فبراير 2023 | نشر في: 5 يناير 2023", DAY),
        ("ar", "آخر تحديث: 9 فبراير 2023", None),
        ("en", "By Nora Halabi | January 5, 2023", DAY),
        ("en", "Jan 5, 2023 Updated Feb 9, 2023 0", DAY),
        ("en", "Updated: February 9, 2023", None),
        ("en", '<time datetime="2023-01-05T08:30:00Z">3 hours ago</time>', "2023-01-05T08:30:00+00:00"),
    ],
)
def test_the_date_beside_the_headline_is_read_and_leaves_the_text(
    tmp_path: Path, language: str, line: str, published: str | None
) -> None:
    body = f'<article><h1>{TEXTS[language][0]}</h1><div class="date">{line}</div>{paragraphs(language)}</article>'
    found = article(tmp_path, markup(body, "", language))
    assert found.published == published
    assert found.text == "\n".join(TEXTS[language][1:])


@pytest.mark.parametrize(
    "around_the_date",
    [
        '<ul class="meta"><li>نادر الحلبي</li><li>{}</li></ul>',
        '<div><a href="/author/7">نادر الحلبي</a> <span>{}</span></div>',
        "<div><span>نُشر في</span><span>{}</span></div>",
        "<p>شتاء من الإصلاح ينتهي.</p><p>{}</p>",
        '<span class="entry-updated">9 فبراير 2023</span><span class="entry-date">{}</span>',
    ],
)
def test_the_boxes_around_a_date_do_not_hide_it(tmp_path: Path, around_the_date: str) -> None:
    head = around_the_date.format("5 يناير 2023")
    found = article(tmp_path, markup(f"<article><h1>{TEXTS['ar'][0]}</h1>{head}{paragraphs('ar')}</article>", "", "ar"))
    assert found.published == DAY
    assert "2023" not in found.text


@LANGUAGES
@pytest.mark.parametrize(
    ("around", "after"),
    [
        ('<div class="topbar"><span class="date">12/03/2023</span></div>', ""),
        ('<div id="wrap"><p>الأحد 12 مارس 2023</p></div>', ""),
        ("", "<h3>التعليقات</h3><p>قارئ</p><p>9 مارس 2023</p><p>خبر جميل.</p>"),
        ('<aside><ul><li><a href="/x">x</a> <time>March 12, 2023</time></li></ul></aside>', ""),
        ("", '<section id="comments"><b>reader</b> <time>March 9, 2023</time><p>Sad news.</p></section>'),
        ("", '<div class="comment"><span>9 مارس 2023</span><p>خبر محزن.</p></div>'),
        ("", '<div class="related"><span class="date">March 12, 2023</span><a href="/x">Bread prize</a></div>'),
        ("", "<footer>© 2021</footer>"),
        ("", "<p>The feast is on <time datetime='2023-06-01'>1 June 2023</time>.</p>"),
    ],
)
def test_an_undated_page_takes_no_date_of_anything_else(tmp_path: Path, language: str, around: str, after: str) -> None:
    body = f"{around}<article><h1>{TEXTS[language][0]}</h1>{paragraphs(language)}</article>{after}"
    assert article(tmp_path, markup(body, "", language)).published is None


# --- Text ---


@pytest.mark.parametrize("tag", ["time", "q", "label", "output", "nobr", "bdi", "font", "mark", "data", "var", "abbr"])
@pytest.mark.parametrize("frame", ["<article>{}</article>", "<table><tr><td>{}</td></tr></table>"])
def test_no_word_of_a_sentence_is_lost_with_its_element(tmp_path: Path, tag: str, frame: str) -> None:
    sentence = f"<p>The feast of the sea begins at <{tag}>half past nine</{tag}> in the old harbour.</p>"
    body = frame.format(f"<h1>{TEXTS['en'][0]}</h1>{sentence}{paragraphs('en')}")
    assert "begins at half past nine in the old harbour." in article(tmp_path, markup(body)).text.replace('"', "")


def test_a_page_laid_out_by_tables_gives_its_article_without_menu_and_side_bar(tmp_path: Path) -> None:
    title, site = TEXTS["ar"][0], SITES["ar"]
    menu = '<tr><td colspan="2"><a href="/">الرئيسية</a> | <a href="/l">محليات</a></td></tr>'
    side = '<td width="200"><table><tr><td><a href="/1">خباز القرية يفوز بجائزة الخبز</a></td></tr></table></td>'
    text = "<br><br>".join(TEXTS["ar"][1:])
    cell = f'<td><font size="5"><b>{title}</b></font><br><font>الخميس 5 يناير 2023</font><br><br>{text}</td>'
    body = f"<table>{menu}<tr>{side}{cell}</tr></table>"
    found = article(tmp_path, markup(body, f"<title>{site} - {title}</title>", "ar"))
    assert (found.title, found.published, found.text) == (title, DAY, "\n".join(TEXTS["ar"][1:]))


def test_a_table_of_figures_stays_in_the_text(tmp_path: Path) -> None:
    table = "<table><tr><th>Port</th><th>Ships</th></tr><tr><td>Marsa</td><td>4711</td></tr></table>"
    body = f"<article><h1>{TEXTS['en'][0]}</h1>{paragraphs('en')}{table}</article>"
    assert "4711" in article(tmp_path, markup(body)).text


@pytest.mark.parametrize("field", ["articleBody", "body"])
def test_a_text_that_only_a_script_holds_is_read(tmp_path: Path, field: str) -> None:
    script = json.dumps({"@type": "NewsArticle", "headline": TEXTS["en"][0], field: "\n".join(TEXTS["en"][1:])})
    head = f'<title>{TEXTS["en"][0]}</title><script type="application/ld+json">{script}</script>'
    found = article(tmp_path, markup('<div id="app"></div>', head))
    assert (found.title, found.text) == (TEXTS["en"][0], "\n".join(TEXTS["en"][1:]))


@LANGUAGES
@pytest.mark.parametrize(
    "line",
    [
        "انسخ الرابط",
        "Copy link",
        "لمتابعة آخر الأخبار عبر قناتنا على واتساب اضغط هنا",
        "تابعوا آخر أخبارنا عبر Google News",
        "(Reporting by Nora Halabi; Editing by Omar Said)",
        "(إعداد نورا الحلبي للنشرة العربية - تحرير عمر سعيد)",
        "Our Standards: The Bay Principles.",
        "Subscribe to continue reading",
        "You have read your last free article this month. Subscribe now for just 1 dinar a week.",
        "Already a subscriber? Log in",
        "هذا المحتوى متاح للمشتركين فقط",
        "The post Ferry returns appeared first on Bay Observer.",
        "ظهرت المقالة العبارة تعود أولاً على مرصد الخليج.",
        '[caption id="attachment_7" align="alignnone" width="300"]',
        "[+1234 chars]",
    ],
)
def test_what_stands_around_an_article_leaves_its_text(tmp_path: Path, language: str, line: str) -> None:
    body = f"<article><h1>{TEXTS[language][0]}</h1>{paragraphs(language)}<p>{line}</p></article>"
    assert article(tmp_path, markup(body, "", language)).text == "\n".join(TEXTS[language][1:])


@pytest.mark.parametrize("line", ["سلوان: «الشرق الأوسط»", "القاهرة - أ ش أ", "By JANE DOE Associated Press"])
def test_who_sent_a_report_leaves_the_text_of_a_page(tmp_path: Path, line: str) -> None:
    body = f"<article><h1>{TEXTS['ar'][0]}</h1><p>{line}</p>{paragraphs('ar')}</article>"
    assert article(tmp_path, markup(body, "", "ar")).text == "\n".join(TEXTS["ar"][1:])


# --- Pages that are no articles ---


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Access Denied", "<h1>Access Denied</h1>You don't have permission to access this on this server."),
        ("403 Forbidden", "<center><h1>403 Forbidden</h1></center><hr><center>nginx</center>"),
        ("502 Bad Gateway", "<h1>502 Bad Gateway</h1>"),
        ("Page not found - Bay Observer", "<h1>404</h1><p>Sorry, the page you requested could not be found.</p>"),
        ("الصفحة غير موجودة - 404", "<h1>404</h1><p>عذرا، الصفحة التي تبحث عنها غير موجودة أو تم حذفها.</p>"),
        ("مرصد الخليج", "<h1>عفوا</h1><p>الصفحة المطلوبة غير متوفرة</p><p>لم يتم العثور على الصفحة</p>"),
        ("Just a moment...", "<h1>bay.example</h1><h2>Verify you are human by completing the action below.</h2>"),
        ("Are you a robot?", "<p>To continue, please click the box below to let us know you're not a robot.</p>"),
        ("Attention Required! | Cloudflare", "<p>Please enable cookies.</p>"),
        ("الموقع تحت الصيانة", "<p>نعود إليكم قريبا.</p>"),
    ],
)
def test_a_notice_in_place_of_an_article_is_named_and_refused(tmp_path: Path, title: str, body: str) -> None:
    (found,) = records(tmp_path, markup(body, f"<title>{title}</title>"))
    assert isinstance(found, Rejected)
    assert "is no article but the notice" in found.reason


@pytest.mark.parametrize("title", ["404", "Access denied to the harbour", "Just a moment: the ferry that waits"])
def test_an_article_about_such_a_notice_is_an_article(tmp_path: Path, title: str) -> None:
    long = paragraphs("en") * 6
    assert article(tmp_path, markup(f"<article><h1>{title}</h1>{long}</article>")).text


# --- Language ---


@pytest.mark.parametrize(
    ("language", "stated", "sentence"),
    [
        (
            "fa",
            "fa",
            "کشتی مسافربری پس از یک زمستان تعمیر در حوضچه خشک روز پنجشنبه دوباره میان دو ساحل خلیج به راه افتاد.",
        ),
        (
            "fa",
            "ar",
            "ناخدای کشتی گفت که موتور تازه یک سوم کمتر از موتور پیشین سوخت مصرف می‌کند و مسافران خوشحال هستند.",
        ),
        (
            "ur",
            "en",
            "جہاز کے کپتان نے جمعرات کو کہا کہ نیا انجن پرانے انجن کے مقابلے میں ایک تہائی کم ایندھن استعمال کرتا ہے۔",
        ),
        ("ku", "ar", "کاپتنی کەشتییەکە ڕۆژی پێنجشەممە وتی کە بزوێنەرە نوێیەکە سێیەکی کەمتر سووتەمەنی بەکار دەهێنێت."),
        (
            "fr",
            "en",
            "Le bac a repris jeudi la traversée de la baie après un hiver en cale sèche, a annoncé la capitaine.",
        ),
        (
            "de",
            "en",
            "Die Fähre fährt seit Donnerstag wieder über die Bucht, nachdem sie den Winter im Trockendock lag.",
        ),
        ("ar", "en", TEXTS["ar"][1]),
        ("en", "ar", TEXTS["en"][1]),
    ],
)
def test_the_text_decides_about_its_language(tmp_path: Path, language: str, stated: str, sentence: str) -> None:
    body = f"<article><h1>{sentence[:40]}</h1><p>{sentence}</p><p>{sentence}</p></article>"
    assert article(tmp_path, markup(body, "", stated)).language == language
