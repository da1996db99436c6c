"""The API tried against its own document: no server error, and no answer that is not in it."""

import os
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
LONG = int(os.environ.get("FUZZING_EXAMPLES", "100"))
ROLE = os.environ.get("FUZZING_ROLE", "administrator")


def fuzz(company, examples: int) -> int:
    """Call every endpoint so many times, half of them wrongly; return how many calls were made."""
    ada = company.world.customer()
    company.post("/entries", company.event(ada))
    # Packed answers are read by nobody here: the fuzzer looks at the bytes.
    headers = {
        "Authorization": f"Bearer {company.secrets[ROLE]}",
        "Accept-Encoding": "identity",
    }
    schema = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", app=get_wsgi_application(), base_url="http://localhost"
    )
    made = 0
    for result in schema.get_all_operations():
        operation: Any = result.ok()
        # Erased customers would answer everything that follows with "not found".
        key = company.world.customer() if "erasure" in operation.path else ada
        strategy = operation.as_strategy() | operation.as_strategy(
            schemathesis.GenerationMode.NEGATIVE
        )

        made += _try(strategy, key, headers, examples)
    return made


def _try(strategy, key, headers, examples: int) -> int:
    made = 0

    @settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def try_it(case):
        nonlocal made
        if "key" in (case.path_parameters or {}) and made % 4:
            case.path_parameters["key"] = key
        made += 1
        case.call_and_validate(headers=headers, checks=CHECKS)

    try_it()
    return made


def test_fuzzing_finds_no_server_error_and_no_answer_outside_the_document(company, settings_of):
    settings_of("API_CALLS_PER_MINUTE", 1_000_000)
    assert fuzz(company, 4) > 100


@pytest.mark.long
def test_long_fuzzing_finds_nothing_either(company, settings_of):
    settings_of("API_CALLS_PER_MINUTE", 1_000_000)
    assert fuzz(company, LONG) > 1_000
