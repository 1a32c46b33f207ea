"""Every format gives the same article; what is wrong with a file is named, and the rest still comes out."""

from __future__ import annotations

import gzip
import itertools
import json
import re
from pathlib import Path

import pytest
from articles_in_files import (
    ATOM,
    DATE,
    MARKUP,
    PAGE,
    PARAGRAPHS,
    ROW,
    RSS,
    SOURCE,
    TAGS,
    TEXT,
    TITLE,
    URL,
    documents,
    jsons,
    sha,
    table,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.read.documents import read
from index.types import Document, Noted, Rejected

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

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
