"""Settings: a flag before the environment, that before a file, and of each it is known where it comes from."""

import json
import os
from pathlib import Path

import pytest
import typer.main
from conftest import Khabar

import cli
from search.commands.settings import NAMES


@pytest.fixture
def working(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """The file of settings in the folder of the user."""
    (tmp_path / "home" / "khabar").mkdir(parents=True)
    return tmp_path / "home" / "khabar" / "khabar.toml"


def hits(khabar: Khabar, corpus_folder: Path, *more: str) -> int:
    return len(khabar("search", "ferry", *more, "--index", corpus_folder, "--json").json["hits"])


def test_a_flag_comes_before_a_file_and_a_table_before_what_is_said_for_all(
    khabar: Khabar, corpus_folder: Path, working: Path, users: Path
) -> None:
    users.write_text("k = 5", "utf-8")
    assert hits(khabar, corpus_folder) == 5
    (working / "khabar.toml").write_text("k = 4\n[search]\nk = 3", "utf-8")
    assert hits(khabar, corpus_folder) == 3
    assert hits(khabar, corpus_folder, "-k", "2") == 2


def test_the_environment_comes_before_a_file(
    khabar: Khabar, corpus_folder: Path, working: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (working / "khabar.toml").write_text(f"index = {json.dumps(str(corpus_folder))}", "utf-8")
    assert khabar("info", "--json").json["articles"] > 0
    monkeypatch.setenv("KHABAR_INDEX", "elsewhere")
    assert "elsewhere does not exist" in khabar("info").err


def test_values_are_those_of_the_options(khabar: Khabar, corpus_folder: Path, working: Path) -> None:
    file = working / "khabar.toml"
    file.write_text('mode = "lexical"\n[search]\nlang = "ar"\nsource = ["أفق ماراليا"]\njson = true', "utf-8")
    answer = khabar("search", "حريق", "--index", corpus_folder).json
    assert answer["mode"] == "lexical"
    assert {hit["article"]["source"] for hit in answer["hits"]} == {"أفق ماراليا"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("modus = 3", "sets modus, which is no setting"),
        ("[search]\nprune = true", "sets search.prune, which is no setting"),
        ("[sources]\nk = 3", "sets sources.k, which is no setting"),
        ("[serach]\nk = 3", "[serach], which is no command"),
        ("k = 0", "sets k to 0: 0 is not in the range"),
        ('mode = "magic"', "'magic' is not a mode"),
        ("k = ", "cannot be read as TOML"),
        ("\xff", "cannot be read as TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_file(khabar: Khabar, working: Path, text: str, said: str) -> None:
    (working / "khabar.toml").write_bytes(text.encode("latin-1"))
    done = khabar("search", "wheat")
    assert (done.code, done.err.startswith("khabar: khabar.toml ")) == (1, True)
    assert said in done.err


def test_a_working_folder_names_no_model(khabar: Khabar, working: Path, users: Path, tmp_path: Path) -> None:
    """It may come from a stranger."""
    for name in ("model", "rerank"):
        (working / "khabar.toml").write_text(f'{name} = "stranger"', "utf-8")
        done = khabar("search", "wheat")
        assert (done.code, f"sets {name}, which only {users} may" in done.err) == (1, True)
        (working / "khabar.toml").unlink()
        users.write_text(f'{name} = "mine"', "utf-8")
        assert "does not exist" in khabar("search", "wheat").err


def test_a_working_folder_names_no_other_machine(khabar: Khabar, working: Path, users: Path) -> None:
    """Articles, queries and a token would go there."""
    for text in ('index = "milvus://127.0.0.1:1/news"', '[search]\nindex = "milvus://s3cret@127.0.0.1:1/news"'):
        (working / "khabar.toml").write_text(text, "utf-8")
        done = khabar("search", "wheat")
        assert (done.code, f"index, which only {users} may" in done.err) == (1, True)
        assert "s3cret" not in done.err


@pytest.mark.parametrize("of", ["the file", "a table", "the environment", "the command line"])
def test_no_token_of_an_address_is_shown(
    khabar: Khabar, working: Path, users: Path, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHABAR_MILVUS_TOKEN", "")  # so that what a command puts there ends with the test
    given, shown = "milvus://root:s3/cr?et@127.0.0.1:1/news?tls=yes", "milvus://127.0.0.1:1/news?tls=yes"
    more: tuple[str, ...] = ()
    if of == "the environment":
        monkeypatch.setenv("KHABAR_INDEX", given)
    elif of == "the command line":
        more = ("--index", given)
    else:
        users.write_text(f'{"[info]" if of == "a table" else ""}\nindex = "{given}"', "utf-8")
    for command in (("config",), ("config", "--json")):
        done = khabar(*command, *more)
        assert shown in done.out
        assert "cr?et" not in done.out + done.err
    for command in (("info",), ("remove", "a"), ("verify",), ("evaluate", str(working))):
        done = khabar(*command, *more)
        assert done.code != 0
        assert "cr?et" not in done.out + done.err


def test_config_says_where_each_value_comes_from(
    khabar: Khabar, working: Path, users: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (working / "khabar.toml").write_text('mode = "lexical"\n[search]\nk = 3\nlang = ["ar", "en"]', "utf-8")
    users.write_text('mode = "semantic"\nwait = 60\nindex = "mine"', "utf-8")
    monkeypatch.setenv("KHABAR_INDEX", "variable")
    facts = khabar("config", "--json").json
    assert facts["files"] == [{"path": "khabar.toml", "read": True}, {"path": str(users), "read": True}]
    assert {one["name"]: (one["value"], one["from"]) for one in facts["settings"]} == {
        "index": ("variable", "KHABAR_INDEX"),
        "mode": ("lexical", "khabar.toml"),
        "quiet": (False, "default"),
        "wait": (60, str(users)),
        "search.k": (3, "khabar.toml"),
        "search.lang": (["ar", "en"], "khabar.toml"),
    }
    assert "flag  (the command line)" in khabar("config", "--index", "flag").out
    assert khabar("config").out.replace(str(users), "USERS").splitlines() == [
        "               index  variable  (KHABAR_INDEX)",
        "                mode  lexical  (khabar.toml)",
        "               quiet  False  (default)",
        "                wait  60  (USERS)",
        "            search.k  3  (khabar.toml)",
        "         search.lang  ar, en  (khabar.toml)",
        "khabar.toml: read",
        "USERS: read",
    ]


@pytest.mark.parametrize("of_command", [False, True])
def test_evaluate_makes_an_index_of_its_own_unless_its_table_names_one(
    khabar: Khabar, working: Path, of_command: bool
) -> None:
    pytest.importorskip("ir_measures")
    folder = working / "bench"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text('{"_id": "a", "text": "The ferry burned at sea."}', "utf-8")
    (folder / "queries.jsonl").write_text('{"_id": "q", "text": "ferry"}', "utf-8")
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n", "utf-8")
    table = "[evaluate]\n" if of_command else ""
    (working / "khabar.toml").write_text(table + 'index = "nowhere"', "utf-8")
    done = khabar("evaluate", folder, "--json")
    assert (done.code, "nowhere" in done.err) == ((1, True) if of_command else (0, False))


def test_every_setting_is_an_option_and_none_writes_or_removes() -> None:
    options = {
        name.lstrip("-")
        for command in typer.main.get_command(cli.app).commands.values()  # type: ignore[attr-defined]
        for param in command.params
        for name in param.opts
    }
    assert set(NAMES) <= options
    assert not set(NAMES) & {"run", "queries", "purge", "prune", "prune-all", "repair"}


@pytest.mark.skipif(os.name == "nt", reason="another folder there")
def test_help_needs_no_file(khabar: Khabar, working: Path) -> None:
    (working / "khabar.toml").write_text("broken", "utf-8")
    assert khabar("--help").code == 0
