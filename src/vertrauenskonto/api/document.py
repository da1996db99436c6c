"""The OpenAPI document, with what the framework leaves out: refusals, headers, the token."""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from vertrauenskonto.api.cloudevents import CloudEventIn, DataIn
from vertrauenskonto.api.events import EventIn
from vertrauenskonto.api.problems import MEDIA_TYPE, TITLES

_REF = "#/components/schemas/{model}"
_READS = (400, 401, 403, 404, 406, 409, 422, 429, 503)
_WRITES = (*_READS, 411, 413, 415)
_TEXT = {"type": "string"}

PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457), in the language of Accept-Language.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {"type": "string", "enum": list(TITLES)},
        "request_id": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "code", "text"],
                "properties": {
                    "in": {"type": "string", "enum": ["body", "query", "path", "header"]},
                    "pointer": {
                        "type": "string",
                        "description": "A JSON pointer to what is wrong.",
                    },
                    "code": _TEXT,
                    "text": {"type": "string", "description": "What is wrong, and its cure."},
                    "value": {
                        "type": "string",
                        "description": "The value, unless it is personal.",
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request gets the same answer for 7 days, marked by "
    "the header Idempotency-Replayed; with another request it is refused (422).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}
_REQUEST_ID = {
    "description": "The name of this request, as in the log; the caller's X-Request-Id if given.",
    "schema": _TEXT,
}
_REPLAYED = {
    "description": "`true`: the same call was made before, and this is what it was answered.",
    "schema": {"type": "string", "enum": ["true"]},
}
_RETRY = {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}


def described(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that the framework made, completed."""
    document = dict(found)
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    _, own = models_json_schema(
        [(EventIn, "validation"), (CloudEventIn, "validation"), (DataIn, "validation")],
        ref_template=_REF,
    )
    schemas |= own["$defs"]
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "vk_<prefix>_<secret>"}
    }
    document["paths"] = {
        path: {method: _operation(method, one) for method, one in operations.items()}
        for path, operations in document["paths"].items()
    }
    plain: dict[str, Any] = _without_nothing(document)
    plain["components"]["schemas"] = dict(sorted(plain["components"]["schemas"].items()))
    return plain


def _operation(method: str, found: Mapping[str, Any]) -> dict[str, Any]:
    scope = found.get("x-scope", "")
    said = scope and f"\n\nNeeds the scope `{scope}`."
    operation = {
        **found,
        "description": f"{found.get('description', '').strip()}{said}",
        "security": [{"token": []}],
    }
    responses = {
        str(status): {**answer, "headers": _headers(method, int(status))}
        for status, answer in found["responses"].items()
    }
    for status in _READS if method == "get" else _WRITES:
        responses[str(status)] = {
            "description": next(text.en for code, text in TITLES.values() if code == status),
            "headers": _headers(method, status),
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
    operation["responses"] = dict(sorted(responses.items()))
    if method == "post":
        operation["parameters"] = [*found["parameters"], _KEY]
    return operation


def _headers(method: str, status: int) -> dict[str, Any]:
    headers: dict[str, Any] = {"X-Request-Id": _REQUEST_ID}
    if method == "post" and status < 300:
        headers["Idempotency-Replayed"] = _REPLAYED
    if status in (429, 503):
        headers["Retry-After"] = _RETRY
    return headers


def _without_nothing(value: Any) -> Any:
    """Leave out defaults of null: they stand for absent, which null is not."""
    if isinstance(value, Mapping):
        return {
            name: _without_nothing(inner)
            for name, inner in value.items()
            if not (name == "default" and inner is None)
        }
    if isinstance(value, list | tuple):
        return [_without_nothing(inner) for inner in value]
    return value
