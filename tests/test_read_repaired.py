"""Tables, saved pages and texts that programs have damaged on the way are read as they were meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from exported_files import MORE, TEXT, split, write

ARABIC = "قالت البلدية يوم الأحد إن إصلاح الطريق القديم سينتهي في الشهر المقبل، وإن حركة المرور ستعود إلى ما كانت عليه."


# --- Tables, lines, saved pages ---


def test_a_table_that_says_its_separator_is_read(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", f"sep=;\ntitle;text;date\nA bridge;{TEXT};2023-01-05\n")
    (found,), rejected, _ = split(path)
    assert (found.path, found.title, found.text, rejected) == (f"{path}:3", "A bridge", TEXT, [])


def test_tables_that_were_put_together_are_read_on(tmp_path: Path) -> None:
    table = f"\ufefftitle,text\nOne,{TEXT[:40]}\n\ufefftitle,text\nTwo,{TEXT[:50]}\ntext,title\n{TEXT[:60]},Three\n"
    documents, rejected, _ = split(write(tmp_path, "a.csv", table))
    assert [(found.title, len(found.text)) for found in documents] == [("One", 39), ("Two", 49), ("Three", 60)]
    assert rejected == []


def test_json_saved_as_text_is_json(tmp_path: Path) -> None:
    row = json.dumps({"title": "A bridge", "text": TEXT})
    assert [found.title for found in split(write(tmp_path, "a.txt", f"{row}\n{row}\n"))[0]] == ["A bridge"] * 2
    assert [found.title for found in split(write(tmp_path, "b.txt", f"[{row}]"))[0]] == ["A bridge"]
    for prose in ("[Agencies] Rain fell in Kasrun.", "{{Infobox}} Rain fell.", "(a) Rain fell in Kasrun."):
        assert [found.text for found in split(write(tmp_path, "c.txt", prose))[0]] == [prose]


MHTML = """From: <Saved by a browser>
Subject: A bridge
MIME-Version: 1.0
Content-Type: multipart/related; boundary="----B"

------B
Content-Type: image/png
Content-Transfer-Encoding: base64

iVBORw0KGgo=
------B
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<html><head><title>A bridge</title></head><body><article><h1>A bridge</h1><p>{}</p></article></body></html>
------B--
"""


@pytest.mark.parametrize("name", ["a.mhtml", "a.mht", "a.txt", "a.html", "a.saved"])
def test_a_page_that_a_browser_saved_whole_is_a_page(tmp_path: Path, name: str) -> None:
    import quopri

    body = quopri.encodestring((ARABIC * 3).encode()).decode()
    (found,), rejected, _ = split(write(tmp_path, name, MHTML.replace("{}", body)))
    assert rejected == []
    assert ARABIC in found.text
    assert not any(word in found.text for word in ("Content-Type", "MIME", "iVBOR"))


def test_a_message_without_a_page_is_named(tmp_path: Path) -> None:
    text = "MIME-Version: 1.0\nContent-Type: image/png\n\nx"
    documents, (rejected,), _ = split(write(tmp_path, "a.mhtml", text))
    assert documents == []
    assert "without a page or text (it holds image/png)" in rejected.reason


def test_markdown_keeps_its_words_and_loses_its_marks(tmp_path: Path) -> None:
    text = (
        "# A bridge\n\n**The** council of `Kasrun` [met](https://a.example/x_(y)) on *Sunday*.\n\n"
        "1. ~~one~~\n2. two_three_four\n\n> said\n> again\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "![picture](x.png)\n\n<div>block</div>\n\n```\ncode\n```\n\n[ref]: https://a.example\n"
    )
    (found,), _, _ = split(write(tmp_path, "a.md", text))
    assert found.text.split("\n") == [
        "A bridge",
        "The council of Kasrun met on Sunday.",
        "one",
        "two_three_four",
        "said",
        "again",
        "a\tb",
        "1\t2",
        "block",
        "code",
    ]


# --- Letters that were damaged before ---


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [("utf-8", "latin-1"), ("utf-8", "cp1256"), ("cp1256", "cp1252"), ("cp1256", "latin-1")],
)
def test_text_that_was_decoded_by_a_wrong_encoding_is_repaired_and_noted(
    tmp_path: Path, encoded: str, decoded: str
) -> None:
    damaged = ARABIC.encode(encoded).decode(decoded)
    (found,), _, (note,) = split(write(tmp_path, "a.jsonl", json.dumps({"text": damaged})))
    assert found.text == ARABIC
    assert note.startswith("letters were repaired")
    (page,), _, _ = split(write(tmp_path, "a.txt", f"{damaged}\n{damaged}"))
    assert page.text == f"{ARABIC}\n{ARABIC}"


@pytest.mark.parametrize(
    "text",
    [
        ARABIC,
        "Señor Núñez à São Paulo, où l'été fut brûlant; ÇA ALLAIT À PEINE.",
        "خطط الطالب ط لخطاط الظل، وطلب طبيبا لطيفا.",
        "Die Größe der Äpfel über Öl",
        "C:\\new\\table and \\n in code",
        "The sign \\u0645 stands for م.",
        "50€ – “fine”, Łódź, Þingvellir",
    ],
)
def test_text_that_is_as_it_was_written_stays_so(tmp_path: Path, text: str) -> None:
    (found,), _, notes = split(write(tmp_path, "a.jsonl", json.dumps({"text": text})))
    assert (found.text, notes) == (text, [])


def test_escapes_that_were_stored_as_letters_are_read(tmp_path: Path) -> None:
    escaped = ARABIC.encode("ascii", "backslashreplace").decode()
    rows = [{"text": escaped}, {"text": f"{TEXT}\\n\\n{MORE}\\nThe end."}]
    (first, second), _, notes = split(write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, rows))))
    assert first.text == ARABIC
    assert second.text == f"{TEXT}\n\n{MORE}\nThe end."
    assert len(notes) == 2
