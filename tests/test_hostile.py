"""Input that means harm does none: it is refused by name or stored as plain text, and never ends in a traceback."""

import gzip
import json
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest
from conftest import Done, Khabar, run
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from index import Index
from index.errors import IndexDamaged, IndexMissing, InputError
from index.read.documents import read
from index.types import Document, Noted, Rejected
from search import Engine

# What a terminal obeys, or what turns the text around it.
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def rows(path: Path, *articles: dict[str, object]) -> Path:
    path.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
    return path


# In JSON, and so in what is exported: line ends alone stand between the lines.
UNESCAPED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(done: Done) -> str:
    """What a command printed, isolates aside, which must be closed on every line."""
    for line in (done.out + done.err).split("\n"):
        assert line.count("\u2068") == line.count("\u2069"), line
    return done.out + done.err


def test_a_gzip_bomb_is_refused_by_name(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    bomb, good = tmp_path / "bomb.jsonl.gz", rows(tmp_path / "good.jsonl", {"_id": "a", "text": "Rain in Kasrun."})
    with gzip.open(bomb, "wb") as file:
        for _ in range(100):
            file.write(b" " * ((1 << 20) - 1) + b"\n")
    done = khabar("index", bomb, good, "--index", folder)
    assert done.code == 3
    assert f"{bomb}" in done.err
    assert "bomb" in done.err.replace(str(bomb), "")
    assert "1 added" in done.out


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">',
        '<!ENTITY c SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://localhost/x.dtd"> %p;',
    ],
)
def test_a_feed_that_defines_entities_of_its_own_is_refused(
    khabar: Khabar, tmp_path: Path, folder: Path, entities: str
) -> None:
    feed = tmp_path / "feed.xml"
    item = "<item><title>Rain</title><description>&c;</description></item>"
    feed.write_text(f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]><rss><channel>{item}</channel></rss>', "utf-8")
    done = khabar("index", feed, "--index", folder)
    assert done.code == 1
    assert "entities" in done.err
    assert "root:" not in done.out + done.err


def test_scripts_in_a_page_are_not_part_of_the_article(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    page = tmp_path / "page.html"
    body = "<p>The council of Kasrun met on Sunday and agreed on a new bridge over the river.</p>" * 3
    harm = "<script>alert('owned')</script><style>p{color:red}</style><img src=x onerror=alert(2)>"
    page.write_text(f"<html><head><title>Bridge</title>{harm}</head><body>{harm}{body}</body></html>", "utf-8")
    assert khabar("index", page, "--index", folder).code == 0
    held = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"council of Kasrun" in held
    for word in (b"alert", b"onerror", b"color:red", b"owned"):
        assert word not in held


IDS = [
    "../../../../tmp/escape",
    "/etc/passwd",
    "..\\..\\escape",
    "'; DROP TABLE articles; --",
    'a" OR 1=1 --',
    "%00",
    "-rf",
    "\u202eevil",
    "a" * 10_000,
    "\u0645\u0642\u0627\u0644 1",  # article 1
]


def test_ids_are_only_ever_names(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    outside = {path for path in tmp_path.rglob("*") if folder not in path.parents}
    source = rows(tmp_path / "a.jsonl", *({"_id": id, "text": f"Bulletin {n} of Kasrun."} for n, id in enumerate(IDS)))
    assert khabar("index", source, "--index", folder, "--json").json["added"] == len(IDS)
    assert {path for path in tmp_path.rglob("*") if folder not in path.parents} == outside | {source, folder}
    stored = {article.text: article.id for _, article in Index.open(folder).articles()}
    for n in range(len(IDS)):
        id = stored[f"Bulletin {n} of Kasrun."]
        done = khabar("show", "--index", folder, "--", id)
        assert done.code == 0
        assert not OBEYED.search(shown(done))
        assert khabar("remove", "--index", folder, "--", id).code == 0
    assert khabar("verify", "--index", folder).code == 0
    assert Index.open(folder).counts()["articles"] == 0


QUERIES = [
    "'; DROP TABLE articles; --",
    '" OR 1=1 --',
    "title:* AND NOT (text NEAR/3 x)",
    "ferry* ^2 +fire -water ~",
    "((((((((",
    "%_%",
    "\\x00\\",
    "ferry \x00 \x1b[31m fire \u202e \ud800",
    "𝕗𝕖𝕣𝕣𝕪 🚢🔥",
    "ـــــــ عبّارة ـــــــ",  # a ferry among lengthening strokes
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_is_only_ever_words(khabar: Khabar, corpus_folder: Path, query: str) -> None:
    for mode in ("hybrid", "semantic", "lexical"):
        done = khabar("search", "--mode", mode, "--index", corpus_folder, "--", query)
        assert done.code == 0 or "no words" in done.err
        assert not OBEYED.search(shown(done))
    assert Index.open(corpus_folder).counts()["articles"]


@pytest.mark.parametrize("query", ["ferry fire " * 95_000, "x" * 1_000_000, "حريق" * 250_000, "( " * 500_000])
def test_a_query_of_a_megabyte_is_answered_or_refused(corpus_index: Index, query: str) -> None:
    with suppress(InputError):
        Engine(corpus_index).search(query)


def test_filters_are_only_ever_values(khabar: Khabar, corpus_folder: Path) -> None:
    for value in ("' OR 1=1 --", "%", "\udcff"):
        done = khabar("search", "ferry", "--source", value, "--index", corpus_folder, "--json")
        assert (done.code, done.out) == (1, "")
        assert "No article comes from" in done.err


def test_control_and_direction_characters_reach_no_terminal(khabar: Khabar, tmp_path: Path, folder: Path) -> None:
    harm = "\x1b[2J\x1b]0;owned\x07\u202e\u2066\x9b31m\x00\x7f"
    articles = [
        {"_id": f"a{harm}", "title": f"Rain {harm} fell", "text": f"Rain {harm} fell in Kasrun.\nNo {harm} harm."},
        {"khabar": 1, "id": f"b{harm}", "title": f"Rain {harm}", "text": f"Rain {harm}.", "source": f"s{harm}"},
        {"khabar": f"{harm}"},
        {f"odd{harm}": 1},
    ]
    source = rows(tmp_path / f"a{harm.translate({0: None})}.jsonl", *articles)
    commands = [
        ("index", source),
        ("search", "rain"),
        ("info",),
        ("verify",),
        ("remove", f"nobody{harm}"),
        ("show", f"nobody{harm}"),
        ("show", "\udcff"),
        ("remove", "\udcff", "--purge"),
        ("search", harm),
        *(("show", id) for id in ("a[2J]0;owned31m", "b[2J]0;owned31m")),
        ("stories",),
        ("duplicates",),
        ("related", f"b{harm}".replace("\0", "")),
        ("related", source),
        ("search", "rain", "--model", f"m{harm}".replace("\0", "")),
    ]
    for command in commands:
        done = khabar(*command, "--index", folder)
        assert "Traceback" not in done.err
        assert not OBEYED.search(shown(done)), command
        done = khabar(*command, "--index", folder, "--json")
        assert not UNESCAPED.search(done.out), command
        assert not OBEYED.search(done.err), command
    done = khabar("export", "--index", folder)
    assert not UNESCAPED.search(done.out)
    assert {article.title for _, article in Index.open(folder).articles()} == {
        row["title"] for row in map(json.loads, done.out.splitlines())
    }
    assert len(Index.open(folder).counts()) == 3


def test_what_an_index_says_of_itself_reaches_no_terminal_unescaped(
    khabar: Khabar, folder: Path, tmp_path: Path
) -> None:
    """Model, prompts and languages as a stranger may have written them, and the measures of an evaluation."""
    harm = "\x1b[2J\u202e\x9b31m"
    source = rows(
        tmp_path / "a.jsonl", *({"_id": id, "text": "The bridge of Kasrun fell into the river."} for id in "ab")
    )
    assert khabar("index", source, "--index", folder).code == 0
    with closing(sqlite3.connect(folder / "articles.db")) as db, db:
        db.execute("UPDATE meta SET value = ? WHERE key IN ('model', 'query_prompt', 'model_hash')", (f"x{harm}",))
        db.execute("UPDATE articles SET language = ?, published = ?", (harm, harm))
        db.execute("DELETE FROM meta WHERE key LIKE 'sum.%'")
    for command in ("info", "stories", "duplicates", "verify", "search bridge", "reindex", "index x", "export"):
        for more in ((), ("--json",)):
            done = khabar(*command.split(), "--index", folder, *more)
            assert not OBEYED.search(shown(done)), command
            assert not more or not UNESCAPED.search(done.out), command
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "text": "The river rose."}', "utf-8")
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "river", "lang": f"e{harm}"}), "utf-8")
    (tmp_path / "qrels.tsv").write_text("q\ta\t1\n", "utf-8")
    for command in (("evaluate", tmp_path), ("evaluate", tmp_path, "--measure", f"x{harm}"), ("evaluate", f"x{harm}")):
        assert not OBEYED.search(shown(khabar(*command)))


def test_an_index_of_a_stranger_is_refused_and_runs_nothing(khabar: Khabar, folder: Path) -> None:
    folder.mkdir()
    for data in (b"", b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000):
        (folder / "articles.db").write_bytes(data)
        with pytest.raises((IndexDamaged, IndexMissing)):
            Index.open(folder)
        for command in (("search", "x"), ("info",), ("verify",), ("verify", "--repair"), ("export",), ("remove", "a")):
            assert khabar(*command, "--index", folder).code == 1


SUFFIXES = [".txt", ".md", ".html", ".json", ".jsonl", ".csv", ".tsv", ".xml", ".gz", ".jsonl.gz", ""]
SYNTAX = ["{", "}", "[", "]", '"', ":", ",", "<html>", "<rss>", "<item>", "<!ENTITY", "<![CDATA[", "---", "title:"]
ODDITIES = [
    "&#0;",
    "&#xD800;",
    "\\ud800",
    "1e999",
    "النص",
    "\n",
    "\t",
    "\r",
    "\0",
    "\ufeff",
    '{"text":"x"}',
    '{"khabar":1}',
]
FRAGMENTS = st.sampled_from([*SYNTAX, *ODDITIES])


@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.lists(FRAGMENTS, max_size=20).map(lambda parts: "".join(parts).encode()),
        st.text(max_size=200).map(lambda text: text.encode("utf-16")),
        st.binary(max_size=200).map(gzip.compress).map(lambda packed: packed[: len(packed) * 3 // 4]),
    ),
    suffix=st.sampled_from(SUFFIXES),
)
@example(b"\x1f\x8b", ".gz")
@example(b"[" * 100_000, ".json")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_reading_any_bytes_gives_documents_or_reasons(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"input{suffix}"
    path.write_bytes(data)
    for record in read([str(path)]):
        assert isinstance(record, Document | Rejected | Noted)
        if isinstance(record, Rejected):
            assert record.path.startswith(str(path))
            assert record.reason
        elif isinstance(record, Document):
            record.text.encode()
            record.id.encode()


@given(
    st.lists(st.dictionaries(st.sampled_from(["_id", "title", "text", "date", "url", "tags"]), st.text()), max_size=4)
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rows_can_be_indexed_searched_and_exported(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str], articles: list[dict[str, object]]
) -> None:
    place = tmp_path_factory.mktemp("rows")
    folder = place / "index"
    assert run("index", rows(place / "a.jsonl", *articles), "--index", folder) in (0, 1, 3)
    for article in articles:
        words = f"{article.get('title', '')} {article.get('text', '')}".replace("\0", "")
        assert run("search", "--index", folder, "--", words) in (0, 1)
    assert run("export", place / "b.jsonl", "--index", folder) == 0
    before = {article for _, article in Index.open(folder).articles()}
    if before:
        assert run("index", place / "b.jsonl", "--index", place / "copy") == 0
        assert {article for _, article in Index.open(place / "copy").articles()} == before
    assert run("verify", "--index", folder) == 0
    assert not OBEYED.search(capsys.readouterr().err)


@pytest.fixture
def corpus_engine(corpus_index: Index) -> Engine:
    return Engine(corpus_index)


@given(query=st.text(st.characters(), max_size=200))
@example("٪" * 50)
@example("a\u0300" * 400)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_query_or_is_refused(corpus_engine: Engine, query: str) -> None:
    try:
        answer = corpus_engine.search(query, k=3)
    except InputError:
        return
    for hit in answer.hits:
        for start, end in hit.highlights:
            assert 0 <= start < end <= len(hit.passage.text)


@pytest.mark.parametrize("field", ["title", "source", "url"])
def test_a_backup_with_a_field_longer_than_any_is_refused_by_name(tmp_path: Path, field: str) -> None:
    most = 8_000
    path = tmp_path / "backup.jsonl"
    article = {"khabar": 1, "id": "a", "title": "A ferry sank", "text": "A ferry sank in the harbour."}
    lines = [json.dumps(article | {field: "x" * length}) for length in (most, most + 1)]
    path.write_text("\n".join(lines), "utf-8")
    kept, refused = read([str(path)])
    assert isinstance(kept, Document)
    assert isinstance(refused, Rejected)
    assert refused.path == f"{path}:2"
    assert f"whose {field} has {most + 1:,} characters" in refused.reason
