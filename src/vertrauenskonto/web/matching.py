"""The queue of uncertain matches: one record beside the customers it may belong to."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import matching as actions
from vertrauenskonto.db.queries import comparing, policies
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import spoken

_BY = {
    "email": Text("dieselbe E-Mail-Adresse", "the same e-mail address"),
    "phone": Text("dieselbe Telefonnummer", "the same phone number"),
    "name_postcode": Text("derselbe Name mit derselben Postleitzahl", "the same name and postcode"),
}
_FIELDS = {
    "name": Text("Name", "Name"),
    "email": Text("E-Mail", "E-mail"),
    "phone": Text("Telefon", "Phone"),
    "postcode": Text("Postleitzahl", "Postcode"),
}


@page("POST", right="match", module="sources")
def match(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show the record whose turn it is, or decide it."""
    if request.method == "POST":
        return _decided(request, asked)
    after = row_number(request.GET.get("ab", "")) or 0
    queue = comparing.queue(asked.viewer, after=after)
    told: dict[str, Any] = {"queue": queue}
    if queue.now is not None:
        looking.note(asked.viewer, {b.key for b in queue.now.beside}, "list", at=asked.door.at)
        said = queue.now.record
        told["said"] = [(label, said[name]) for name, label in _FIELDS.items() if said.get(name)]
        told["ids"] = sorted(said.get("ids", {}).items())
        told["beside"] = [(b, [_by(name) for name in b.by]) for b in queue.now.beside]
    return render(request, "matching/queue.html", told)


def _decided(request: HttpRequest, asked: Asked) -> HttpResponse:
    number, whom = row_number(request.POST.get("record", "")), request.POST.get("whom", "")
    if number is None or not whom:
        raise Http404
    try:
        done = actions.decide(
            asked.viewer, number, whom, door=asked.door, policies=policies.history()
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, spoken(refusal.text))
    else:
        messages.success(request, spoken(_said(whom, len(done.outcomes), done.records)))
    return redirect("matching")


def _said(whom: str, booked: int, records: int) -> Text:
    if whom == "discard":
        return Text("Verworfen; gebucht wird nichts.", "Discarded; nothing is booked.")
    who = Text("Zugeordnet", "Matched") if whom != "new" else Text("Neues Konto", "New account")
    together_de = f", {records} Datensätze zusammen" if records > 1 else ""
    together_en = f", {records} records together" if records > 1 else ""
    return Text(
        f"{who.de}{together_de}. Gebucht: {booked}.", f"{who.en}{together_en}. Booked: {booked}."
    )


def _by(name: str) -> Text:
    if name.startswith("id:"):
        system = name.removeprefix("id:")
        return Text(f"dieselbe Nummer in {system}", f"the same id in {system}")
    return _BY.get(name, Text(name, name))


urls = [path("quellen/zuordnen/", match, name="matching")]
