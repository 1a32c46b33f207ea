"""The house stands: imports only point downward and pass through doors, light things stay light."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Each floor may import the floors before it, never its own neighbours or one above. A wing is named by its folder, a
# module that stands in none by its file.
FLOORS = [
    {"index.cores", "index.errors", "index.harmless", "index.kinds", "index.tables"},
    {"index.choices", "index.extras", "index.output"},
    {"index.text"},
    {"index.types", "index.searches"},
    {"index.passages", "index.publication", "index.clean", "index.ports"},
    {"index.read", "index.lookup"},
    {"index.encoders"},
    {"index.local"},
    {"index.milvus"},
    {"index.identities", "index.preparing", "index.uncommitted", "index.open"},
    {"index.workers", "index.batches"},
    {"index.ingest", "index.export"},
    {"search.types"},
    {"search.query"},
    {"search.ranking", "search.coverage"},
    {"search.listing"},
    {"search.ranker"},
    {"search.engine"},
    {"search.show", "search.evaluation"},
    {"search.fetch"},
    {"search.watch", "search.assistant"},
    {"search.console", "search.serve"},
    {"search.commands"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
HOUSE = [*ROOT.glob("index/**/*.py"), *ROOT.glob("search/**/*.py"), ROOT / "cli.py"]  # khabar/ is a face of both


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def room_of(module: str) -> str:
    """The wing or single module that a module belongs to: index.text.dates -> index.text."""
    return ".".join(module.split(".")[:2])


def source(path: Path) -> str:
    """The code of a module; a door is a line that loads names when they are asked for, and its stub says which."""
    stub = path.with_suffix(".pyi")
    return (stub if stub.exists() else path).read_text("utf-8")


def imported(path: Path) -> set[str]:
    """The modules of the house that a file imports, also inside functions, but for the faces `index` and `search`."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(source(path))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *(node.module.split(".") if node.module else [])])
            exported = EXPORTED.get(module, ())
            submodules = {f"{module}.{alias.name}" for alias in node.names if alias.name not in exported} & MODULES
            found |= submodules or {module}
    return (found & MODULES) - {"index", "search", name_of(path)}


def exported_by(door: Path) -> list[str]:
    for node in ast.parse(source(door)).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []


MODULES = {name_of(path) for path in HOUSE}
DOORS = [path for path in HOUSE if path.with_suffix(".pyi").exists()]  # a package inside a wing needs none
EXPORTED = {name_of(path): exported_by(path) for path in DOORS}


@pytest.mark.parametrize("path", HOUSE, ids=name_of)
def test_imports_point_downward(path: Path) -> None:
    here = room_of(name_of(path))
    if here in ("index", "search"):
        return  # the two faces export what stands above the ground floor
    for module in imported(path):
        there = room_of(module)
        assert there == here or FLOOR[there] < FLOOR[here], f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", HOUSE, ids=name_of)
def test_a_wing_is_entered_by_its_door(path: Path) -> None:
    here = room_of(name_of(path))
    for module in imported(path):
        assert room_of(module) in (module, here), f"{name_of(path)} imports {module}, not {room_of(module)}"


@pytest.mark.parametrize("path", [p for p in HOUSE if p.name == "__init__.py"], ids=name_of)
def test_a_door_says_what_its_wing_is_for(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    said = ast.get_docstring(tree)
    assert said
    assert said.split("\n")[0].endswith(".")


def test_whoever_asks_knows_no_kind_of_store() -> None:
    for path in HOUSE:
        if name_of(path).startswith(("search.", "index.ingest", "index.export", "index.lookup", "cli")):
            assert not [name for name in imported(path) if name.startswith("index.local")], name_of(path)


def test_nothing_imports_in_a_circle() -> None:
    arrows = {name_of(path): imported(path) for path in HOUSE}
    done: set[str] = set()

    def visit(module: str, above: tuple[str, ...]) -> None:
        assert module not in above, f"a circle: {' -> '.join([*above, module])}"
        if module not in done:
            for below in arrows[module]:
                visit(below, (*above, module))
            done.add(module)

    for module in arrows:
        visit(module, ())


def loaded_by(code: str) -> set[str]:
    """The modules that are loaded after running some code in a fresh Python, packages among them."""
    script = f"{code}\nimport sys; print('\\nloaded', *sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


def test_the_help_text_needs_no_heavy_library() -> None:
    assert not loaded_by("import cli") & {"numpy", "faiss", "tokenizers", "torch", "trafilatura", "lxml", "feedparser"}


def test_a_search_loads_only_what_it_needs(corpus_folder: Path) -> None:
    search = ["khabar", "search", "ferry", "--index", str(corpus_folder)]
    found = loaded_by(f"import cli, sys\nsys.argv = {search}\ntry: cli.main()\nexcept SystemExit: pass")
    assert "search.engine" in found
    assert not found & {"index.clean", "index.read", "search.evaluation", "email"}
    # Of coverage, only what finds copies to fold.
    assert not found & {"search.coverage.collection", "search.coverage.stories", "search.coverage.related"}
    assert not found & {"index.encoders.transformer", "index.encoders.catalogue"}
    assert not found & {"index.local.writer", "index.local.verify", "search.ranking.rerank"}


def test_options_are_read_without_a_library_for_data() -> None:
    code = (
        "import cli, sys\nsys.argv = ['khabar', 'info', '--index', 'nowhere']\ntry: cli.main()\nexcept SystemExit: pass"
    )
    assert not loaded_by(code) & {"pydantic", "attrs"}


def test_searching_never_loads_torch_or_what_only_reading_needs() -> None:
    code = "from search import Engine; from index import Index, load_encoder; load_encoder().encode_queries(['خبر'])"
    assert not loaded_by(code) & {"torch", "transformers", "sentence_transformers", "trafilatura", "lxml", "feedparser"}


def test_opening_a_door_loads_nothing_behind_it() -> None:
    doors = set(EXPORTED)
    loaded = loaded_by(f"import {', '.join(doors)}")
    assert {name for name in loaded if name.split(".")[0] in ("index", "search")} == doors


def test_everything_that_a_door_names_is_behind_it() -> None:
    for name, names in EXPORTED.items():
        door = import_module(name)
        assert sorted(names) == dir(door)
        for exported in names:
            # A function is not mistaken for the module of its name, whichever was loaded first.
            is_module = f"{name}.{exported}" in MODULES and exported not in functions_of(f"{name}.{exported}")
            assert isinstance(getattr(door, exported), ModuleType) == is_module


def test_the_face_names_what_its_stub_names_and_loads_nothing_before_it_is_asked_for() -> None:
    import khabar

    stub = ast.parse((ROOT / "khabar" / "__init__.pyi").read_text("utf-8"))
    homes = {
        alias.name: getattr(node, "module", None)
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert sorted(homes) == khabar.__all__ == dir(khabar)
    for name, home in homes.items():
        assert getattr(khabar, name) is getattr(import_module(home), name)
    with pytest.raises(AttributeError, match="nothing"):
        _ = khabar.nothing
    assert not {name.split(".")[0] for name in loaded_by("import khabar")} & {"index", "search", "numpy"}


# What only POSIX systems have. Each use is guarded, so that Windows goes another way.
POSIX = {"fcntl", "grp", "pwd", "resource", "termios", "tty", "pty"}
POSIX_NAMES = (
    {
        "O_DIRECTORY",
        "O_NOFOLLOW",
        "O_NONBLOCK",
        "ST_RDONLY",
        "statvfs",
        "fork",
        "forkpty",
        "getuid",
        "geteuid",
        "getgid",
    }
    | {
        "getpgid",
        "setsid",
        "killpg",
        "mkfifo",
        "mknod",
        "chown",
        "lchown",
        "fchmod",
        "fchown",
        "chroot",
        "nice",
        "uname",
    }
    | {"sysconf", "getloadavg", "sched_getaffinity", "posix_fadvise", "posix_fallocate", "pread", "pwrite", "sync"}
    | {"SIGHUP", "SIGKILL", "SIGPIPE", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGWINCH", "alarm", "pthread_kill"}
)
GUARDED = {
    "index.local.layout": {"O_DIRECTORY", "O_NOFOLLOW"},  # where folders can be opened
    "index.local.database": {"ST_RDONLY", "statvfs"},  # behind hasattr
    "index.cores": {"sched_getaffinity"},  # likewise
    "search.serve.compared": {"nice"},  # behind hasattr
    "search.console": {"resource"},  # where it can be imported
}


@pytest.mark.parametrize("path", HOUSE, ids=name_of)
def test_nothing_that_only_posix_has_is_used_without_a_guard(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("os", "signal")
    }
    modules = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names
    }
    assert (used & POSIX_NAMES) | (modules & POSIX) == GUARDED.get(name_of(path), set())


def functions_of(module: str) -> set[str]:
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
