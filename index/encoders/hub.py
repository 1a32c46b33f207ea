"""Models of sentence-transformers: from a folder, the hub's cache or the hub, or one clear sentence why not.

No code that comes with a model is run, and no weights are read but those in safetensors files: the other formats of
torch are pickles, which can run code.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from os.path import normpath
from pathlib import Path
from typing import Any, Literal

from ..errors import InputError, ModelUnavailable
from ..extras import require_extra

BACKENDS = {"onnx": "optimum", "openvino": "optimum"}  # prefix of a name -> the module that runs it, beside torch

# The oldest sentence-transformers that runs no code of a local folder: 5.7 imported what modules.json named.
OLDEST = (6, 2)

_CODE = "trust_remote_code"  # is in the message when a model wants to run code of its own
# Files of a model that are fetched from the hub: no pickles, and no code.
_READ = ("*.json", "*.jinja", "*.txt", "*.model", "*.safetensors")
_READ_BY = {"onnx": ("*.onnx", "*.onnx_data*"), "openvino": ("*openvino*.xml", "*openvino*.bin")}

_PICKLE = re.compile(r"pytorch_model.*\.bin", re.IGNORECASE)
_SETTINGS = re.compile(r"sentence_.*config\.json", re.IGNORECASE)  # what a part gives to transformers
_SHARDS = ".safetensors.index.json"  # the end of the name of a file that says which files hold the weights of a network
_NETWORK = "Transformer"  # the kind of part that transformers reads; others know no shards
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+)?")


def is_hub_name(name: str) -> bool:
    """Whether a name is one of the hub, as `owner/model`, by its form alone: it may be the name of a folder as well."""
    return _HUB_NAME.fullmatch(_backend(name)[1]) is not None


def reference(name: str) -> str:
    """A name by which the model can be loaded from any working folder: that of the hub, or the whole path."""
    backend, bare = _backend(name)
    path = Path(bare).expanduser()
    bare = str(path.resolve()) if path.is_dir() else bare
    return bare if backend == "torch" else f"{backend}:{bare}"


def load_model(
    kind: Literal["SentenceTransformer", "CrossEncoder"], name: str, device: str | None, *, only_cached: bool = False
) -> Any:
    """A model of sentence-transformers: from a folder, from what the hub's cache holds, else from the hub.

    With `only_cached` from the hub's cache alone, whatever folder has that name. Raises ModelUnavailable with the
    command that mends it, and InputError for a device that is not there.
    """

    backend, bare = _backend(name)
    require_extra(f"The model {name!r}", "models", "sentence_transformers", error=ModelUnavailable)
    _require_version()
    if backend in BACKENDS:
        _require_backend(backend)
    import sentence_transformers

    _require_device(device)
    options: dict[str, Any] = {"device": device, "backend": backend, "trust_remote_code": False}
    if backend == "torch":
        options["model_kwargs"] = {"use_safetensors": True, "weights_only": True}
    load = getattr(sentence_transformers, kind)
    path = Path(bare).expanduser()
    if path.is_dir() and not only_cached:
        _require_harmless(path, name, backend)
        with _quiet():
            return _loaded(lambda: load(str(path), local_files_only=True, **options), name)
    if path.is_absolute() or bare.startswith((".", "~")) or bare.count("/") > 1:
        raise ModelUnavailable(f"There is no folder {bare}. Name the folder where the model is now.")
    try:
        with _quiet():
            # What is in the cache needs no question to the hub.
            return load(_snapshot(bare, backend, local_files_only=True), local_files_only=True, **options)
    except ModelUnavailable:
        raise
    except Exception as error:
        if not isinstance(error, (OSError, ValueError)) or _CODE in str(error):
            raise _explained(error, name) from error
        if only_cached:
            raise ModelUnavailable(
                f"The index was made with the model {name!r}, which is not in the cache of this machine. "
                f"To fetch it, name it: --model {name}"
            ) from None
        _require_safetensors(_files_at_hub(bare), name, backend)
        folder = _loaded(lambda: _snapshot(bare, backend, local_files_only=False), name)
        return _loaded(lambda: load(folder, local_files_only=True, **options), name)


def _snapshot(name: str, backend: str, *, local_files_only: bool) -> str:
    """The folder in which the hub's cache holds a model, fetched unless `local_files_only`; no pickle and no code.

    Raises OSError or ValueError where it is not there, ModelUnavailable where a part of it is a pickle.
    """
    from huggingface_hub import snapshot_download

    patterns = [*_READ, *_READ_BY.get(backend, ())]
    folder = str(snapshot_download(name, local_files_only=local_files_only, allow_patterns=patterns))
    _require_harmless(Path(folder), name, backend)
    return folder


def _require_harmless(folder: Path, name: str, backend: str) -> None:
    """Raises ModelUnavailable where a library would read a pickle, or a place that was not looked at, for a model.

    What its names do not tell stands in its files: which parts there are, and in which files their weights are.
    """
    files = _files(folder, name)
    for file, path in files.items():
        if path.exists() and not path.is_file():
            raise ModelUnavailable(f"The model {name!r} has a special file, {file}. Name a model that has none.")
        if path.name == "adapter_config.json":
            raise ModelUnavailable(
                f"The model {name!r} is an adapter of another one ({file}). Merge it into that one, and save it whole."
            )
        if file.lower().endswith(_SHARDS) and not all(str(one).endswith(".safetensors") for one in _shards(path)):
            raise _pickled(name, f"files that {file} names")
        if _SETTINGS.fullmatch(path.name) and "allow_all_kernels" in str(_parsed(path)):
            raise ModelUnavailable(
                f"The model {name!r} asks for code from elsewhere ({file}), which Khabar does not run. "
                "Name another: khabar models"
            )
    _require_safetensors(files, name, backend, sharded=_root_is_network(files.get("modules.json")))


def _files(folder: Path, name: str) -> dict[str, Path]:
    """The files of a model by their names in it, those of linked folders too. Raises ModelUnavailable."""
    files: dict[str, Path] = {}
    met = {folder.resolve()}
    for place, folders, inside in os.walk(folder, followlinks=True):
        for one in folders:
            if (real := Path(place, one).resolve()) in met:
                raise ModelUnavailable(f"The model {name!r} has a link to a folder of its own, {one}. Remove that.")
            met.add(real)
        files |= {(path := Path(place, one)).relative_to(folder).as_posix(): path for one in inside}
    return files


def _root_is_network(modules: Path | None) -> bool:
    """Whether transformers reads the uppermost folder of a model, by its modules.json; without one it does."""
    if modules is None:
        return True
    try:
        at_root = [str(part["type"]) for part in _parsed(modules) if normpath(part["path"]) == "."]
    except (LookupError, TypeError):
        return False
    return all(kind.rpartition(".")[2] == _NETWORK for kind in at_root)


def _shards(index: Path) -> list[object]:
    """The files that a list of shards names; [""] where it cannot be read."""
    try:
        return list(_parsed(index)["weight_map"].values())
    except (LookupError, TypeError, AttributeError):
        return [""]


def _parsed(path: Path) -> Any:
    """What a JSON file says; None where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def _require_safetensors(files: Iterable[str], name: str, backend: str, *, sharded: bool = True) -> None:
    """Raises ModelUnavailable where a part of a model, among the files of the whole, has its weights in a pickle alone.

    Parts that are no network of transformers read `model.safetensors`, else `pytorch_model.bin`; `sharded` says that
    the uppermost folder is such a network, which may have its weights in several files.
    """
    found = set(files) if backend == "torch" else set()
    for file in sorted(found):
        folder, slash, last = file.rpartition("/")
        whole = [f"{folder}{slash}model.safetensors"]
        if sharded and not folder:
            whole.append(f"model{_SHARDS}")
        if _PICKLE.fullmatch(last) and found.isdisjoint(whole):
            raise _pickled(name, file)


def _pickled(name: str, where: str) -> ModelUnavailable:
    return ModelUnavailable(
        f"The model {name!r} has weights in {where}, a format that can run code. "
        "Khabar reads safetensors only. Name a model that has them."
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the progress bars of transformers, which are over before they can be read."""
    from transformers.utils import logging

    bars: Any = logging  # its functions have no types
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _backend(name: str) -> tuple[str, str]:
    backend, colon, bare = name.partition(":")
    return (backend, bare) if colon and backend in BACKENDS else ("torch", name)


def _require_backend(backend: str) -> None:
    if find_spec(BACKENDS[backend]) is None:
        raise ModelUnavailable(f"The backend {backend} needs a library: pip install 'sentence-transformers[{backend}]'")


def _require_version() -> None:
    from importlib.metadata import version

    installed = version("sentence-transformers")
    if tuple(int(part) for part in re.findall(r"\d+", installed)[:2]) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise ModelUnavailable(
            f"sentence-transformers {installed} may run code that comes with a model. "
            f"Type: pip install 'sentence-transformers>={wanted}'"
        )


def _require_device(device: str | None) -> None:
    import torch

    if device is None:
        return
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise InputError(
            f"The device {device!r} is not available here. Try --device cpu, or leave the choice open."
        ) from None


def _files_at_hub(name: str) -> list[str]:
    """The names of a model's files at the hub, which is asked for ten seconds at most.

    Raises ModelUnavailable unless the hub can be reached and has the model.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        return [file.rfilename for file in HfApi().model_info(name, timeout=10).siblings or ()]
    except RepositoryNotFoundError:
        raise ModelUnavailable(
            f"There is no model {name!r} in any folder here or at the hub, or it is private. See: khabar models"
        ) from None
    except Exception as error:  # whatever keeps the hub from answering: each version has classes of its own for it
        raise ModelUnavailable(
            f"The model {name!r} is in no folder and no cache of this machine, and the hub cannot be reached "
            f"({type(error).__name__}). "
            f"{_fetch_elsewhere(name)}"
        ) from None


def _loaded(load: Callable[[], Any], name: str) -> Any:
    try:
        return load()
    except (
        Exception
    ) as error:  # each library beneath has kinds of its own: for damaged weights, for versions that clash
        raise _explained(error, name) from error


def _explained(error: Exception, name: str) -> ModelUnavailable:
    bare = _backend(name)[1]
    if _CODE in str(error):
        return ModelUnavailable(
            f"The model {name!r} brings code of its own, which Khabar does not run. Name another: khabar models"
        )
    if "GatedRepoError" in _causes(error):
        return ModelUnavailable(
            f"The model {name!r} is gated: its owner wants its terms accepted at https://huggingface.co/{bare}. "
            f"Having done that, type: hf auth login. {_fetch_elsewhere(bare)}"
        )
    return ModelUnavailable(f"The model {name!r} cannot be loaded ({error}). Fetch it again, or name another.")


def _causes(error: BaseException | None) -> set[str]:
    names = set()
    while error is not None:
        names.add(type(error).__name__)
        error = error.__cause__ or error.__context__
    return names


def _fetch_elsewhere(name: str) -> str:
    folder = name.rpartition("/")[2]
    return (
        f"On a connected machine type: hf download {name} --local-dir {folder}; "
        f"then copy that folder here and give it with --model {folder}"
    )
