"""Setting a page as PDF, from a template beside this file and what it shows."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


# Any: what JSON holds.
def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return a template as PDF (PDF/UA-1, so that screen readers read it); same input, same bytes."""
    import typst  # noqa: PLC0415 - 80 MB that most commands and pages do without

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    page = _template(template)
    try:
        made = typst.compile(
            page,
            format="pdf",
            sys_inputs=inputs,
            ignore_system_fonts=True,
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        # A name in a script that no shipped font has: boxes in its place are better than no page.
        made = typst.compile(page, format="pdf", sys_inputs=inputs, ignore_system_fonts=True)
    assert isinstance(made, bytes), "one document, one file"
    return made


@cache
def _template(name: str) -> bytes:
    return (files("vertrauenskonto.render") / name).read_bytes()
