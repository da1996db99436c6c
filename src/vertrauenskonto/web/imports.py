"""Upload: a file, what its columns mean, a trial over all of it, and only then booking."""

from collections.abc import Callable, Iterator
from secrets import token_urlsafe
from typing import Any, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text, TrustError
from vertrauenskonto.db.actions import import_runs as actions
from vertrauenskonto.db.actions.import_runs import Given
from vertrauenskonto.db.actions.mappings import TEXT_LENGTH_MAX, save_mapping
from vertrauenskonto.db.import_folders import too_large
from vertrauenskonto.db.queries import import_runs as queries
from vertrauenskonto.db.queries import mappings
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.import_forms import ColumnMapForm, TomlForm, UploadForm
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_PROBLEMS_SHOWN = 20
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page("POST", right="lead", module="sources")
def start(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Take a file in."""
    form = UploadForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            number = _received(request, asked)
        except TrustError as refusal:
            form.refuse(refusal, field="upload")
        else:
            return redirect("import_run", number)
    key = request.POST.get("key") or token_urlsafe(16)
    found = {"form": form, "key": key, "mappings": mappings.all_mappings(asked.viewer)}
    return render(request, "imports/start.html", found, status=400 if form.errors else 200)


def _received(request: HttpRequest, asked: Asked) -> int:
    if getattr(request, "is_upload_too_large", False):
        raise too_large(actions.UPLOAD_BYTES_MAX)
    files = [
        Given(name=file.name or "", blocks=cast("Iterator[bytes]", file.chunks()))
        for file in request.FILES.getlist("upload")
    ]
    key = request.POST.get("key", "")
    return actions.receive(asked.viewer, key, files, now=asked.door.at)


@page(right="lead", module="sources")
def show(request: HttpRequest, asked: Asked, run: int) -> HttpResponse:
    """Show where an import stands: what it would book, is booking, or has booked."""
    found = queries.run(asked.viewer, run)
    if found.state == "uploaded" and found.is_kept:
        return redirect("import_columns", run)
    rows = queries.problems(asked.viewer, run, page_language())
    listed = [row for _, row in zip(range(_PROBLEMS_SHOWN), rows, strict=False)]
    before = queries.booked_before(asked.viewer, run) if found.state == "checked" else None
    told = {"run": found, "problems": listed, "before": before, "step": _step(found.state)}
    return render(request, "imports/run.html", told)


def _step(state: str) -> int:
    return {"checking": 3, "checked": 3, "uploaded": 2, "failed": 3}.get(state, 4)


@page("POST", right="lead", module="sources")
def columns(request: HttpRequest, asked: Asked, run: int) -> HttpResponse:
    """Choose a mapping, with what it makes of the first rows; then try the whole file."""
    found = queries.run(asked.viewer, run)
    if not found.is_kept or found.state in ("booking", "booked", "stopped"):
        return redirect("import_run", run)
    if request.method == "POST":
        try:
            actions.choose(asked.viewer, run, request.POST.get("mapping", ""), now=asked.door.at)
        except (Conflict, Invalid) as refusal:
            return _columns(request, asked, found, refusal)
        return redirect("import_run", run)
    return _columns(request, asked, found, None)


def _columns(
    request: HttpRequest, asked: Asked, found: queries.Run, refusal: TrustError | None
) -> HttpResponse:
    told: dict[str, Any] = {"run": found, "step": 2, "refusal": _said(refusal)}
    tables = queries.tables(found)
    try:
        told |= {"peeks": tables.peeks, "recognised": tables.recognised}
    except Invalid as unreadable:
        told["unreadable"] = _said(unreadable)
        return render(request, "imports/columns.html", told, status=400)
    listed = mappings.all_mappings(asked.viewer)
    likely = [m for name in tables.recognised for m in listed if m.name == name]
    wanted = request.POST.get("mapping") or request.GET.get("zuordnung") or found.mapping
    is_known = any(m.name == wanted for m in listed)
    chosen = wanted if is_known else next((m.name for m in likely), "")
    told |= {"likely": likely, "others": [m for m in listed if m not in likely], "chosen": chosen}
    if chosen:
        try:
            told["preview"] = queries.preview(found, chosen, today=asked.door.today)
            told["is_previewed"] = True
        except TrustError as misfit:
            told["misfit"] = _said(misfit)
    return render(request, "imports/columns.html", told, status=400 if refusal else 200)


@page("POST", right="lead", module="sources")
def own(request: HttpRequest, asked: Asked, run: int) -> HttpResponse:
    """Say what the columns mean, or bring a mapping along; it is kept for the next file."""
    found = queries.run(asked.viewer, run)
    try:
        first = next(iter(queries.tables(found).peeks.values()))
    except Invalid:
        # The page before says why it cannot be read.
        return redirect("import_columns", run)
    is_toml = request.method == "POST" and "bring" in request.POST
    given = None if is_toml else asked.given(request)
    title = found.files[0].rpartition(".")[0].replace("_", " ").title()
    form = ColumnMapForm(
        given,
        columns=[name for name in first.columns if name != "line"],
        values=dict(first.values),
        initial={"title": title[:60]},
    )
    brought = TomlForm(request.POST if is_toml else None)
    if is_toml or (given is not None and form.is_valid() and not form.asks_values):
        try:
            name = _saved(request, asked, form, is_toml=is_toml)
        except TrustError as refusal:
            told = _with_problems(refusal)
            if is_toml:
                brought.refuse(told, field="toml")
            else:
                form.refuse(told, field="title")
        else:
            return redirect(f"{_columns_url(run)}?zuordnung={name}")
    told_page = {"run": found, "form": form, "brought": brought, "peek": first, "step": 2}
    is_wrong = form.errors or brought.errors
    return render(request, "imports/own.html", told_page, status=400 if is_wrong else 200)


def _saved(request: HttpRequest, asked: Asked, form: ColumnMapForm, *, is_toml: bool) -> str:
    if not is_toml:
        return save_mapping(asked.viewer, form.toml(), now=asked.door.at, replaces=False)
    file = request.FILES.get("toml")
    if not isinstance(file, UploadedFile):
        raise Invalid(
            Text(de="Wählen Sie die Datei mit der Zuordnung.", en="Choose the mapping's file.")
        )
    try:
        text = file.read(TEXT_LENGTH_MAX + 1).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            Text(
                de="Die Datei ist keine Textdatei (UTF-8).", en="The file is no text file (UTF-8)."
            )
        ) from None
    return save_mapping(asked.viewer, text, now=asked.door.at, replaces=True)


def _columns_url(run: int) -> str:
    return f"/quellen/lauf/{run}/spalten/"


@page("POST", right="lead", module="sources", form_on=("import_run", "run"))
def act(request: HttpRequest, asked: Asked, run: int) -> HttpResponse:
    """Book, stop, read again or delete a run, as its page offers."""
    doing: dict[str, Callable[..., None]] = {
        "book": actions.confirm,
        "again": actions.again,
        "stop": actions.stop,
        "discard": actions.discard,
    }
    what = doing.get(request.POST.get("what", ""))
    if what is None:
        raise Http404
    try:
        what(asked.viewer, run, now=asked.door.at)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
    return redirect("import_run", run)


@page(right="lead", module="sources")
def problems(request: HttpRequest, asked: Asked, run: int) -> StreamingHttpResponse:
    """Return the problems of a run as CSV, safe to open in a spreadsheet."""
    rows = queries.problems(asked.viewer, run, page_language())
    answer = StreamingHttpResponse(_csv(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="probleme-{run}.csv"'
    return answer


def _csv(rows: Iterator[tuple[str, int | None, str, str, str]]) -> Iterator[str]:
    note, error = words("Hinweis", "note"), words("Problem", "problem")
    head = (
        words("Datei", "file"),
        words("Zeile", "line"),
        words("Spalte", "column"),
        words("Art", "sort"),
        words("Was und was hilft", "what, and what helps"),
    )
    yield "\ufeff" + ";".join(map(_cell, head)) + "\r\n"
    for file, line, column, severity, text in rows:
        sort = note if severity == "note" else error
        number = "" if line is None else str(line)
        yield ";".join(map(_cell, (file, number, column, sort, text))) + "\r\n"


def _cell(value: str) -> str:
    safe = f"'{value}" if value.startswith(_FORMULA) else value
    return '"' + safe.replace('"', '""') + '"'


@page(right="lead", module="sources")
def toml(request: HttpRequest, asked: Asked, name: str) -> HttpResponse:
    """Return a mapping as the file that the command line reads."""
    text = mappings.toml(asked.viewer, name)
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return answer


def _said(error: TrustError | None) -> list[str]:
    """Return the message, and what its problems say."""
    if error is None:
        return []
    return [spoken(error.text), *(_place(p) for p in error.problems[:10])]


def _place(problem: Problem) -> str:
    return problem.in_language(page_language())


def _with_problems(error: TrustError) -> TrustError:
    """Return the error with its problems in the message, where no field is theirs."""
    if not error.problems or isinstance(error, NotFound):
        return error
    listed = error.problems[:5]
    return Invalid(
        Text(
            de=" ".join([error.text.de, *(p.in_language("de") for p in listed)]),
            en=" ".join([error.text.en, *(p.in_language("en") for p in listed)]),
        )
    )


urls = [
    path("quellen/hochladen/", start, name="import_start"),
    path("quellen/lauf/<int:run>/", show, name="import_run"),
    path("quellen/lauf/<int:run>/spalten/", columns, name="import_columns"),
    path("quellen/lauf/<int:run>/eigene/", own, name="import_own"),
    path("quellen/lauf/<int:run>/tun/", act, name="import_act"),
    path("quellen/lauf/<int:run>/probleme.csv", problems, name="import_problems"),
    path("quellen/zuordnung/<slug:name>.toml", toml, name="mapping_toml"),
]
