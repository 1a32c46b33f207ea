"""Articles are written for other programs: whole, harmless, and nothing that they do not say."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from conftest import CORPUS

from index.errors import InputError
from index.export import Form, form_of, lines, write
from index.types import Article

FULL = Article(
    "ferry-ar-1",
    "حريق في عبّارة & 50% من الركاب",  # a fire aboard a ferry, and half the passengers
    "نص الخبر.\nسطر ثان.",  # the text of the news, and a second line
    "ar",
    "2025-03-12T09:40:00+03:00",
    "وكالة أنباء ماراليا",
    "https://mana.example.org/ar/a_b?c=1&d={2}",
    "corpus.jsonl:1",
    ("بحر", "نقل"),
    city="قصرون",
)
BARE = Article("b.csv:7 é", "", "Words.", "en")


def read_table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.jsonl", Form.JSONL),
        ("a.json", Form.JSONL),  # as it was before there were other forms
        ("a", Form.JSONL),
        ("a.CSV", Form.CSV),
        ("a.csv.gz", Form.CSV),
        ("a.bib", Form.BIBTEX),
        ("a.ris.gz", Form.RIS),
        ("a.csl.json", Form.CSL),
    ],
)
def test_the_ending_of_a_file_says_its_form(name: str, form: Form) -> None:
    assert form_of(name) is form


def test_an_unknown_form_is_named_with_those_that_exist() -> None:
    with pytest.raises(InputError, match=r"'pdf'.*bibtex"):
        Form("pdf")


def test_csl_json_is_one_list_with_what_is_known() -> None:
    (full, bare) = json.loads("\n".join(lines([FULL, BARE], Form.CSL)))
    assert full == {
        "id": "ferry-ar-1",
        "type": "article-newspaper",
        "title": FULL.title,
        "container-title": FULL.source,
        "issued": {"date-parts": [[2025, 3, 12]]},
        "URL": FULL.url,
        "language": "ar",
        "publisher-place": "قصرون",
        "keyword": "بحر, نقل",
    }
    assert bare == {"id": "b.csv:7 é", "type": "article-newspaper", "language": "en"}
    assert json.loads("".join(lines([], Form.CSL))) == []


def test_bibtex_escapes_what_tex_obeys_and_leaves_out_what_is_unknown() -> None:
    full, bare = "\n".join(lines([FULL, BARE], Form.BIBTEX)).split("\n\n")[:2]
    assert full.splitlines() == [
        "@article{ferry-ar-1,",
        r"  title = {{حريق في عبّارة \& 50\% من الركاب}},",
        "  journal = {وكالة أنباء ماراليا},",
        "  date = {2025-03-12},",
        "  year = {2025},",
        "  url = {https://mana.example.org/ar/a_b?c=1&d=%7B2%7D},",
        "  langid = {arabic},",
        "  location = {قصرون},",
        "  keywords = {بحر, نقل},",
        "  month = mar,",
        "}",
    ]
    head, *rest = bare.splitlines()
    assert head.startswith("@misc{b.csv:7---")
    assert rest == ["  langid = {english},", "}"]


def test_two_ids_never_become_one_key() -> None:
    keys = {next(lines([Article(name, "", "x", "en")], Form.BIBTEX)) for name in ("a b", "a,b", "a-b", "خبر", "نبأ")}
    assert len(keys) == 5


def test_ris_has_a_tag_a_line() -> None:
    assert list(lines([FULL], Form.RIS)) == [
        "TY  - NEWS",
        "ID  - ferry-ar-1",
        f"TI  - {FULL.title}",
        f"T2  - {FULL.source}",
        "DA  - 2025/03/12",
        "PY  - 2025",
        f"UR  - {FULL.url}",
        "LA  - ar",
        "CY  - قصرون",
        "KW  - بحر",
        "KW  - نقل",
        "ER  - ",
        "",
    ]
    assert list(lines([BARE], Form.RIS)) == ["TY  - NEWS", f"ID  - {BARE.id}", "LA  - en", "ER  - ", ""]


def test_a_line_break_in_a_title_begins_no_tag() -> None:
    (title,) = [line for line in lines([Article("a", "x\nER  - y", "t", "en")], Form.RIS) if line.startswith("TI")]
    assert title == "TI  - x ER  - y"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(1)\nx"])
def test_no_cell_of_a_table_is_run(cell: str) -> None:
    (row,) = read_table("\n".join(lines([Article("a", cell, cell, "en")], Form.CSV)))
    assert row["title"] == row["text"] == "'" + cell.replace("\t", " ").replace("\r", " ")


def test_a_table_keeps_text_of_several_lines_and_is_known_as_utf8(tmp_path: Path) -> None:
    assert write([FULL, BARE], tmp_path / "a.csv", Form.CSV) == 2
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    full, bare = read_table((tmp_path / "a.csv").read_text("utf-8-sig"))
    assert (full["text"], full["keywords"], full["published"]) == (FULL.text, "بحر; نقل", FULL.published)
    assert {name for name, value in bare.items() if value} == {"id", "language", "text"}


def test_an_ending_gz_compresses_and_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    articles = [Article(str(n), "t", "text", "en") for n in range(5)]
    for name in ("one.jsonl.gz", "two.jsonl.gz"):
        assert write(articles, tmp_path / name) == 5
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()
    assert len(gzip.decompress((tmp_path / "one.jsonl.gz").read_bytes()).splitlines()) == 5


def test_each_article_of_the_sample_corpus_is_one_entry_and_one_row() -> None:
    rows = [json.loads(line) for line in (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines()]
    articles = [Article(r["_id"], r["title"], r["text"], r["lang"], r.get("date"), r.get("source")) for r in rows]
    assert sum(line.startswith("@") for line in lines(articles, Form.BIBTEX)) == len(articles)
    assert len(read_table("\n".join(lines(articles, Form.CSV)))) == len(articles)
