"""Drafts of the policy: begun, changed kind by kind and rule by rule, named, discarded."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.editing import Crossed
from vertrauenskonto.db.access import MASKED
from vertrauenskonto.db.actions import policy_drafts as actions
from vertrauenskonto.db.actions.policy_drafts import Saved
from vertrauenskonto.db.queries import policies, policy_drafts
from vertrauenskonto.db.queries.policy_drafts import Draft
from vertrauenskonto.importers.policy import policy_of_text, read_policy, shipped_policies
from vertrauenskonto.render.policy_terms import SECTIONS
from vertrauenskonto.render.policy_words import changes_told
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.once import again, is_first
from vertrauenskonto.web.policy_forms import BeginForm, KindForm, NameForm, RulesForm
from vertrauenskonto.web.policy_replays import replay_shown
from vertrauenskonto.web.policy_showing import download, policy_shown
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

# A file of our own has some 30 kB.
_FILE_BYTES_MAX = 1_000_000
# What the checks of a file remark with keys, said without.
_PLAINER = {
    "grace_short": Text(
        "Stille kostet schon bald nach dem üblichen Abstand zwischen zwei Kontakten etwas; ratsam "
        "ist das Eineinhalbfache.",
        "Silence costs something soon after the usual time between contacts; one and a half times "
        "is advisable.",
    ),
}
_NEWEST, _FILE = "newest", "file"


@page("POST", right="lead", module="policy")
def begin(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Ask from what a draft begins, and begin it."""
    origins = _origins()
    form = BeginForm(origins, asked.given(request), request.FILES or None)
    wanted = request.GET.get("mit", "")
    if not form.is_bound and wanted in origins:
        form.initial = {"origin": wanted, "name": spoken(origins[wanted])[:80]}
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["once"]
        if not is_first(request, number):
            return redirect("policy")
        try:
            policy, source = _origin(form)
            draft = actions.begin(
                asked.viewer,
                policy,
                name=form.cleaned_data["name"],
                begun_from=source,
                door=asked.door,
            )
        except Invalid as refusal:
            again(request, number)
            form.show_problems(refusal)
        else:
            return redirect("policy_draft", draft)
    return render(request, "policies/begin.html", {"form": form})


def _origins() -> dict[str, Text]:
    known = policies.history_or_none()
    found = {}
    if known:
        newest = known.versions[-1]
        found[_NEWEST] = Text(
            f"mit der neuesten Fassung ({newest.version})",
            f"with the newest version ({newest.version})",
        )
    for name in shipped_policies():
        if name != "default":
            found[f"starter:{name}"] = read_policy(name).versions[-1].title
    return found | {_FILE: Text("mit einer Datei", "with a file")}


def _origin(form: BeginForm) -> tuple[Policy, str]:
    """Return the policy that a draft is to begin from, and what it is called."""
    chosen = form.cleaned_data["origin"]
    if chosen == _FILE:
        file = form.cleaned_data["file"]
        if file.size > _FILE_BYTES_MAX:
            raise Invalid(
                Text(
                    "Diese Datei ist zu groß für ein Regelwerk (höchstens 1 MB).",
                    "This file is too large for a policy (1 MB at most).",
                )
            )
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Invalid(
                Text(
                    "Das ist keine Textdatei in UTF-8; wählen Sie ein Regelwerk als TOML-Datei.",
                    "This is no text file in UTF-8; choose a policy as a TOML file.",
                )
            ) from error
        return policy_of_text(text, name=file.name), file.name[:100]
    if chosen == _NEWEST:
        known = policies.history_or_none()
        assert known is not None, "offered only where one is in force"
        return known.versions[-1], known.versions[-1].label
    name = chosen.removeprefix("starter:")
    return read_policy(name).versions[-1], name


@page("POST", right="see_drafts", module="policy")
def show(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Show a draft: what it changes, what the last twelve months would have been."""
    found = policy_drafts.draft(asked.viewer, draft)
    form = NameForm(asked.given(request), initial={"name": found.row.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename(asked.viewer, draft, name=form.cleaned_data["name"])
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            return redirect("policy_draft", draft)
    return render(
        request,
        "policies/draft.html",
        {
            "draft": found,
            "row": found.row,
            "changes": told(found),
            "form": form,
            "may_edit": asked.may("lead"),
            "notes": [_PLAINER.get(note.code, note.text) for note in found.notes],
            "sections": SECTIONS,
            **replay_shown(asked, found),
        },
    )


def told(draft: Draft) -> list[Any]:
    """Return what a draft changes, in words."""
    if draft.newest is None:
        return []
    return changes_told(draft.changes, (draft.newest, draft.policy), page_language())


@page(right="see_drafts", module="policy")
def kinds(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Show the catalogue of a draft, each kind with a way to change it."""
    found = policy_drafts.draft(asked.viewer, draft)
    shown = policy_shown(found.policy, page_language())
    data = {"draft": found, "row": found.row, "may_edit": asked.may("lead"), **shown}
    return render(request, "policies/kinds.html", data)


@page("POST", right="lead", module="policy")
def rules(request: HttpRequest, asked: Asked, draft: int, section: str) -> HttpResponse:
    """Change one section of the rules."""
    found = policy_drafts.draft(asked.viewer, draft)
    chosen = next((s for s in SECTIONS if s.name == section), None)
    if chosen is None:
        raise Http404
    initial = {"revision": found.row.revision}
    form = RulesForm(chosen, found.tree, asked.given(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        edits, revision = form.edits(), form.cleaned_data["revision"]

        def save() -> Saved:
            return actions.save(asked.viewer, draft, edits, revision=revision, door=asked.door)

        if _is_saved(request, form, found, save):
            return redirect("policy_draft", draft)
    data = {"draft": found, "row": found.row, "form": form, "section": chosen}
    return render(request, "policies/rules.html", data)


@page("POST", right="lead", module="policy")
def kind(request: HttpRequest, asked: Asked, draft: int, name: str) -> HttpResponse:
    """Change a kind."""
    found = policy_drafts.draft(asked.viewer, draft)
    given = asked.given(request)
    if name not in found.tree["kinds"] and given is None:
        raise Http404
    form = KindForm(name, found.tree, given, initial={"revision": found.row.revision})
    if request.method == "POST" and form.is_valid():
        edits, revision = form.edits(), form.cleaned_data["revision"]

        def save() -> Saved:
            return actions.save(asked.viewer, draft, edits, revision=revision, door=asked.door)

        if _is_saved(request, form, found, save):
            return _to_kinds(draft, name)
    data = {"draft": found, "row": found.row, "form": form, "kind": found.policy.kinds.get(name)}
    return render(request, "policies/kind.html", data)


@page("POST", right="lead", module="policy")
def new_kind(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Add a kind."""
    found = policy_drafts.draft(asked.viewer, draft)
    form = KindForm(
        None, found.tree, asked.given(request), initial={"revision": found.row.revision}
    )
    if request.method == "POST" and form.is_valid():
        edits, revision = form.edits(), form.cleaned_data["revision"]

        def save() -> Saved:
            return actions.add_kind(
                asked.viewer, draft, edits, kind=form.kind, revision=revision, door=asked.door
            )

        if _is_saved(request, form, found, save):
            return _to_kinds(draft, form.kind)
    data = {"draft": found, "row": found.row, "form": form}
    return render(request, "policies/kind.html", data)


@page("POST", right="lead", module="policy")
def retire(request: HttpRequest, asked: Asked, draft: int, name: str) -> HttpResponse:
    """Take a kind out of a draft, once that is confirmed."""
    found = policy_drafts.draft(asked.viewer, draft)
    if name not in found.tree["kinds"]:
        if request.method == "POST":
            return redirect("policy_draft_kinds", draft)
        raise Http404
    if request.method == "POST":
        revision = row_number(request.POST.get("revision", "")) or found.row.revision
        try:
            actions.retire_kind(asked.viewer, draft, name, revision=revision, door=asked.door)
        except (Crossed, Invalid, Conflict) as refusal:
            messages.error(request, spoken(refusal.text))
        else:
            return redirect("policy_draft_kinds", draft)
    data = {"draft": found, "row": found.row, "kind": found.policy.kinds[name]}
    return render(request, "policies/retire.html", data)


@page("POST", right="lead", module="policy")
def discard(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Forget a draft, once that is confirmed."""
    if request.method == "POST" and all(draft != d.id for d in policy_drafts.drafts(asked.viewer)):
        # Sent twice: it is gone.
        return redirect("policy")
    found = policy_drafts.draft(asked.viewer, draft)
    if request.method == "POST":
        actions.discard(asked.viewer, draft)
        messages.success(request, words("Der Entwurf ist verworfen.", "The draft is discarded."))
        return redirect("policy")
    return render(request, "policies/discard.html", {"draft": found, "row": found.row})


@page(right="see_drafts", module="policy")
def file(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Download a draft as a file."""
    found = policy_drafts.draft(asked.viewer, draft)
    return download(found.document, f"{found.policy.name}-entwurf-{draft}.toml")


def editor_name(editor: str) -> str:
    """Return how somebody who saved is called in a sentence."""
    return words("Jemand anderes", "Somebody else") if editor == MASKED else editor


def _is_saved(
    request: HttpRequest, form: KindForm | RulesForm, draft: Draft, save: Callable[[], Saved]
) -> bool:
    """Save what a form asks for; False: the form now shows why not, with what was typed."""
    try:
        saved = save()
    except Crossed as crossed:
        data = request.POST.copy()
        data[form.add_prefix("revision")] = str(crossed.revision)
        for name, path_ in form.paths.items():
            if path_ in crossed.taken:
                _put(data, form, name, crossed.taken[path_])
        form.data = data
        form.show_crossings(crossed, editor=editor_name(crossed.editor))
        return False
    except Invalid as refusal:
        form.refuse_checks(refusal)
        return False
    except Conflict as refusal:
        form.add_error(None, spoken(refusal.text))
        return False
    messages.success(request, words("Gespeichert.", "Saved."))
    if saved.by_others:
        others = changes_told(saved.by_others, (draft.policy, draft.policy), page_language())
        listed = "; ".join(f"{o.what}: {o.old or '–'} → {o.new or '–'}" for o in others)
        messages.info(
            request,
            words(f"Inzwischen auch geändert: {listed}", f"Also changed meanwhile: {listed}"),
        )
    return True


def _put(data: Any, form: KindForm | RulesForm, name: str, value: object) -> None:
    """Fill a field with what somebody else saved."""
    if isinstance(value, bool):
        if value:
            data[name] = "on"
        else:
            data.pop(name, None)
    else:
        data[name] = form.shown(form.paths[name], value)


def _to_kinds(draft: int, name: str) -> HttpResponse:
    return redirect(f"{reverse('policy_draft_kinds', args=[draft])}#{name}")


_DRAFT = "regelwerk/entwurf/<int:draft>/"
urls = [
    path("regelwerk/entwurf/", begin, name="policy_begin"),
    path(_DRAFT, show, name="policy_draft"),
    path(f"{_DRAFT}arten/", kinds, name="policy_draft_kinds"),
    path(f"{_DRAFT}art/", new_kind, name="policy_draft_new_kind"),
    path(f"{_DRAFT}art/<str:name>/", kind, name="policy_draft_kind"),
    path(f"{_DRAFT}art/<str:name>/entfernen/", retire, name="policy_draft_retire"),
    path(f"{_DRAFT}regeln/<str:section>/", rules, name="policy_draft_rules"),
    path(f"{_DRAFT}toml/", file, name="policy_draft_file"),
    path(f"{_DRAFT}verwerfen/", discard, name="policy_draft_discard"),
]
