"""The replay of a draft: started, watched, stopped, read; and putting the draft in force after it."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Language, Text
from vertrauenskonto.db.actions import choices, looking, policy_drafts, policy_replays
from vertrauenskonto.db.actions.policy_drafts import Coming
from vertrauenskonto.db.queries import policy_drafts as drafts
from vertrauenskonto.db.queries import policy_replays as results
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.policy_drafts import Draft
from vertrauenskonto.db.queries.policy_replays import Duties, Replay, Scene
from vertrauenskonto.render.charts import chart_html
from vertrauenskonto.render.numbers import count, long_day, number
from vertrauenskonto.render.policy_chart import Load, load_chart
from vertrauenskonto.render.policy_words import changes_told
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.policy_forms import CapacityForm, ForceForm
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

BANDS = {
    "below": Text("unter der Schwelle", "below the threshold"),
    "near": Text("knapp darüber, ohne Puffer", "just above, without a buffer"),
    "above": Text("mit Puffer", "with a buffer"),
}
VERDICTS = {
    "yes": Text("ja", "yes"),
    "unknown": Text("noch nicht belegt", "not yet proven"),
    "no": Text("nein", "no"),
}
_SCENES: dict[str, Scene] = {"erster-tag": "first_day", "jahr": "year"}
_WIDE, _NARROW = 760, 340
_LANGUAGES: tuple[Language, Language] = ("de", "en")
_HOURS_KEPT = 24


def replay_shown(asked: Asked, draft: Draft) -> dict[str, Any]:
    """Return the replay of a draft as its template reads it."""
    told = choice("capacity_per_day")
    capacity = int(told) if told.isdecimal() else None
    replay = results.replay(
        asked.viewer,
        draft.row.id,
        revision=draft.row.revision,
        compared=draft.newest.label if draft.newest else "",
        capacity=capacity,
    )
    found: dict[str, Any] = {
        "replay": replay,
        "capacity": capacity,
        "capacity_form": CapacityForm(initial={"capacity": capacity}),
    }
    if replay is not None and replay.state == "done":
        assert replay.duties is not None, "a finished replay has its duties"
        found |= {
            "duties": _duties_told(replay.duties),
            "scenes": [
                {
                    "slug": slug,
                    "changed": _accounts(replay.scenes[name].changed),
                    "bands": [(spoken(BANDS[b]), *replay.scenes[name].bands[b]) for b in BANDS],
                    "verdicts": [
                        (spoken(VERDICTS[v]), *replay.scenes[name].verdicts[v]) for v in VERDICTS
                    ],
                    "moves": _moves(replay, name),
                }
                for slug, name in _SCENES.items()
            ],
            "chart": _chart(draft, replay, capacity),
        }
    return found


def _accounts(n: int) -> str:
    """Return how many accounts change, "" for none."""
    one, many = (
        words("1 Konto ändert sich", "1 account changes"),
        words(f"{count(n, 'de')} Konten ändern sich", f"{count(n, 'en')} accounts change"),
    )
    return "" if not n else one if n == 1 else many


def _duties_told(duties: Duties) -> str:
    """Return how many duties to expect; with two decimals where one would say nothing."""
    before, after = duties.per_day_before, duties.per_day_after
    places = 1 if min(n for n in (before, after, 1.0) if n) >= 1 else 2
    de, en = (
        [number(n, language, decimals=places) for n in (after, before)] for language in _LANGUAGES
    )
    return words(
        f"{de[0]} neue Aufgaben je Arbeitstag statt {de[1]}.",
        f"{en[0]} new duties per working day instead of {en[1]}.",
    )


def _moves(replay: Replay, scene: str) -> list[dict[str, object]]:
    return [
        {"from": a, "to": b, "words": f"{spoken(BANDS[a])} → {spoken(BANDS[b])}", "n": n}
        for (a, b), n in replay.scenes[scene].moves.items()
        if a != b and n
    ]


def _chart(draft: Draft, replay: Replay, capacity: int | None) -> str:
    """Return the duties as a picture; drawing takes longer than everything else on the page."""
    assert replay.duties is not None, "a finished replay has its duties"
    language = page_language()
    # The weeks change with the company's calendar, without another replay.
    weeks = hashlib.sha256(repr(replay.duties.weeks).encode()).hexdigest()
    name = f"replay:{draft.row.id}:{replay.revision}:{weeks}:{capacity}:{language}"
    kept = cache.get(name)
    if kept is None:
        loads = [
            Load(
                monday=week.monday,
                before=week.before / week.working_days,
                after=week.after / week.working_days,
            )
            for week in replay.duties.weeks
        ]
        wide, narrow = (
            load_chart(loads, language, capacity=capacity, width=w) for w in (_WIDE, _NARROW)
        )
        kept = chart_html(wide, language, narrow=narrow)
        cache.set(name, kept, timeout=_HOURS_KEPT * 3600)
    # Made by us, of numbers.
    return str(kept)


@page("POST", right="see_drafts", module="policy")
def replay(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Start or stop a replay; asked while it runs, tell how far it is."""
    if request.method == "POST":
        return _set_going(request, asked, draft)
    found = drafts.draft(asked.viewer, draft)
    shown = replay_shown(asked, found)
    if not request.headers.get("HX-Request"):
        return redirect("policy_draft", draft)
    if shown["replay"] is None or shown["replay"].state not in ("waiting", "running"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    data = {"draft": found, "row": found.row, "may_edit": asked.may("lead"), **shown}
    return render(request, "policies/running.html", data)


def _set_going(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    if request.POST.get("what") == "cancel":
        policy_replays.cancel(asked.viewer, draft)
        return redirect("policy_draft", draft)
    try:
        policy_replays.start(asked.viewer, draft, door=asked.door)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
    return redirect("policy_draft", draft)


@page("POST", right="lead", module="policy")
def capacity(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Keep how many duties the company can meet on a working day."""
    form = CapacityForm(asked.given(request))
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data["capacity"]
        choices.choose("capacity_per_day", "" if told is None else str(told))
        return redirect("policy_draft", draft)
    data = {"row": drafts.draft(asked.viewer, draft).row, "form": form}
    return render(request, "policies/capacity.html", data)


@page(right="see_drafts", module="policy")
def accounts(request: HttpRequest, asked: Asked, draft: int, scene: str) -> HttpResponse:
    """Show the accounts that change band or verdict, the largest loss first."""
    if scene not in _SCENES:
        raise Http404
    found = drafts.draft(asked.viewer, draft)
    told = request.GET.get("seite", "")
    page_number = int(told) if told.isdecimal() and len(told) < 7 else 1
    before, after = request.GET.get("von", ""), request.GET.get("nach", "")
    bands = (before, after) if before in BANDS and after in BANDS else None
    moved = results.moved(asked.viewer, draft, _SCENES[scene], bands=bands, number=page_number)
    looking.note(asked.viewer, [a.key for a in moved.accounts], "list", at=datetime.now(UTC))
    rows = [
        {
            "account": a,
            "bands": f"{spoken(BANDS[a.band_before])} → {spoken(BANDS[a.band_after])}"
            if a.band_before != a.band_after
            else "",
            "verdicts": f"{spoken(VERDICTS[a.verdict_before])} → {spoken(VERDICTS[a.verdict_after])}"
            if a.verdict_before != a.verdict_after
            else "",
        }
        for a in moved.accounts
    ]
    query = f"von={before}&nach={after}&" if bands else ""
    return render(
        request,
        "policies/accounts.html",
        {
            "row": found.row,
            "rows": rows,
            "moved": moved,
            "scene": scene,
            "is_year": scene == "jahr",
            "bands": f"{spoken(BANDS[before])} → {spoken(BANDS[after])}" if bands else "",
            "query": query,
        },
    )


@page("POST", right="lead", module="policy")
def force(request: HttpRequest, asked: Asked, draft: int) -> HttpResponse:
    """Say what putting a draft in force will change, and do it once that is confirmed."""
    if request.method == "POST" and drafts.is_in_force(asked.viewer, draft):
        # Sent twice: it came into force the first time.
        return redirect("policy")
    found = drafts.draft(asked.viewer, draft)
    shown = replay_shown(asked, found)
    is_first = found.newest is None
    replay = shown["replay"]
    is_ready = is_first or (replay is not None and replay.state == "done" and replay.is_current)
    earliest = asked.door.today
    if found.newest and found.newest.valid_from >= earliest:
        earliest = found.newest.valid_from + timedelta(days=1)
    initial = {"revision": found.row.revision, "valid_from": earliest}
    form = ForceForm(asked.given(request), is_first=is_first, initial=initial)
    if request.method == "POST" and is_ready and form.is_valid():
        given = form.cleaned_data
        coming = Coming(
            revision=given["revision"],
            valid_from=given["valid_from"],
            opens_old=given.get("opens_old", False),
            reason=given.get("reason", ""),
        )
        try:
            version = policy_drafts.put_in_force(asked.viewer, draft, coming, door=asked.door)
        except Invalid as refusal:
            form.refuse(refusal)
        except Conflict as refusal:
            form.add_error("valid_from", spoken(refusal.text))
        else:
            day = long_day(version.valid_from, page_language())
            n = count(version.version, page_language())
            messages.success(
                request,
                words(f"Fassung {n} gilt ab {day}.", f"Version {n} is in force from {day}."),
            )
            return redirect("policy")
    changes = (
        changes_told(found.changes, (found.newest, found.policy), page_language())
        if found.newest
        else []
    )
    data = {
        "row": found.row,
        "form": form,
        "changes": changes,
        "is_first": is_first,
        "is_ready": is_ready,
        **shown,
    }
    return render(request, "policies/force.html", data)


_DRAFT = "regelwerk/entwurf/<int:draft>/"
urls = [
    path(f"{_DRAFT}probelauf/", replay, name="policy_replay"),
    path(f"{_DRAFT}probelauf/<str:scene>/", accounts, name="policy_replay_accounts"),
    path(f"{_DRAFT}aufgaben/", capacity, name="policy_capacity"),
    path(f"{_DRAFT}in-kraft/", force, name="policy_force"),
]
