"""The reference pages of the API, written from its OpenAPI document."""

import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
django.setup()

from vertrauenskonto.api.app import API  # noqa: E402  needs the settings
from vertrauenskonto.api.problems import TITLES  # noqa: E402
from vertrauenskonto.db.actions.tokens import SCOPES  # noqa: E402


def pages() -> dict[str, str]:
    """Return the pages: path under docs/ → text."""
    document = API.get_openapi_schema(path_prefix="/api/v1/")
    return {
        "reference/openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        "reference/api.md": _page(document),
    }


def _page(document: dict[str, Any]) -> str:
    parts = [
        "# REST API",
        "This page is written by `make docs` from the API itself; the whole of it is the OpenAPI "
        "document ([openapi.json](openapi.json), served at `/api/v1/openapi.json`, browsable at "
        "`/api/v1/docs`). How to use it stands in [the guide](../guides/api.md).",
        "## Scopes of tokens",
        "\n".join(
            [
                "| scope | lets a token |",
                "| --- | --- |",
                *(f"| `{name}` | {text.en} |" for name, text in SCOPES.items()),
            ]
        ),
        "## Endpoints",
        "\n".join(["| call | scope | what it does |", "| --- | --- | --- |", *_rows(document)]),
        "## Refusals",
        "Every refusal is `application/problem+json`; `code` is stable.",
        "\n".join(
            [
                "| status | code | |",
                "| --- | --- | --- |",
                *(
                    f"| {status} | `{code}` | {text.en} |"
                    for code, (status, text) in TITLES.items()
                ),
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(document: dict[str, Any]) -> list[str]:
    rows = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            scope = f"`{operation['x-scope']}`" if operation["x-scope"] else "any"
            said = " ".join(operation["description"].split("\n\n")[0].split())
            rows.append(f"| `{method.upper()} {path}` | {scope} | {said} |")
    return rows
