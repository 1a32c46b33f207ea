"""Documents, tables, mails and archives are read from real files that other programs made."""

import datetime as dt
import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import browsing
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typst
from fontTools.ttLib import TTFont
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from index.read import read
from index.text import terms
from index.types import Document, Noted, Records, Rejected

ROOT = Path(__file__).resolve().parents[1]
TITLE = "حريق في عبارة قرب الإسكندرية"
TEXT = (
    "قال وزير النقل إن العبارة التي اندلع فيها الحريق كانت تقل مئتي راكب، وإن فرق الإنقاذ وصلت إلى المكان خلال ساعة "
    "من وقوع الحادث قرب مدينة الإسكندرية. وأضاف الوزير أن الاتحاد سيعلن النتائج خلال أسبوع واحد من الآن، وأن العلاقات "
    "بين الشركات لم تتأثر بالحادث الأول من نوعه."
)
PAGE = f"<html lang=ar><meta charset=utf-8><body><h1>{TITLE}</h1><p>{TEXT}</p><p>{TEXT}</p></body></html>"
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
URN = "urn:oasis:names:tc:opendocument:xmlns"
ODF = f'xmlns:t="{URN}:text:1.0" xmlns:o="{URN}:office:1.0"'


def split(records: Records) -> tuple[list[Document], list[Rejected], list[Noted]]:
    found = list(records)
    return (
        [one for one in found if isinstance(one, Document)],
        [one for one in found if isinstance(one, Rejected)],
        [one for one in found if isinstance(one, Noted)],
    )


def article(path: Path) -> Document:
    documents, rejected, _ = split(read([str(path)]))
    assert not rejected
    assert len(documents) == 1
    return documents[0]


def reason(path: Path) -> str:
    documents, rejected, _ = split(read([str(path)]))
    assert not documents
    assert len(rejected) == 1
    assert str(path) in rejected[0].path
    return rejected[0].reason


def packed(path: Path, parts: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def docx(path: Path) -> Path:
    styled = '<w:pPr><w:pStyle w:val="Title"/></w:pPr>'
    paragraphs = (
        f"<w:p>{styled}<w:r><w:t>{TITLE}</w:t></w:r></w:p>"
        f"<w:p><w:r><w:t>{TEXT[:40]}</w:t></w:r><w:r><w:t>{TEXT[40:]}</w:t></w:r>"
        "<w:del><w:r><w:delText>محذوف</w:delText></w:r></w:del></w:p>"
    )
    return packed(path, {"word/document.xml": f"<w:document {WORD}><w:body>{paragraphs}</w:body></w:document>"})


# ------------------------------------------------------------------ PDF


@pytest.fixture(scope="module")
def font(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The font of the pages in a form that other programs read."""
    found = TTFont(ROOT / "search" / "serve" / "page" / "static" / "fonts" / "plex-arabic-400.woff2")
    found.flavor = None
    path = tmp_path_factory.mktemp("font") / "plex.ttf"
    found.save(path)
    return path


def by_typst(path: Path, font: Path, text: str) -> Path:
    source = path.with_suffix(".typ")
    source.write_text(f'#set text(lang: "ar", font: "IBM Plex Sans Arabic", dir: rtl)\n{text}', "utf-8")
    typst.compile(str(source), output=str(path), font_paths=[str(font.parent)])
    return path


def by_chromium(path: Path, font: Path, text: str) -> Path:
    page = path.with_suffix(".html")
    style = f"@font-face {{ font-family: n; src: url({font.as_uri()}) }} body {{ font: 16px n }}"
    page.write_text(f"<html dir=rtl><meta charset=utf-8><style>{style}</style><p>{text}</html>", "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={path}"]
    subprocess.run([browsing.chromium(), *options, page.as_uri()], check=True, capture_output=True, timeout=120)
    return path


@pytest.mark.parametrize("producer", [by_typst, by_chromium])
def test_an_arabic_pdf_is_read_in_the_order_of_its_letters(tmp_path: Path, font: Path, producer: object) -> None:
    found = article(producer(tmp_path / "a.pdf", font, TEXT))  # type: ignore[operator]
    assert terms(found.text) == terms(TEXT)
    assert "خلال" in found.text
    assert "الإسكندرية" in found.text
    assert "\n" not in found.text, "lines that were broken to fit the page are one paragraph"
    assert found.title == ""
    assert not found.published, "when the file was made says nothing of when the article was published"


def test_a_pdf_of_pictures_and_a_damaged_one_are_named(tmp_path: Path, font: Path) -> None:
    assert "has no text" in reason(by_typst(tmp_path / "scan.pdf", font, "#rect()"))
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj")
    assert "damaged" in reason(tmp_path / "broken.pdf")


# ------------------------------------------------------------------ documents and tables


def test_a_word_document_has_its_styled_title_and_no_deleted_words(tmp_path: Path) -> None:
    found = article(docx(tmp_path / "a.docx"))
    assert (found.title, found.text) == (TITLE, TEXT)


def test_a_libreoffice_document_is_read_without_comments(tmp_path: Path) -> None:
    comment = '<o:annotation><t:p>لا</t:p></o:annotation><t:s t:c="3"/>'
    body = f'<t:h t:style-name="Title">{TITLE}</t:h><t:p>{TEXT}{comment}</t:p>'
    content = f"<o:document-content {ODF}><o:body><o:text>{body}</o:text></o:body></o:document-content>"
    found = article(packed(tmp_path / "a.odt", {"content.xml": content}))
    assert (found.title, found.text) == (TITLE, TEXT)


def test_an_e_book_gives_a_document_a_chapter(tmp_path: Path) -> None:
    book = {
        "META-INF/container.xml": '<c xmlns="urn:x"><rootfile full-path="in/book.opf"/></c>',
        "in/book.opf": '<p><item id="a" href="1.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="b" href="2.xhtml" media-type="application/xhtml+xml"/>'
        '<item id="c" href="cover.xhtml" media-type="application/xhtml+xml"/>'
        '<itemref idref="c"/><itemref idref="b"/><itemref idref="a"/></p>',
        "in/1.xhtml": PAGE,
        "in/2.xhtml": PAGE.replace(TITLE, "الفصل الثاني"),
        "in/cover.xhtml": "<html><body>غلاف</body></html>",
    }
    documents, _, notes = split(read([str(packed(tmp_path / "a.epub", book))]))
    assert [found.title for found in documents] == ["الفصل الثاني", TITLE], "in the order in which they are read"
    assert len({found.id for found in documents}) == 2
    assert "1 pages of a few words" in notes[0].what


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_gives_a_document_a_row(tmp_path: Path) -> None:
    rows = [["report of May"], ["title", "text", "date"], [TITLE, TEXT, dt.datetime(2024, 5, 1)], [None, None, None]]
    found = article(workbook(tmp_path / "a.xlsx", rows))
    assert (found.title, found.text, found.published) == (TITLE, TEXT, "2024-05-01")
    assert found.path.endswith("a.xlsx/Sheet:3")


def test_a_workbook_of_a_million_cells_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.read.formats.spreadsheet.MAX_CELLS", 5)
    _, rejected, _ = split(read([str(workbook(tmp_path / "a.xlsx", [["title", "text"], [TITLE, TEXT], ["x", "y"]]))]))
    assert "more than 5 cells" in rejected[0].reason


def test_a_parquet_table_gives_a_document_a_row(tmp_path: Path) -> None:
    table = pa.table({"title": [TITLE, "x"], "text": [TEXT, ""], "date": [dt.date(2024, 5, 1)] * 2})
    pq.write_table(table, tmp_path / "a.parquet")
    documents, _, _ = split(read([str(tmp_path / "a.parquet")]))
    assert [(found.title, found.text, found.published) for found in documents] == [
        (TITLE, TEXT, "2024-05-01"),
        ("x", "x", "2024-05-01"),
    ]
    data = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(data[:-20])
    assert "damaged" in reason(tmp_path / "cut.parquet")


# ------------------------------------------------------------------ mails and the web


def mail(number: int = 1, text: str = TEXT) -> bytes:
    head = f"Subject: Ferry fire {number}\nDate: Wed, 01 May 2024 10:00:00 +0300\nMessage-ID: <{number}@news.example>\n"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


def test_a_mail_is_its_subject_date_and_text(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    found = article(tmp_path / "a.eml")
    assert (found.id, found.title, found.text) == ("1@news.example", "Ferry fire 1", TEXT)
    assert found.published == "2024-05-01T10:00:00+03:00"
    assert found.source is None, "who sent a mail is not who published it"


def test_each_mail_of_a_box_is_named_by_its_line(tmp_path: Path) -> None:
    quoted = f"{TEXT}\n>From here on it burnt."
    box = b"".join(b"From news Wed May  1 10:00:00 2024\n" + mail(n, quoted) + b"\n" for n in (1, 2))
    (tmp_path / "a.mbox").write_bytes(box)
    documents, rejected, _ = split(read([str(tmp_path / "a.mbox")]))
    assert not rejected
    assert [found.path.rpartition(":")[2] for found in documents] == ["1", "10"]
    assert documents[0].text == f"{TEXT}\nFrom here on it burnt."


def test_the_pages_of_a_web_archive_are_known_by_their_addresses(tmp_path: Path) -> None:
    html = [("Content-Type", "text/html; charset=utf-8")]
    answers = [("a", "200 OK", html, PAGE), ("gone", "404 Not Found", html, PAGE), ("p.png", "200 OK", [], "x")]
    with open(tmp_path / "a.warc.gz", "wb") as file:
        writer = WARCWriter(file, gzip=True)
        for name, status, headers, body in answers:
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            address, payload = f"https://news.example/{name}", io.BytesIO(body.encode())
            writer.write_record(writer.create_warc_record(address, "response", payload=payload, http_headers=http))
    documents, rejected, notes = split(read([str(tmp_path / "a.warc.gz")]))
    assert not rejected
    assert [(found.title, found.url) for found in documents] == [(TITLE, "https://news.example/a")]
    assert "1 files that are no pages, 1 pages that were not there" in notes[0].what


# ------------------------------------------------------------------ archives


def test_an_archive_gives_what_its_files_give(tmp_path: Path) -> None:
    word = docx(tmp_path / "a.docx").read_bytes()
    row = gzip.compress(json.dumps({"title": TITLE, "text": TEXT}).encode())
    packed(
        tmp_path / "a.zip",
        {"in/page.html": PAGE, "a.docx": word, "r.jsonl.gz": row, "x.exe": b"MZ", "__MACOSX/._a.txt": b"x"},
    )
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a.zip", "a.zip")
    before = sorted(tmp_path.rglob("*"))
    for path, inner in ((tmp_path / "a.zip", ""), (tmp_path / "b.tar.gz", "/a.zip")):
        documents, rejected, notes = split(read([str(path)]))
        assert not rejected
        assert [found.path for found in documents] == [
            f"{path}{inner}/{name}" for name in ("in/page.html", "a.docx", "r.jsonl.gz:1")
        ]
        assert notes == [Noted(f"{path}{inner}", "1 file of a kind that is not read was passed over in it")]
    assert sorted(tmp_path.rglob("*")) == before, "nothing was unpacked to the disk"


def test_a_bomb_in_an_archive_ends_its_reading_and_not_the_run(tmp_path: Path) -> None:
    packed(tmp_path / "bomb.zip", {"first.txt": TEXT, "big.txt": b"a b " * 5_000_000, "after.txt": TEXT})
    (tmp_path / "good.txt").write_text(TEXT, "utf-8")
    documents, rejected, _ = split(read([str(tmp_path)]))
    assert [found.path.rpartition("/")[2] for found in documents] == ["first.txt", "good.txt"]
    assert rejected[0].path.endswith("bomb.zip/big.txt")
    assert "200 times its size" in rejected[0].reason


def test_what_is_nested_twice_or_has_a_password_is_named(tmp_path: Path) -> None:
    packed(tmp_path / "1.zip", {"a.txt": TEXT})
    packed(tmp_path / "2.zip", {"1.zip": (tmp_path / "1.zip").read_bytes()})
    packed(tmp_path / "3.zip", {"2.zip": (tmp_path / "2.zip").read_bytes()})
    assert len(split(read([str(tmp_path / "2.zip")]))[0]) == 1
    assert reason(tmp_path / "3.zip").startswith("is an archive in an archive in an archive")
    data = bytearray((tmp_path / "1.zip").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + flags] |= 1  # the mark of a file with a password
    (tmp_path / "locked.zip").write_bytes(data)
    assert "has a password" in reason(tmp_path / "locked.zip")


@pytest.mark.parametrize("ending", ["docx", "odt", "epub", "xlsx", "zip", "tar", "parquet", "warc", "eml"])
@pytest.mark.parametrize("kind", ["cut", "other", "old"])
def test_damaged_files_are_named_and_never_stop_a_run(tmp_path: Path, ending: str, kind: str) -> None:
    contents = {
        "cut": docx(tmp_path / "whole.docx").read_bytes()[:-30],
        "other": bytes(range(256)) * 4,
        "old": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
    }
    (tmp_path / "whole.docx").unlink()
    (tmp_path / f"a.{ending}").write_bytes(contents[kind])
    assert reason(tmp_path / f"a.{ending}")


def test_a_page_that_was_saved_as_a_pdf_is_read_as_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text(PAGE, "utf-8")
    assert article(tmp_path / "a.pdf").title == TITLE


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = workbook(tmp_path / "a.xlsx", [["title"], ["x"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert "pip install 'khabar[xlsx]'" in reason(written)
