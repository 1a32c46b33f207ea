"""What is wrong with a file is named with its line, and the rest of it comes out."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest
from articles_in_files import RSS, TEXT, TITLE, documents, good_line, jsons, split, table, write

from index.read import input as reading
from index.types import Rejected


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
