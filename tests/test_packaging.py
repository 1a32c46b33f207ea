"""What is published works: wheel and sdist are built, and the installed wheel indexes and searches by itself."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import CORPUS, ROOT

pytest.importorskip("build")
pytest.importorskip("hatchling")

pytestmark = pytest.mark.xdist_group("packaging")  # one process builds, once


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist of this checkout and the wheel that is built from that sdist."""
    folder = tmp_path_factory.mktemp("dist")
    # With the installed hatchling, so that nothing is downloaded.
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT], check=True, capture_output=True
    )
    return folder


def package_files() -> set[str]:
    """The files of the packages in this checkout, but for what Python compiles and git ignores."""
    found = (path for wing in ("index", "khabar", "search") for path in (ROOT / wing).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts} | {"cli.py"}


def test_the_wheel_holds_every_module_and_every_data_file_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == package_files()


def test_the_sdist_holds_what_the_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert package_files() <= names
    assert {"pyproject.toml", "LICENSE", "README.md", "corpus/corpus.jsonl", "tests/test_packaging.py"} <= names


def test_the_installed_wheel_indexes_and_searches_outside_the_checkout(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    environment = tmp_path / "environment"
    venv.create(environment)
    python = environment / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )
    # The dependencies are those of this environment. As a line of a .pth file they come after the wheel, and the .pth
    # files of this environment, an editable install among them, are not read.
    (packages,) = environment.glob("lib/python*/site-packages")
    shared = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("\n".join(shared), "utf-8")
    shutil.copy(CORPUS / "corpus.jsonl", tmp_path)

    def khabar(*arguments: str) -> str:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KHABAR"))}
        command = [environment / "bin" / "khabar", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=plain, capture_output=True, text=True, check=True).stdout

    where = subprocess.run(
        [
            python,
            "-c",
            "import cli, index, khabar, search; print(cli.__file__, index.__file__, khabar.Index, khabar.__file__)",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.count(str(packages)) == 3
    assert "index.local.index.Index" in where.stdout
    assert json.loads(khabar("index", "corpus.jsonl", "--json"))["rejected"] == []
    for query in ("حريق العبّارة", "ferry fire"):  # the same in both languages
        (first, *_) = json.loads(khabar("search", query, "--json"))["hits"]
        assert first["article"]["id"].startswith("ferry-")
