"""Old encodings are recognised from the bytes alone, and a few broken bytes cost no more than themselves."""

from __future__ import annotations

import codecs
import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.read.documents import read
from index.read.encodings import SAMPLE, decode, detect, not_text
from index.types import Document

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

# "The municipality said on Sunday that the repair of the old road will end next month, and that traffic will ..."
ARABIC = "قالت البلدية يوم الأحد إن إصلاح الطريق القديم سينتهي في الشهر المقبل، وإن حركة المرور ستعود إلى ما كانت عليه."
MIXED = f"{ARABIC} Road repairs in the old town end next month (Agencies)."
ENGLISH = (
    "The café on the old road reopens on Monday – “at last”, says its owner, Señor Núñez, who paid €500 for repairs."
)

ENCODED = [
    (ARABIC, "utf-8"),
    (ARABIC, "utf-8-sig"),
    (ARABIC, "utf-16"),
    (ARABIC, "utf-16-le"),
    (ARABIC, "utf-16-be"),
    (ARABIC, "utf-32"),
    (ARABIC, "cp1256"),
    (ARABIC, "iso8859_6"),
    (MIXED, "utf-16-le"),
    (MIXED, "cp1256"),
    (MIXED, "iso8859_6"),
    (ENGLISH, "utf-8"),
    (ENGLISH, "utf-16-be"),
    (ENGLISH, "cp1252"),
    ("Only ASCII letters.", "ascii"),
]


@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_text_is_recognised_in_every_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("suffix", ["txt", "jsonl", "json", "csv", "tsv", "html", "rss"])
@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_files_of_every_format_are_read_in_every_encoding(
    tmp_path: Path, text: str, encoding: str, suffix: str
) -> None:
    row = json.dumps({"text": text}, ensure_ascii=False)
    content = {
        "txt": text,
        "jsonl": f"{row}\r\n{row}\r\n",
        "json": f"[{row}]",
        "csv": f'id,text\r\n1,"{text}"\r\n2,"{text}"\r\n',
        "tsv": f"id\ttext\n1\t{text}\n2\t{text}\n",
        "html": f"<html><body><p>{text}</p></body></html>",
        "rss": f"<rss><channel><item><description>{text}</description></item></channel></rss>",
    }[suffix]
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(content.encode(encoding))
    found = list(read([str(path)]))
    assert found
    assert all(isinstance(d, Document) and d.text == text for d in found)


@pytest.mark.parametrize(
    "page",
    [
        '<html><head><meta charset="{}"></head><body><p>{}</p></body></html>',
        '<html><meta http-equiv="Content-Type" content="text/html; charset={}"><body><p>{}</p></body></html>',
        '<?xml version="1.0" encoding="{}"?><html><body><p>{}</p></body></html>',
    ],
)
def test_what_a_page_declares_is_believed(page: str) -> None:
    russian = "Слово"  # which no guess among Arabic and English encodings would give
    assert russian in decode(page.format("windows-1251", russian).encode("cp1251"))


@pytest.mark.parametrize("declared", ["windows-1256", "no-such-thing", "unicode_escape", "utf-16", "utf-8"])
def test_a_declaration_that_is_wrong_or_unknown_does_no_harm(declared: str) -> None:
    page = f'<meta charset="{declared}"><p>{ARABIC}</p>'
    assert decode(page.encode()) == page
    if declared != "windows-1256":
        assert decode(page.encode("cp1256")) == page


def test_a_feed_that_declares_windows_1256_is_read(tmp_path: Path) -> None:
    declaration = '<?xml version="1.0" encoding="windows-1256"?>'
    feed = f"{declaration}<rss><channel><item><title>{ARABIC}</title></item></channel></rss>"
    (tmp_path / "a.xml").write_bytes(feed.encode("cp1256"))
    (found,) = read([str(tmp_path)])
    assert isinstance(found, Document)
    assert found.title == ARABIC


def test_a_line_in_another_encoding_costs_nothing_and_a_damaged_one_only_its_broken_bytes(tmp_path: Path) -> None:
    row = json.dumps({"text": ARABIC}, ensure_ascii=False)
    damaged = row.encode().replace("الأحد".encode(), "الأحد".encode()[:-1])  # "Sunday", half of its last letter gone
    lines = [row.encode(), row.encode("cp1256"), damaged, row.encode()]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    texts = [d.text for d in read([str(tmp_path)]) if isinstance(d, Document)]
    assert texts == [ARABIC, ARABIC, ARABIC.replace("الأحد", "الأح\ufffd"), ARABIC]


def test_a_line_far_beyond_the_sample_may_be_the_first_that_is_not_ascii(tmp_path: Path) -> None:
    plain = json.dumps({"text": "Only ASCII letters."}) + "\n"
    last = json.dumps({"text": ARABIC}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_bytes(plain.encode() * (2 * SAMPLE // len(plain)) + last.encode("cp1256"))
    found = list(read([str(tmp_path)]))
    assert isinstance(found[-1], Document)
    assert found[-1].text == ARABIC


def test_a_table_of_an_old_macintosh_has_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("id,text\r1,one\r2,two\r".encode("cp1252"))
    assert [(d.id, d.path[-2:]) for d in read([str(tmp_path)]) if isinstance(d, Document)] == [("1", ":2"), ("2", ":3")]


@pytest.mark.parametrize("bom", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_mark_alone_is_an_empty_text(bom: bytes) -> None:
    assert decode(bom) == ""


def test_utf8_cut_inside_a_letter_is_still_utf8() -> None:
    data = (ARABIC * 900).encode()[: SAMPLE - 1]
    assert detect(data) == detect(data[:-1]) == "utf-8"


@given(
    st.binary(max_size=300), st.sampled_from([None, "utf-8", "utf-16", "utf-16-le", "cp1256", "iso8859_6", "cp1252"])
)
def test_any_bytes_give_text_that_can_be_written(data: bytes, encoding: str | None) -> None:
    decode(data, encoding).encode()


@given(st.text(min_size=1))
def test_utf8_is_read_exactly_but_for_line_ends(text: str) -> None:
    assert decode(text.encode(), "utf-8") == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@given(
    st.text(
        st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("ابتثجحخدذرزسشصضطظعغفقكلمنهوي،"),
        min_size=1,
    )
)
def test_text_is_never_taken_for_binary_data(text: str) -> None:
    assert not_text(b"\n" + text.encode()) is None


@pytest.mark.skipif(not (SHARED / "data" / "news").is_dir(), reason="needs ../shared")
@pytest.mark.parametrize("encoding", ["cp1256", "iso8859_6"])
@pytest.mark.parametrize("length", [100, 300, 1000])
def test_real_news_in_old_encodings_is_recognised(encoding: str, length: int) -> None:
    with gzip.open(SHARED / "data" / "news" / "antcorpus_multisource.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in itertools.islice(file, 50):
            data = json.loads(line)["text"][:length].encode(encoding, "ignore")
            assert decode(data) == data.decode(encoding)
