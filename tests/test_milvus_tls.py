"""An index on a cluster that is reached through TLS, with a real engine behind it."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import CORPUS, ROOT, Khabar
from engines import Engine as Milvus
from engines import certified, encrypted
from test_milvus_commands import COMMAND

from index.errors import StorageError
from index.milvus import Address
from index.milvus.cluster import Cluster
from index.milvus.connecting import ROOTS

pytestmark = [
    pytest.mark.xdist_group("milvus"),  # one engine serves them all
    pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here that makes certificates"),
]

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certified(tmp_path_factory.mktemp("certificate"), HOST)


def test_what_is_indexed_through_tls_is_found_through_it(
    milvus: Milvus, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    def run(*command: object) -> Any:
        """In a process of its own: the client reads once whom it trusts."""
        done = subprocess.run(
            [*COMMAND, *map(str, command), "--json", "--index", address], cwd=ROOT, capture_output=True, text=True,
            env=os.environ | {ROOTS: str(certificate[0])},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with encrypted(milvus.port, *certificate) as port:
        plain = milvus.fresh()
        address = plain.replace(str(milvus.port), str(port), 1) + "?tls=yes"
        assert run("index", CORPUS / "corpus.jsonl")["added"] == 96
        hits = run("search", "ferry fire")["hits"]
        assert hits[0]["article"]["id"].startswith("ferry-")
        address = plain
        assert run("search", "ferry fire")["hits"] == hits


def test_a_certificate_that_is_not_trusted_is_named(
    khabar: Khabar, milvus: Milvus, certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus.cluster.CONNECTED", 0.5)
    other = certified(tmp_path, "milvus.example")
    for shown, trusted, why in (
        (certificate, None, "self-signed certificate"),
        (other, other[0], "IP address mismatch"),
        (certificate, other[0], "self-signed certificate"),
    ):
        if trusted:
            monkeypatch.setenv(ROOTS, str(trusted))
        with encrypted(milvus.port, *shown) as port:
            done = khabar("info", "--index", f"milvus://s3cret@{HOST}:{port}/news?tls=yes")
        assert done.code == 1
        assert f"The certificate of https://{HOST}:{port} is not trusted ({why}" in done.err
        assert f"Give the file of the authority that issued it in {ROOTS}" in done.err
        assert "s3cret" not in done.err
        assert len(done.err.splitlines()) == 1


def test_who_speaks_tls_to_one_that_does_not_is_told_and_the_other_way_round(
    khabar: Khabar, milvus: Milvus, certificate: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.milvus.cluster.CONNECTED", 0.5)
    done = khabar("info", "--index", f"milvus://{HOST}:{milvus.port}/news?tls=yes")
    assert done.code == 1
    assert "does not speak TLS" in done.err
    assert done.err.rstrip().endswith(f"leave that out: milvus://{HOST}:{milvus.port}/news")
    with encrypted(milvus.port, *certificate) as port:
        done = khabar("info", "--index", f"milvus://{HOST}:{port}/news")
    assert done.code == 1
    assert "speaks TLS" in done.err
    assert done.err.rstrip().endswith(f"Write the address so: 'milvus://{HOST}:{port}/news?tls=yes'")
    monkeypatch.setenv(ROOTS, str(tmp_path / "none.pem"))
    done = khabar("info", "--index", f"milvus://{HOST}:{milvus.port}/news?tls=yes")
    assert f"{tmp_path / 'none.pem'} is not there" in done.err


def test_a_connection_that_is_not_encrypted_never_stands_for_one_that_is(milvus: Milvus) -> None:
    address = Address.parse(milvus.fresh())
    Cluster(address)
    with pytest.raises(StorageError, match="does not speak TLS"):
        Cluster(replace(address, tls=True))
