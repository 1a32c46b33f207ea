"""A model that is not there, not whole or not harmless is named, and runs no code of its own."""

import json
import os
import shutil
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import tiny
from conftest import CORPUS, Khabar
from transformers_run import encoder_fixture, folder_fixture  # noqa: F401 - fixtures

from index import load_encoder
from index.encoders.transformer import SentenceEncoder
from index.errors import ModelUnavailable

pytestmark = tiny.WITH_MODELS


def test_without_the_extra_the_message_is_what_to_install(
    monkeypatch: pytest.MonkeyPatch, khabar: Khabar, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    done = khabar("index", CORPUS / "corpus.jsonl", "--model", "BAAI/bge-m3", "--index", tmp_path / "i")
    assert done.code == 1
    assert "pip install 'khabar[models]'" in done.err
    assert not (tmp_path / "i").exists()


def test_a_backend_that_is_not_installed_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optimum", None)
    with pytest.raises(ModelUnavailable, match=r"sentence-transformers\[onnx\]"):
        load_encoder(f"onnx:{folder}")


def test_a_folder_that_was_only_half_copied_is_one_sentence(khabar: Khabar, folder: Path, tmp_path: Path) -> None:
    half = Path(shutil.copytree(folder, tmp_path / "half"))
    weights = half / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    done = khabar("index", CORPUS / "corpus.jsonl", "--model", half, "--index", tmp_path / "i")
    assert done.code == 1
    assert "cannot be loaded" in done.err
    assert "Fetch it again" in done.err


def test_a_folder_that_is_not_there_is_not_looked_for_at_the_hub() -> None:
    with pytest.raises(ModelUnavailable, match="no folder"):
        load_encoder("./models/gone")


def test_without_a_network_the_message_is_how_to_fetch_the_model_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelUnavailable, match=r"hf download nobody/no-model --local-dir no-model"):
        load_encoder("nobody/no-model")


def test_code_that_a_model_names_in_its_modules_is_not_run(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    modules = json.loads((copy / "modules.json").read_text("utf-8"))
    modules[-1]["type"] = "evil.Pooling"
    (copy / "modules.json").write_text(json.dumps(modules), "utf-8")
    (copy / "evil.py").write_text("raise SystemExit('this ran')", "utf-8")
    with pytest.raises(ModelUnavailable, match="which Khabar does not run"):
        load_encoder(str(copy), device="cpu")


def test_weights_that_are_pickles_are_not_read(folder: Path, tmp_path: Path) -> None:
    import torch

    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "model.safetensors").unlink()
    torch.save({}, copy / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match=r"pytorch_model\.bin, a format that can run code"):
        load_encoder(str(copy), device="cpu")


def test_a_library_that_would_run_code_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda _: "5.7.0")
    with pytest.raises(ModelUnavailable, match=r"pip install 'sentence-transformers>=6\.2'"):
        load_encoder(str(folder), device="cpu")


def test_code_that_a_model_brings_is_not_run(tmp_path: Path) -> None:
    said = {"model_type": "odd", "auto_map": {"AutoConfig": "odd.OddConfig", "AutoModel": "odd.OddModel"}}
    (tmp_path / "config.json").write_text(json.dumps(said), "utf-8")
    (tmp_path / "odd.py").write_text("raise SystemExit('this ran')", "utf-8")
    with pytest.raises(ModelUnavailable, match="which Khabar does not run"):
        load_encoder(str(tmp_path), device="cpu")


COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """A hub with the files of one folder under whatever name, and what was asked of it; with `gated` it gives none."""

    def __init__(self, folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, *, gated: bool = False) -> None:
        self.given: list[str] = []
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        info = {"id": "nobody/model", "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
        tree = [
            {"type": "file", "path": name, "size": (folder / name).stat().st_size, "oid": f"{number:040x}"}
            for number, name in enumerate(names)
        ]
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer()

            def do_HEAD(self) -> None:
                self.answer()

            def answer(self) -> None:
                path = self.path.partition("?")[0]
                name = path.rpartition(f"/resolve/{COMMIT}/")[2]
                if path.startswith("/api/models/"):
                    self.send(200, json.dumps(tree if "/tree/" in path else info).encode(), {})
                elif gated:
                    self.send(403, b"", {"X-Error-Code": "GatedRepo"})
                else:
                    hub.given.append(name)
                    marks = {"X-Repo-Commit": COMMIT, "ETag": f'"{names.index(name):040x}"'}
                    self.send(200, (folder / name).read_bytes(), marks)

            def send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(code)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        from huggingface_hub import constants, hf_api

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", endpoint)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
        monkeypatch.setattr(hf_api.api, "endpoint", endpoint)

    def __enter__(self) -> "Hub":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_a_gated_model_says_where_to_accept_its_terms(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        Hub(folder, tmp_path, monkeypatch, gated=True),
        pytest.raises(ModelUnavailable, match=r"gated.*huggingface.co/nobody/gated.*hf auth login"),
    ):
        load_encoder("nobody/gated")


def test_a_model_of_the_hub_is_fetched_once_without_its_pickles_and_code(
    folder: Path, encoder: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    for name in ("pytorch_model.bin", "modeling.py", "onnx/model.onnx", "tf_model.h5"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"harm")
    with Hub(place, tmp_path / "cache", monkeypatch) as hub:
        fetched = load_encoder("nobody/model", device="cpu")
        assert {"model.safetensors", "modules.json", "1_Pooling/config.json"} <= set(hub.given)
        assert not [name for name in hub.given if name.endswith((".bin", ".py", ".onnx", ".h5"))]
        given = len(hub.given)
        load_encoder("nobody/model", device="cpu")
        assert len(hub.given) == given
    cached = load_encoder("nobody/model", device="cpu", only_cached=True)  # and without the hub
    assert (cached.name, cached.hash, fetched.hash) == ("nobody/model", encoder.hash, encoder.hash)


def test_a_part_that_is_a_pickle_is_refused_before_anything_is_fetched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    monkeypatch.setattr(torch, "load", read)
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    (place / "2_Dense").mkdir()
    (place / "2_Dense" / "pytorch_model.bin").write_bytes(b"harm")
    (place / "2_Dense" / "other.safetensors").write_bytes(b"")
    said = r"2_Dense/pytorch_model\.bin, a format that can run code"
    with Hub(place, tmp_path / "cache", monkeypatch) as hub, pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model", device="cpu")
    assert hub.given == []
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder(str(place), device="cpu")
    snapshot = tmp_path / "cache" / "models--nobody--model" / "snapshots" / COMMIT  # as another program fetched it
    shutil.copytree(place, snapshot)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs" / "main").write_text(COMMIT)
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model", device="cpu", only_cached=True)


def changed(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def in_shards(model: Path, shard: str) -> None:
    """Move the weights of a network to one file, which a list of shards names."""
    from safetensors import safe_open

    with safe_open(model / "model.safetensors", "pt") as weights:
        said = {"metadata": {}, "weight_map": dict.fromkeys(weights.keys(), shard)}
    (model / "model.safetensors").rename(model / shard)
    (model / "model.safetensors.index.json").write_text(json.dumps(said), "utf-8")


def root_that_is_no_network(model: Path) -> None:
    in_shards(model, "model-00001-of-00001.safetensors")
    (model / "pytorch_model.bin").write_bytes(b"harm")
    parts = json.loads((model / "modules.json").read_text("utf-8"))
    parts[0] |= {"type": "sentence_transformers.base.modules.Dense", "path": "1_Pooling/.."}
    (model / "modules.json").write_text(json.dumps(parts), "utf-8")


def shards_of_another_kind(model: Path) -> None:
    in_shards(model, "vocab.txt")
    changed(model / "sentence_bert_config.json", model_kwargs={"weights_only": False})


def unreadable_shards(model: Path) -> None:
    in_shards(model, "a.safetensors")
    (model / "model.safetensors.index.json").write_text("[" * 100_000)


def part_elsewhere(model: Path) -> None:
    (model.parent / "elsewhere").mkdir()
    (model.parent / "elsewhere" / "pytorch_model.bin").write_bytes(b"harm")
    (model / "2_Dense").symlink_to(model.parent / "elsewhere")


CRAFTED = {
    "root": (root_that_is_no_network, "a format that can run code"),
    "shards": (shards_of_another_kind, "a format that can run code"),
    "unreadable": (unreadable_shards, "a format that can run code"),
    "case": (lambda model: (model / "1_Pooling" / "PyTorch_model.BIN").write_bytes(b""), "a format that can run code"),
    "link": (part_elsewhere, "2_Dense/pytorch_model.bin, a format that can run code"),
    "loop": (lambda model: (model / "2_Dense").symlink_to(model), "a link to a folder of its own"),
    "pipe": (lambda model: os.mkfifo(model / "added_tokens.json"), "a special file"),
    "adapter": (lambda model: (model / "adapter_config.json").write_text("{}"), "an adapter of another one"),
    "kernels": (
        lambda model: changed(model / "sentence_bert_config.json", model_kwargs={"allow_all_kernels": True}),
        "asks for code from elsewhere",
    ),
}


@pytest.mark.parametrize("trick", CRAFTED)
@pytest.mark.parametrize("cached", [False, True])
def test_no_crafted_model_reaches_a_reader_of_pickles(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trick: str, cached: bool
) -> None:
    import torch
    from huggingface_hub import constants

    def read(*_: object, **__: object) -> None:
        raise AssertionError("a pickle was read")

    monkeypatch.setattr(torch, "load", read)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    place = tmp_path / "cache" / "models--nobody--model" / "snapshots" / COMMIT if cached else tmp_path / "model"
    shutil.copytree(folder, place)
    if cached:
        (place.parents[1] / "refs").mkdir()
        (place.parents[1] / "refs" / "main").write_text(COMMIT)
    craft, said = CRAFTED[trick]
    craft(place)
    with pytest.raises(ModelUnavailable, match=said):
        load_encoder("nobody/model" if cached else str(place), device="cpu", only_cached=cached)


def test_a_network_in_several_files_is_read_beside_an_unused_pickle(
    folder: Path, encoder: SentenceEncoder, tmp_path: Path
) -> None:
    place = Path(shutil.copytree(folder, tmp_path / "model"))
    in_shards(place, "model-00001-of-00001.safetensors")
    (place / "pytorch_model.bin").write_bytes(b"harm")
    assert load_encoder(str(place), device="cpu").hash == encoder.hash


def test_models_lists_sizes_licences_and_figures(khabar: Khabar) -> None:
    shown = khabar("models").out
    assert "BAAI/bge-m3" in shown
    assert "CC-BY-NC" in shown
    listed = khabar("models", "--json").json
    e5 = next(model for model in listed if model["name"] == "intfloat/multilingual-e5-small")
    assert (e5["query"], e5["passage"], e5["belebele_ar_en"], e5["belebele_en_ar"]) == (
        "query: ",
        "passage: ",
        "71.7",
        "80.2",
    )
