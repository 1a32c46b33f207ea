"""What tests of sentence-transformers models use: a tiny model, and an encoder of it."""

import json
from pathlib import Path

import pytest
import tiny
from conftest import CORPUS

from index import Index, ingest
from index.encoders.transformer import SentenceEncoder

SENTENCE = (
    "أعلنت وزارة النقل عودة القطار الليلي بين كسرون والساحل. "  # The ministry announced the night train's return.
)


@pytest.fixture(scope="session", name="folder")
def folder_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save_encoder(tmp_path_factory.mktemp("models") / "small", prompts={"query": "query: "})


@pytest.fixture(scope="session", name="encoder")
def encoder_fixture(folder: Path) -> SentenceEncoder:
    return SentenceEncoder(str(folder), device="cpu")


def renamed(folder: Path, name: str, prompts: dict[str, str] | None = None) -> Path:
    """The same model under another name, with other prompts in its configuration."""
    copy = folder.parent / name
    if not copy.exists():
        copy.mkdir(parents=True)
        for file in folder.iterdir():
            (copy / file.name).symlink_to(file)
        written = copy / "config_sentence_transformers.json"
        said = json.loads(written.read_text("utf-8"))
        written.unlink()
        written.write_text(json.dumps(said | {"prompts": prompts or {}}), "utf-8")
    return copy


@pytest.fixture(scope="session", name="source")
def source_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first thirty articles of the corpus."""
    path = tmp_path_factory.mktemp("source") / "news.jsonl"
    lines = (CORPUS / "corpus.jsonl").read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:30]), "utf-8")
    return path


@pytest.fixture(scope="session", name="made")
def made_fixture(encoder: SentenceEncoder, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of them with the small model; tests must not change it."""
    path = tmp_path_factory.mktemp("made") / "index"
    ingest.ingest(Index.create(path, encoder), [str(source)], encoder)
    return path
