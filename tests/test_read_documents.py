"""Every format gives the same article; what is wrong with a file is named, and the rest still comes out."""

from __future__ import annotations

import csv
import gzip
import hashlib
import html
import io
import itertools
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.read import input as reading
from index.read.documents import read
from index.types import Document, Noted, Rejected

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

# "A new bridge opens in the north": two paragraphs, "The minister opened today ..." and "He said the bridge ..."
TITLE = "افتتاح جسر جديد شمال المدينة"
PARAGRAPHS = (
    "افتتح وزير النقل اليوم جسرا جديدا يربط ضفتي النهر في شمال المدينة، بعد ثلاث سنوات من العمل المتواصل.",
    "وقال الوزير إن الجسر سيخفف الازدحام عن وسط المدينة، ويختصر زمن الرحلة بين الضفتين إلى عشر دقائق.",
)
TEXT = "\n".join(PARAGRAPHS)
DATE, SOURCE, URL, TAGS = "2024-12-14", "صحيفة المرآة", "https://almiraa.example/news/17", ("جسر", "نقل")
ROW = {"title": TITLE, "text": TEXT, "date": DATE, "source": SOURCE, "url": URL, "tags": list(TAGS)}
MARKUP = "".join(f"<p>{html.escape(p)}</p>" for p in PARAGRAPHS)

PAGE = f"""<!DOCTYPE html><html lang="ar"><head><meta charset="utf-8"><title>{TITLE} - {SOURCE}</title>
<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="{SOURCE}">
<meta property="article:published_time" content="{DATE}"><link rel="canonical" href="{URL}">
<meta name="keywords" content="{", ".join(TAGS)}"><script>var secret = "لا يقرأ";</script></head>
<body><nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a></nav>
<article><h1>{TITLE}</h1>{MARKUP}</article><footer>جميع الحقوق محفوظة 2023</footer></body></html>"""

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{SOURCE}</title>
<item><title>{TITLE}</title><link>{URL}</link><pubDate>{DATE}</pubDate>
{"".join(f"<category>{t}</category>" for t in TAGS)}
<description>موجز قصير</description><content:encoded><![CDATA[{MARKUP}]]></content:encoded></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{SOURCE}</title>
<entry><title>{TITLE}</title><link href="{URL}"/><published>{DATE}</published>
{"".join(f'<category term="{t}"/>' for t in TAGS)}
<content type="html">{html.escape(MARKUP)}</content></entry></feed>"""

MARKDOWN = f"""---
title: "{TITLE}"
date: {DATE}
source: {SOURCE}
url: {URL}
tags: [{", ".join(TAGS)}]
---
**{PARAGRAPHS[0].split(" ")[0]}** {" ".join(PARAGRAPHS[0].split(" ")[1:])}
> {PARAGRAPHS[1].replace("الجسر", "[الجسر](https://almiraa.example/bridge)", 1)}
"""


def table(delimiter: str, rows: list[dict[str, object]] | None = None) -> str:
    out = io.StringIO()
    rows = rows or [{**ROW, "tags": "، ".join(TAGS)}]
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def jsons(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


ARABIC_NAMES = {
    "العنوان": TITLE,
    "النص": TEXT,
    "تاريخ النشر": DATE,
    "المصدر": SOURCE,
    "الرابط": URL,
    "كلمات دلالية": "جسر، نقل",
}
CMS = {
    "Title": {"rendered": TITLE},
    "Content": {"rendered": MARKUP},
    "pubDate": DATE,
    "publisher": {"name": SOURCE},
    "link": URL,
    "tags": [{"name": tag} for tag in TAGS],
}
SCHEMA_ORG = {
    "headline": TITLE,
    "articleBody": TEXT,
    "datePublished": DATE,
    "publisher": {"@type": "Organization", "name": SOURCE},
    "url": URL,
    "keywords": ",".join(TAGS),
}

FILES = {
    "article.html": PAGE,
    "article.htm": PAGE,
    "page.md": MARKDOWN,
    "one.json": json.dumps(ROW),
    "pretty.json": json.dumps(ROW, ensure_ascii=False, indent=2),
    "list.json": json.dumps([ROW]),
    "wrapped.json": json.dumps({"status": "ok", "total": 1, "articles": [ROW]}),
    "deep.json": json.dumps({"response": {"docs": [ROW]}}),
    "elastic.json": json.dumps({"hits": {"total": 1, "hits": [{"_score": 1.0, "_source": ROW}]}}),
    "lines.json": jsons(ROW),
    "rows.jsonl": jsons(ROW),
    "rows.ndjson": "\n\n" + jsons(ROW),
    "array.jsonl": json.dumps([ROW], indent=1),
    "arabic.jsonl": jsons(ARABIC_NAMES),
    "cms.jsonl": jsons(CMS),
    "schema.jsonl": jsons(SCHEMA_ORG),
    "comma.csv": table(","),
    "semicolon.csv": table(";"),
    "tabs.tsv": table("\t"),
    "arabic.csv": table(",", [dict(ARABIC_NAMES)]),
    "feed.xml": RSS,
    "feed.rss": RSS,
    "feed.atom": ATOM,
    "unknown.dat": jsons(ROW, ROW | {"id": 2}),
    "unknown.export": table(";"),
    "unknown.page": PAGE,
    "unknown.feed": RSS,
}


def write(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return str(path)


def documents(*sources: str) -> list[Document]:
    found = list(read(sources))
    assert not [r for r in found if isinstance(r, Rejected)]
    return [d for d in found if isinstance(d, Document)]


def split(*sources: str) -> tuple[list[Document], list[Rejected]]:
    found = list(read(sources))
    return [d for d in found if isinstance(d, Document)], [r for r in found if isinstance(r, Rejected)]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


# --- The same article in every format ---


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("name", FILES)
def test_an_article_is_the_same_in_every_format(tmp_path: Path, name: str, suffix: str) -> None:
    found = documents(write(tmp_path, name + suffix, FILES[name]))[0]
    assert (found.title, found.text, found.published, found.source, found.url, found.keywords) == (
        TITLE,
        TEXT,
        DATE,
        SOURCE,
        URL,
        TAGS,
    )
    assert found.id == sha(URL)
    assert found.path.startswith(str(tmp_path / name) + suffix)
    assert found.page == (name.split(".")[-1] in ("md", "html", "htm", "page"))


def test_a_text_file_is_a_whole_page_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "خبر.txt", f"{TITLE}\r\n\r\n{TEXT}\r\n")
    monkeypatch.chdir(tmp_path)
    (found,) = documents("خبر.txt")
    assert found == Document(id=sha(path), text=f"{TITLE}\n\n{TEXT}", path="خبر.txt", page=True)


def test_markdown_without_front_matter_keeps_its_heading_as_a_line(tmp_path: Path) -> None:
    (found,) = documents(
        write(tmp_path, "a.md", f"# {TITLE}\n\n![صورة](x.jpg)\n- {PARAGRAPHS[0]}\n\n***\nالمناطق_واس\n")
    )
    assert found.text.split() == f"{TITLE} {PARAGRAPHS[0]} المناطق_واس".split()
    assert found.page


def test_a_page_without_an_article_comes_as_a_page_with_all_its_text_and_no_script(tmp_path: Path) -> None:
    path = write(
        tmp_path, "short.html", "<html><script>alert('x')</script><body><!-- no --><b>خبر</b> قصير<br>سطر</body></html>"
    )
    (found,) = documents(path)
    assert found.text == "خبر قصير\nسطر"
    assert "alert" not in found.text


def test_a_page_saved_as_text_is_read_as_the_page_it_is(tmp_path: Path) -> None:
    (found,) = documents(write(tmp_path, "saved.txt", PAGE))
    assert (found.title, found.text) == (TITLE, TEXT)


def test_a_page_that_states_no_date_is_not_dated_by_its_copyright_notice(tmp_path: Path) -> None:
    undated = PAGE.replace(f'<meta property="article:published_time" content="{DATE}">', "")
    (found,) = documents(write(tmp_path, "a.html", undated))
    assert found.published == ""  # searched, and none stated


def test_a_beir_corpus_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "corpus.jsonl", jsons({"_id": "d7", "title": "", "text": "A bridge opened."}))
    assert documents(path) == [Document(id="d7", text="A bridge opened.", path=f"{path}:1")]


# --- Fields ---


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"date": "14/12/2024", "date_iso": "2024-12-14"}, "published", "2024-12-14"),
        ({"published_at": 1734168328}, "published", "2024-12-14T09:25:28+00:00"),
        ({"timestamp": 1734168328123}, "published", "2024-12-14T09:25:28+00:00"),
        ({"created_at": {"$date": "2024-12-14T09:25:28Z"}}, "published", "2024-12-14T09:25:28Z"),
        ({"date": 20241214}, "published", "20241214"),
        ({"Date ": "الاثنين، 28 يونيو 2021"}, "published", "الاثنين، 28 يونيو 2021"),  # as written: Monday 28 June
        ({"id": 17}, "id", "17"),
        ({"id": 17.0}, "id", "17"),
        ({"_id": {"$oid": "65a1"}}, "id", "65a1"),
        ({"id": "  a\nb "}, "id", "a b"),
        ({"id": True}, "id", sha("\nنص")),  # no id at all
        ({"lang": "ar-EG"}, "language", "ar"),
        ({"اللغة": "العربية"}, "language", "ar"),
        ({"Language": "English"}, "language", "en"),
        ({"lang": "?"}, "language", None),
        ({"source": {"id": None, "name": "المرآة"}}, "source", "المرآة"),
        ({"keywords": "['جسر', 'نقل']"}, "keywords", ("جسر", "نقل")),
        ({"tags": ["جسر"], "category": "محليات"}, "keywords", ("جسر", "محليات")),
        ({"url": "https://a.example/", "id": None}, "id", sha("\nنص")),  # a home page names no article
        ({"url": "https://a.example/1"}, "id", sha("https://a.example/1")),
        ({"url": float("nan")}, "url", None),
    ],
)
def test_a_field_is_found_and_read(tmp_path: Path, row: dict[str, object], field: str, value: object) -> None:
    (found,) = documents(write(tmp_path, "a.jsonl", jsons({"text": "نص", **row})))
    assert getattr(found, field) == value


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"title": TITLE}, TITLE),
        ({"title": TITLE, "text": "   "}, TITLE),
        ({"text": list(PARAGRAPHS)}, TEXT),
        ({"body": "قال &quot;نعم&quot; &amp; مضى"}, 'قال "نعم" & مضى'),
        ({"body": "سطر\nثم <b>سطر</b>"}, "سطر\nثم سطر"),  # "a line, then a line": the line end parts paragraphs
        ({"body": "a < b and b > c"}, "a < b and b > c"),
        ({"text": "كامل", "abstract": "موجز", "description": "وصف"}, "كامل"),  # the whole, not the summary
    ],
)
def test_the_text_of_a_row(tmp_path: Path, row: dict[str, object], text: str) -> None:
    (found,) = documents(write(tmp_path, "a.jsonl", jsons(row)))
    assert found.text == text


# --- Where sources are ---


def test_a_folder_is_read_with_its_folders_sorted_without_hidden_and_foreign_files(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/.hidden.txt", ".git/c.txt", "photo.jpg", "notes.doc", "C.TXT", "d.txt.gz"):
        write(tmp_path, name, "خبر")
    found = [d.path for d in documents(str(tmp_path))]
    assert found == [str(tmp_path / name) for name in ("C.TXT", "a/z.txt", "b.txt", "d.txt.gz")]


def test_a_pattern_is_expanded_and_no_file_is_read_twice(tmp_path: Path) -> None:
    for name in ("a.txt", "sub/b.txt", "sub/c.jpg"):
        write(tmp_path, name, "خبر")
    found = documents(f"{tmp_path}/**/*", str(tmp_path), f"{tmp_path}/a.txt", f"{tmp_path}/*")
    assert [d.path for d in found] == [str(tmp_path / "a.txt"), str(tmp_path / "sub/b.txt")]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path: Path) -> None:
    (found,) = documents(write(tmp_path, "news[1].txt", "خبر"))
    assert found.text == "خبر"


@pytest.mark.parametrize("content", [jsons(ROW), json.dumps([ROW]), table(","), RSS, ATOM, PAGE])
def test_standard_input_is_recognised(monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content.encode())))
    (found,) = documents("-")
    assert (found.title, found.text) == (TITLE, TEXT)
    assert found.path.startswith("-")


def test_standard_input_that_is_nothing_else_is_text_and_may_be_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(TEXT.encode()))))
    (found,) = documents("-")
    assert (found.text, found.page, found.id) == (TEXT, True, sha(TEXT))


def test_a_packed_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    packed = gzip.compress(jsons(*({"id": n, "text": TEXT} for n in range(3000))).encode())
    code = "from index.read.documents import read; print(sum(1 for _ in read(['-'])))"
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, cwd=root, check=True)
    assert (done.stdout.strip(), done.stderr) == (b"3000", b"")


def test_folders_may_be_nested_deeper_than_calls_may(tmp_path: Path) -> None:
    top = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(1200):
            os.mkdir("d")
            os.chdir("d")
        Path("a.txt").write_text("خبر", encoding="utf-8")
    finally:
        os.chdir(top)
    try:
        assert len(documents(str(tmp_path))) == 1
    finally:
        subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)  # deeper than shutil can remove


def test_progress_ends_at_all_bytes_and_never_goes_back(tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{i}.jsonl", jsons(*({"id": n, "text": TEXT} for n in range(900)))) for i in range(2)]
    total = sum(os.path.getsize(path) for path in paths)
    seen: list[tuple[int, int]] = []
    assert len(list(read(paths, progress=lambda done, all_: seen.append((done, all_))))) == 1800
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)
    assert len(seen) > 4


# --- Lines ---


def test_rows_are_named_by_their_real_line_also_when_cells_hold_several_lines(tmp_path: Path) -> None:
    rows = [
        {"title": "أ", "text": "سطر\nسطر\nسطر"},
        {"title": "", "text": ""},
        {"title": "ب", "text": "نص"},
        {"title": " ", "text": " "},
    ]
    path = write(tmp_path, "a.csv", table(",", rows))  # type: ignore[arg-type]
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:6"]
    assert bad == []  # rows of empty cells only are no rows
    path = write(tmp_path, "b.csv", 'id,title,text\n1,أ,"سطر\nسطر"\n2,,\n\n3,ب,نص\n')
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:6"]
    assert [r.path for r in bad] == [f"{path}:4"]
    assert bad[0].reason.startswith("row without text")


def test_json_objects_are_named_by_the_line_they_begin_on(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '{"articles": [\n{"text": "أ"},\n\n{"text":\n"ب"}\n, {"id": 1}]}')
    good, bad = split(path)
    assert [d.path for d in good] == [f"{path}:2", f"{path}:4"]
    assert [(r.path, r.reason) for r in bad] == [(f"{path}:6", "row without text: its fields are id")]


def test_feed_items_are_named_by_their_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.rss", RSS)
    assert documents(path)[0].path == f"{path}:3"


# --- What is wrong is named, what is right comes out ---


def good_line(n: int) -> bytes:
    return jsons({"id": n, "text": "نص"}).encode()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "cut\n', "broken JSON"),
        (b"[1, 2]\n", "row is a list"),
        (b'"text"\n', "row is a string"),
        (b"null\n", "row is null"),
        (b"12\n", "row is a number"),
        (b"{}\n", "row without text: it has no fields"),
        (b'{"id": 5, "views": 7}\n', "row without text: its fields are id, views"),
        (b"[" * 100_000 + b"\n", "JSON is nested too deeply"),
        (b"\x00\x01\n", "broken JSON"),
    ],
)
def test_one_bad_line_of_json_lines_costs_one_row(tmp_path: Path, line: bytes, reason: str) -> None:
    path = write(tmp_path, "a.jsonl", good_line(1) + line + good_line(3))
    good, bad = split(path)
    assert [d.id for d in good] == ["1", "3"]
    assert [r.path for r in bad] == [f"{path}:2"]
    assert bad[0].reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b'{"text": "a\\ud800b"}\n', "a\ufffdb"),  # half of a pair
        (b'{"text": "\\ud83d\\ude00"}\n', "\U0001f600"),  # a whole pair
        (b'{"text": "a\\u0000b\\u0007"}\n', "ab"),
        (b'{"text": "a\x00b\tc"}\n', "ab\tc"),
        (b'{"text": "n", "views": ' + b"9" * 5000 + b"}\n", "n"),
        (b'{"text": "n", "score": NaN, "rate": 1e999}\n', "n"),
        (b'{"text": "' + b"x" * 3_000_000 + b'"}\n', "x" * 3_000_000),
        (b'{"text": "n"}\r\n', "n"),
        (b'\xef\xbb\xbf{"text": "n"}\n', "n"),
    ],
)
def test_odd_but_whole_rows_are_read(tmp_path: Path, line: bytes, text: str) -> None:
    (found, _) = documents(write(tmp_path, "a.jsonl", line + good_line(2)))
    assert found.text == text
    found.text.encode()


BOMB = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 9 if i else "lol"}">' for i in range(9))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n ", "is empty"),
        ("empty.jsonl", b"\n\n", "is empty"),
        ("empty.json", b"", "is empty"),
        ("empty.json", b'{"status": "ok", "articles": []}', "is empty"),
        ("empty.csv", b"", "is empty"),
        ("header.csv", b"title,text\n", "is empty"),
        ("empty.html", b"<html><body></body></html>", "has no text"),
        ("empty.txt.gz", b"", "is empty"),
        (
            "picture.txt",
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            "is not text but binary data: Portable Network Graphics file",
        ),
        ("paper.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF that is damaged"),
        ("archive.txt", b"PK\x03\x04" + bytes(100), "is a zip that is damaged"),
        ("packed.jsonl.gz", gzip.compress(b"x", mtime=0), "is not text but binary data: GZIP Archive file"),
        ("random.csv", bytes(range(256)) * 9, "is not text but binary data"),
        ("zeros.txt", bytes(5000), "is not text but binary data"),
        ("columns.csv", "رقم,قيمة\n1,2\n".encode(), "no column is called title or text"),
        ("broken.json", b'{"text": ', "broken JSON"),
        ("deep.json", b"[" * 100_000, "JSON is nested too deeply"),
        ("deep2.json", b'{"data":' * 100_000, "JSON is nested too deeply"),
        ("plain.xml", b"<?xml version='1.0'?><catalog><book/></catalog>", "holds no RSS item or Atom entry"),
        ("no.xml", b"hello", "is not XML"),
        (
            "bomb.xml",
            f"<!DOCTYPE r [{BOMB}]><rss><channel><item><title>&l8;</title></item></channel></rss>".encode(),
            "defines XML entities",
        ),
        (
            "out.xml",
            b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss><item><title>&x;</title></item></rss>',
            "defines XML entities",
        ),
    ],
)
def test_a_file_that_holds_no_article_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    path = write(tmp_path, name, content)
    good, bad = split(path)
    assert good == []
    assert len(bad) == 1
    assert bad[0].path.startswith(path)
    assert bad[0].reason.startswith(reason)


def test_what_stands_before_a_break_in_a_json_list_comes_out(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '[{"text": "أ"},\n{"text": "ب"},\n{"text": "ج')
    good, bad = split(path)
    assert [d.text for d in good] == ["أ", "ب"]
    assert [r.path for r in bad] == [f"{path}:3"]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz"])
def test_the_whole_rows_of_a_truncated_gzip_come_out(tmp_path: Path, name: str) -> None:
    rows = [{"id": n, "text": f"{TEXT} {hashlib.sha256(bytes([n % 256])).hexdigest() * 9}{n}"} for n in range(2000)]
    content = jsons(*rows) if "jsonl" in name else table(",", rows)  # type: ignore[arg-type]
    path = write(tmp_path, name, content)
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    good, bad = split(path)
    assert len(good) > 500
    assert [d.id for d in good] == [str(n) for n in range(len(good))]
    assert bad[-1].reason.startswith("the gzip data ends too early")


def test_a_gzip_whose_middle_is_damaged_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt.gz", TEXT * 500)
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20] = b"\xff" * 20
    Path(path).write_bytes(data)
    assert "gzip data is damaged" in split(path)[1][0].reason


def test_a_gzip_bomb_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(100):
            file.write(b" " * (1 << 20))
    good, bad = split(str(path))
    assert good == []
    assert bad == [
        Rejected(
            str(path),
            f"unpacks to more than {reading.MAX_RATIO} times its size, as gzip bombs do; nothing further was read",
        )
    ]


def test_a_page_as_large_as_a_library_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"word " * (reading.MAX_PAGE // 5 + 1))
    assert "is larger than 16 MiB" in split(path)[1][0].reason


def test_a_quotation_mark_that_never_closes_costs_one_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,text\n1,أ\n2,"ب\n3,ج\n4,"د\nد"\n5,ه\n')
    good, bad = split(path)
    assert [d.id for d in good] == ["1", "3", "4", "5"]
    assert [r.path for r in bad] == [f"{path}:3"]


def test_a_csv_row_with_more_cells_than_columns_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,text\n1,أ\n2,ب,ج\n3,د,,\n")
    good, bad = split(path)
    assert [d.id for d in good] == ["1", "3"]
    assert [r.path for r in bad] == [f"{path}:3"]


def test_zero_bytes_in_a_table_are_dropped(tmp_path: Path) -> None:
    (found,) = documents(write(tmp_path, "a.csv", "id,text\n1,أ\0ب\n"))
    assert found.text == "أب"


def test_quotation_marks_in_a_table_without_quoting_are_letters(tmp_path: Path) -> None:
    found = documents(write(tmp_path, "a.tsv", 'id\ttext\n1\t"نعم" قال الوزير\n2\tلا "\n'))
    assert [d.text for d in found] == ['"نعم" قال الوزير', 'لا "']


def test_a_feed_that_is_cut_short_gives_its_items_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.rss", RSS[: RSS.index("</channel>")])
    good, bad = split(path)
    assert [d.title for d in good] == [TITLE]
    assert bad[0].reason.startswith("is cut short")


def test_entities_for_single_characters_in_a_feed_are_harmless(tmp_path: Path) -> None:
    feed = RSS.replace("<rss", '<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>\n<rss', 1)
    assert documents(write(tmp_path, "a.rss", feed))[0].title == TITLE


# --- Sources that cannot be read ---


def unmade(folder: Path) -> str:
    return str(folder / "none.txt")


def dangling(folder: Path) -> str:
    (folder / "link.txt").symlink_to(folder / "gone.txt")
    return str(folder / "link.txt")


def circle(folder: Path) -> str:
    (folder / "a.txt").symlink_to(folder / "b.txt")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    return str(folder / "a.txt")


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.txt")
    return str(folder / "pipe.txt")


def plug(folder: Path) -> str:
    with socket.socket(socket.AF_UNIX) as open_socket:
        open_socket.bind(str(folder / "s.txt"))
    return str(folder / "s.txt")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (unmade, "there is no such file"),
        (dangling, "is a link to"),
        (circle, "cannot be read: Too many levels of symbolic links"),
        (pipe, "is a pipe, socket or device"),
        (plug, "is a pipe, socket or device"),
        (lambda folder: "/dev/zero", "is a pipe, socket or device"),
        (lambda folder: f"{folder}/*.none", "matches no file"),
        (lambda folder: "", "is not the name of a file"),
        (lambda folder: "a\0b", "is not the name of a file"),
        (lambda folder: "x" * 5000, "cannot be read: File name too long"),
        (lambda folder: "https://almiraa.example/news/17", "is an address"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_and_the_next_is_read(
    tmp_path: Path, make: Callable[[Path], str], reason: str
) -> None:
    good, bad = split(make(tmp_path), write(tmp_path, "good/good.txt", "خبر"))
    assert [d.text for d in good] == ["خبر"]
    assert len(bad) == 1
    assert bad[0].reason.startswith(reason)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_and_folders_without_permission_are_named(tmp_path: Path) -> None:
    file, folder = Path(write(tmp_path, "a.txt", "خبر")), tmp_path / "shut"
    folder.mkdir()
    file.chmod(0)
    folder.chmod(0)
    try:
        assert {r.reason for r in split(str(tmp_path))[1]} == {
            "cannot be read: Permission denied",
            "cannot be opened: Permission denied",
        }
    finally:
        folder.chmod(0o700)


def test_a_folder_that_links_to_itself_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a/b.txt", "خبر")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    good, bad = split(str(tmp_path))
    assert len(good) == 1
    assert [(r.path, r.reason) for r in bad] == [
        (str(tmp_path / "a" / "up"), "is a link back to a folder that it is in")
    ]


def test_a_name_that_is_not_utf8_can_still_be_stored(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xde\xc8\xd1.txt"
    with open(name, "wb") as file:
        file.write("خبر".encode())
    (found,) = documents(str(tmp_path))
    assert found.path.encode().decode().endswith("\ufffd\ufffd\ufffd.txt")


def test_an_interrupt_is_not_swallowed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", good_line(1))

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(read([path], progress=interrupt))


# --- Anything at all ---


@pytest.mark.parametrize("suffix", ["md", "html", "xml", "txt", "json", "csv", "tsv", "jsonl"])
@pytest.mark.parametrize(
    "unit", ["#", "# ", "`", "*", "_ ", "[", "![](", "<!ENTITY ", "<", "<a ", "<!--", "<p>", '"', "a=", " ", "- "]
)
def test_no_repetition_takes_more_than_linear_time(tmp_path: Path, unit: str, suffix: str) -> None:
    # Quadratic time would mean thousands of millions of steps: nobody would wait for the end of this test.
    check(write(tmp_path, f"any.{suffix}", "---\na" + unit * 50_000 + "x"))


SUFFIXES = sorted({name.split(".", 1)[1] for name in FILES} | {"txt", "dat"})


def check(path: str) -> None:
    found = list(read([path]))
    assert found
    for record in found:
        assert isinstance(record, Document | Rejected | Noted)
        assert record.path.startswith(path)
        if isinstance(record, Rejected):
            assert not re.search(r"cannot be read: \w+:", record.reason)  # no error that nobody thought of
        elif isinstance(record, Document):
            assert record.id
            assert record.text.strip()
        for value in (getattr(record, name) for name in record.__slots__):
            if isinstance(value, str):
                value.encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400) | st.text(max_size=200).map(str.encode), suffix=st.sampled_from(SUFFIXES))
def test_any_bytes_under_any_suffix_give_documents_or_a_reason(tmp_path: Path, data: bytes, suffix: str) -> None:
    check(write(tmp_path, f"any.{suffix}", data))


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    suffix=st.sampled_from(SUFFIXES),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=12)), max_size=4),
    packed=st.booleans(),
)
def test_good_files_with_damage_give_documents_or_a_reason(
    tmp_path: Path, name: str, suffix: str, cuts: list[tuple[float, int, bytes]], packed: bool
) -> None:
    data = FILES[name].encode()
    data = gzip.compress(data) if packed else data
    for where, length, new in cuts:
        at = int(where * len(data))
        data = data[:at] + new + data[at + length :]
    path = tmp_path / f"any.{suffix}"
    path.write_bytes(data)
    check(str(path))


# --- Real files ---


@pytest.mark.skipif(not (SHARED / "samples").is_dir(), reason="needs ../shared")
def test_all_five_scraped_pages_are_read() -> None:
    found = documents(str(SHARED / "samples" / "scraped-ar"))
    assert len(found) == 5
    assert all(d.page and len(d.text) > 1000 and d.path.endswith(".txt") for d in found)


@pytest.mark.skipif(not (SHARED / "data" / "news").is_dir(), reason="needs ../shared")
@pytest.mark.parametrize("name", ["antcorpus_multisource", "antcorpus_jawhara", "allsides_en", "arwiki_sample10k"])
def test_the_first_rows_of_the_news_files_are_read(name: str) -> None:
    path = SHARED / "data" / "news" / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in itertools.islice(file, 200)]
    found_there = (record for record in read([str(path)]) if isinstance(record, Document))
    for number, (row, found) in enumerate(zip(rows, found_there, strict=False), 1):
        assert found.path == f"{path}:{number}"
        assert found.language == row["lang"]
        assert found.published == row.get("date_iso", row["date"])
        assert found.source == row["source"]
        if "Ã" not in row["title"]:  # three headlines were decoded by a wrong encoding; they are repaired
            assert "".join(found.title.split()) == "".join(row["title"].split())


def test_of_a_test_collection_only_the_corpus_is_read(tmp_path: Path) -> None:
    row = '{"_id": "%s", "title": "Wheat", "text": "Wheat rose in price."}\n'
    (tmp_path / "corpus.jsonl").write_text(row % "article", "utf-8")
    (tmp_path / "queries.jsonl").write_text(row % "query", "utf-8")
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nquery\tarticle\t1\n", "utf-8")
    (tmp_path / "README.md").write_text("# About this collection", "utf-8")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "page.txt").write_text("Flood in Sarmin\n\nThe river rose by two metres.", "utf-8")
    found = list(read([str(tmp_path)]))
    assert [Path(document.path).name for document in found] == ["corpus.jsonl:1", "page.txt"]


@pytest.mark.parametrize("address", ["\x08", " ", "", [], {}])
def test_an_empty_address_is_none(tmp_path: Path, address: object) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "The river rose.", "url": address}), "utf-8")
    (document,) = read([str(tmp_path / "a.jsonl")])
    assert isinstance(document, Document)
    assert document.url is None
