"""Sources: each system and how it is doing, what is read by the clock, and what waits."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Text, TrustError
from vertrauenskonto.db.actions import sources as actions
from vertrauenskonto.db.queries import mappings
from vertrauenskonto.db.queries import sources as queries
from vertrauenskonto.db.source_places import KINDS, inbox
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.source_forms import SourceForm
from vertrauenskonto.web.templatetags.words import spoken

KIND_WORDS = {
    "folder": Text("Ordner", "Folder"),
    "sql": Text("Datenbank", "Database"),
    "sftp": Text("SFTP-Server", "SFTP server"),
    "mailbox": Text("Postfach", "Mailbox"),
}
KIND_HINTS = {
    "folder": Text(
        "Dateien, die ein anderes Programm in den Eingangsordner dieses Servers legt.",
        "Files that another program puts into this server's inbox folder.",
    ),
    "sql": Text(
        "Eine Abfrage an eine PostgreSQL-Datenbank, nur lesend.",
        "A query to a PostgreSQL database, reading only.",
    ),
    "sftp": Text(
        "Dateien, die auf einem SFTP-Server abgelegt werden.",
        "Files that are put on an SFTP server.",
    ),
    "mailbox": Text(
        "Weitergeleitete E-Mails und solche, in denen Sie das Postfach in BCC setzen. Jede wird "
        "ein Entwurf, über den ein Mensch entscheidet.",
        "Forwarded mails, and those where you put the mailbox in BCC. Each becomes a draft that a "
        "person decides on.",
    ),
}


@page(right="lead", module="sources")
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show all sources, and what waits for a person."""
    found = queries.overview(asked.viewer, now=asked.door.at)
    return render(request, "sources/index.html", {"found": found, "kind_words": KIND_WORDS})


@page(right="lead", module="sources")
def choose(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Choose what kind of source to enter."""
    kinds = [(kind, KIND_WORDS[kind], KIND_HINTS[kind]) for kind in KINDS]
    return render(request, "sources/choose.html", {"kinds": kinds})


@page("POST", right="lead", module="sources")
def add(request: HttpRequest, asked: Asked, kind: str) -> HttpResponse:
    """Enter a source of a kind."""
    if kind not in KINDS:
        raise Http404
    form = _form(asked, asked.given(request), kind, initial={"is_on": True, "every": "60"})
    if request.method == "POST" and form.is_valid():
        try:
            number = actions.add(asked.viewer, form.asked(), now=asked.door.at)
        except TrustError as refusal:
            form.refuse(refusal)
        else:
            return redirect("source", number)
    return _shown(request, form, None)


@page(right="lead", module="sources")
def one(request: HttpRequest, asked: Asked, source: int) -> HttpResponse:
    """Show one source: where it reads, how it is doing, its newest runs."""
    row, runs = queries.source(asked.viewer, source, now=asked.door.at)
    told = {"row": row, "runs": runs, "kind": KIND_WORDS[row.kind]}
    return render(request, "sources/one.html", told)


@page("POST", right="lead", module="sources")
def change(request: HttpRequest, asked: Asked, source: int) -> HttpResponse:
    """Change a source."""
    row, _ = queries.source(asked.viewer, source, now=asked.door.at)
    form = _form(asked, asked.given(request), row.kind, initial=SourceForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(asked.viewer, source, form.asked(), now=asked.door.at)
        except TrustError as refusal:
            form.refuse(refusal)
        else:
            return redirect("source", source)
    return _shown(request, form, row)


@page("POST", right="lead", module="sources", form_on=("source", "source"))
def act(request: HttpRequest, asked: Asked, source: int) -> HttpResponse:
    """Read a source now, try it, confirm its key, or remove it."""
    what = request.POST.get("what", "")
    if what == "now":
        actions.run_now(asked.viewer, source, now=asked.door.at)
        messages.success(request, spoken(_SET_GOING))
    elif what == "try":
        return _tried(request, asked, source)
    elif what == "confirm":
        try:
            actions.confirm_key(asked.viewer, source, request.POST.get("host_key", ""))
            messages.success(request, spoken(_PINNED))
        except Conflict as refusal:
            messages.error(request, spoken(refusal.text))
    elif what == "remove":
        actions.remove(asked.viewer, source)
        messages.success(request, spoken(_REMOVED))
        return redirect("sources")
    else:
        raise Http404
    return redirect("source", source)


def _tried(request: HttpRequest, asked: Asked, source: int) -> HttpResponse:
    trial = actions.try_it(asked.viewer, source)
    row, runs = queries.source(asked.viewer, source, now=asked.door.at)
    told = {"row": row, "runs": runs, "kind": KIND_WORDS[row.kind], "trial": trial}
    return render(request, "sources/one.html", told)


def _form(asked: Asked, given: object, kind: str, initial: dict[str, object]) -> SourceForm:
    return SourceForm(
        given,
        kind=kind,
        mappings=mappings.all_mappings(asked.viewer),
        inbox=str(inbox()),
        initial=initial,
    )


def _shown(request: HttpRequest, form: SourceForm, row: queries.SourceRow | None) -> HttpResponse:
    told = {
        "form": form,
        "row": row,
        "kind": KIND_WORDS[form.kind],
        "hint": KIND_HINTS[form.kind],
    }
    return render(request, "sources/form.html", told, status=400 if form.errors else 200)


_SET_GOING = Text(
    "Die Quelle wird jetzt gelesen. Laden Sie die Seite in einer Minute neu.",
    "The source is being read. Reload the page in a minute.",
)
_PINNED = Text(
    "Der Schlüssel ist bestätigt. Nur ein Server mit diesem Schlüssel bekommt das Kennwort.",
    "The key is confirmed. Only a server with this key gets the password.",
)
_REMOVED = Text(
    "Die Quelle ist entfernt. Was sie gebucht hat, bleibt.",
    "The source is removed. What it booked stays.",
)

urls = [
    path("quellen/", show, name="sources"),
    path("quellen/neu/", choose, name="source_choose"),
    path("quellen/neu/<slug:kind>/", add, name="source_add"),
    path("quellen/<int:source>/", one, name="source"),
    path("quellen/<int:source>/aendern/", change, name="source_change"),
    path("quellen/<int:source>/tun/", act, name="source_act"),
]
