"""The house stands: imports only point downward, light things stay light, every command is documented."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOORS = ["index", "search", "cli"]  # each may import the ones before it, never one after


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize(
    "path", [*ROOT.glob("index/*.py"), *ROOT.glob("search/*.py")], ids=lambda p: f"{p.parent.name}/{p.name}"
)
def test_imports_point_downward(path: Path) -> None:
    floor = FLOORS.index(path.parent.name)
    assert not imported(path) & set(FLOORS[floor + 1 :])
    assert path.parent.name not in imported(path), "siblings are imported relatively"


def loaded_by(code: str) -> set[str]:
    """The top-level modules that are loaded after running some code in a fresh Python."""
    script = f"{code}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_help_text_needs_no_heavy_library() -> None:
    assert not loaded_by("import cli") & {"numpy", "faiss", "tokenizers", "torch", "trafilatura", "lxml", "feedparser"}


def test_options_are_read_without_a_library_for_data() -> None:
    code = (
        "import cli, sys\nsys.argv = ['khabar', 'info', '--index', 'nowhere']\ntry: cli.main()\nexcept SystemExit: pass"
    )
    assert not loaded_by(code) & {"pydantic", "attrs"}


def test_searching_never_loads_torch_or_what_only_reading_needs() -> None:
    code = "from search import Engine; from index import Index, load_encoder; load_encoder().encode_queries(['خبر'])"
    assert not loaded_by(code) & {"torch", "transformers", "sentence_transformers", "trafilatura", "lxml", "feedparser"}
