"""The files beside an entry: attached with a form, sent to be saved, never shown in our name."""

from collections.abc import Mapping
from pathlib import PurePath
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db.actions import looking, notes
from vertrauenskonto.db.queries import attachments as queries
from vertrauenskonto.web.account_reasons import AttachForm, shown_entry
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.templatetags.words import words

_OFFICE = "application/vnd.openxmlformats-officedocument"
# By the name's end: what browsers say of a file differs from system to system.
SUFFIXES: Mapping[str, str] = {
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".eml": "message/rfc822",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
}
_TOO_LARGE = Text(
    f"Diese Datei ist größer als {notes.BYTES_MAX // 1_000_000} MB. Verkleinern Sie sie, zum "
    "Beispiel als PDF mit kleineren Bildern.",
    f"This file is larger than {notes.BYTES_MAX // 1_000_000} MB. Make it smaller, for example as "
    "a PDF with smaller pictures.",
)
_WRONG_SORT = Text(
    "Diese Art von Datei geht hier nicht, oder der Inhalt passt nicht zum Namen. Nehmen Sie PDF, "
    "PNG, JPG, WebP, TXT, CSV, EML, DOCX, XLSX oder ODT.",
    "Files of this sort are not taken, or the contents do not fit the name. Use PDF, PNG, JPG, "
    "WebP, TXT, CSV, EML, DOCX, XLSX or ODT.",
)


@page("POST", right="book")
def attach(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Lay a file beside an entry; the same file again is the one that is there."""
    if request.method != "POST":
        # She signed in again: which entry it was is known, the file she must choose once more.
        return _back(key, asked.kept.get("entry", "") if asked.kept else "")
    form = AttachForm(request.POST, request.FILES)
    entry = request.POST.get("entry", "")
    if not form.is_valid():
        return shown_entry(request, asked, key, entry, form=form)
    given = form.cleaned_data["file"]
    name = PurePath(given.name).name
    if given.size > notes.BYTES_MAX:
        form.add_error("file", words(*_TOO_LARGE))
        return shown_entry(request, asked, key, entry, form=form)
    source, _, own = entry.partition(":")
    try:
        notes.attach(
            asked.viewer,
            (source, own),
            name=name,
            media_type=SUFFIXES.get(PurePath(name).suffix.lower(), ""),
            contents=given.read(),
            door=asked.door,
        )
    except (Invalid, Conflict) as refusal:
        is_sort = getattr(refusal, "code", "") == "media_type"
        form.add_error("file", words(*(_WRONG_SORT if is_sort else refusal.text)))
        return shown_entry(request, asked, key, entry, form=form)
    messages.success(request, words(f"„{name}“ ist angehängt.", f"'{name}' is attached."))
    return _back(key, entry)


def _back(key: str, entry: str) -> HttpResponseBase:
    query = urlencode({"entry": entry})
    return redirect(f"{reverse('why_entry', args=[key])}?{query}#anhaenge")


@page()
def file(request: HttpRequest, asked: Asked, name: str) -> HttpResponse:
    """Send a file to be saved."""
    if len(name) != 64 or set(name) - set("0123456789abcdef"):
        raise Http404
    found = queries.file(asked.viewer, name)
    looking.note(asked.viewer, [found.customer], "attachment", at=asked.door.at)
    response = HttpResponse(found.contents, content_type=found.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    return response


urls = [
    path("kunden/<str:key>/warum/buchung/anhang/", attach, name="attach_file"),
    path("anhang/<str:name>/", file, name="attached_file"),
]
