"""The API keeps what its OpenAPI description promises, whatever it is sent: schemathesis writes the requests."""

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("schemathesis")

import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig as Config
from schemathesis.specs.openapi.checks import positive_data_acceptance
from serving import TOKEN

from search.serve import Archive, Settings, create_app

HEADERS = {"Authorization": f"Bearer {TOKEN}", "Host": "localhost"}

# What a query, a day and the name of a source are has a grammar of its own, which JSON Schema cannot tell.
NOT_SAID = [positive_data_acceptance]

# A text that is too long may also be refused before it is read (413).
CONFIG = {"checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 413, 422]}}}

app = create_app(Settings("set below", token=TOKEN))
schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HEADERS, config=Config.from_dict(CONFIG))


@pytest.fixture(scope="module", autouse=True)
def archive(corpus_folder: Path) -> None:
    app.state.archive = Archive(str(corpus_folder))
    app.state.archive.stories()  # all articles are compared once


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=int(os.environ.get("KHABAR_EXAMPLES", 5)),
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Any) -> None:
    case.call_and_validate(headers=HEADERS, excluded_checks=NOT_SAID)
