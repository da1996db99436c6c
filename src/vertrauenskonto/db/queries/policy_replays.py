"""What a draft would have done in the last twelve months, for those who may read drafts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries.calendars import Calendars

Scene = Literal["first_day", "year"]
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneResult:
    """How many accounts were in each band and had each verdict, and how many moved.

    `bands` and `verdicts` hold (before, after) by name, `moves` counts the changes of band by
    (before, after).
    """

    bands: Mapping[str, tuple[int, int]]
    verdicts: Mapping[str, tuple[int, int]]
    moves: Mapping[tuple[str, str], int]
    changed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Duties opened in a calendar week, before and after, and its working days in the period."""

    monday: date
    working_days: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Duties:
    """Duties that would have been opened; what opens at a weekend waits for the next working day.

    `busiest_*` is the most on one working day; `over_*` counts the working days with more than the
    company can meet, None where that is not stated.
    """

    weeks: tuple[Week, ...]
    working_days: int
    before: int
    after: int
    busiest_before: int
    busiest_after: int
    over_before: int | None
    over_after: int | None

    @property
    def per_day_before(self) -> float:
        """Duties per working day under the version it was compared with."""
        return self.before / max(self.working_days, 1)

    @property
    def per_day_after(self) -> float:
        """Duties per working day under the draft."""
        return self.after / max(self.working_days, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The last replay of a draft; the results are there once `state` is done.

    `is_current`: it is of the draft as it stands and of the version that it would follow.
    """

    state: str
    share: float
    revision: int
    compared: str
    is_current: bool
    asked_at: datetime
    ended_at: datetime | None
    first_date: date | None
    last_date: date | None
    accounts: int
    scenes: Mapping[str, SceneResult]
    duties: Duties | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An account that changes band or verdict; `key` as the viewer calls it, `name` "" if unseen."""

    key: str
    name: str
    before: float
    after: float
    band_before: str
    band_after: str
    verdict_before: str
    verdict_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedPage:
    """Some of the accounts that move, the largest loss first; `number` counts pages from 1."""

    accounts: tuple[Moved, ...]
    number: int
    has_more: bool


def is_of(row: models.PolicyReplay, revision: int, compared: str) -> bool:
    """Tell whether a replay is finished, and of this revision against this version."""
    return row.state == "done" and (row.revision, row.compared) == (revision, compared)


def replay(
    viewer: Viewer, draft_id: int, *, revision: int, compared: str, capacity: int | None
) -> Replay | None:
    """Return the last replay of a draft, None if there was none.

    `revision` and `compared` say what it should be of, `capacity` how many duties the company can
    meet on a working day.

    Raises:
        Denied: the viewer may not see drafts.
    """
    require(viewer, "see_drafts")
    row = models.PolicyReplay.objects.filter(draft=draft_id).first()
    if row is None:
        return None
    is_done = row.state == "done"
    return Replay(
        state=row.state,
        share=row.share,
        revision=row.revision,
        compared=row.compared,
        is_current=(row.revision, row.compared) == (revision, compared),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        first_date=row.first_date,
        last_date=row.last_date,
        accounts=row.result["accounts"] if is_done else 0,
        scenes={n: _scene(s) for n, s in row.result["scenes"].items()} if is_done else {},
        duties=_duties(row, capacity) if is_done else None,
    )


# Any: JSON as `actions.policy_replays` wrote it.
def _scene(told: Mapping[str, Any]) -> SceneResult:
    def pairs(name: str) -> dict[str, tuple[int, int]]:
        before, after = told[name]["before"], told[name]["after"]
        return {key: (before[key], after[key]) for key in before}

    moves = told["moves"]
    return SceneResult(
        bands=pairs("bands"),
        verdicts=pairs("verdicts"),
        moves={(a, b): n for a, to in moves.items() for b, n in to.items()},
        changed=told["changed"],
    )


def _duties(row: models.PolicyReplay, capacity: int | None) -> Duties:
    assert row.first_date is not None, "a finished replay has its days"
    # By the company's calendar as it is now; without one, Monday to Friday.
    is_working_day = Calendars().of(None, None).is_working_day
    before, after = row.result["duties"]["before"], row.result["duties"]["after"]
    by_day: dict[date, list[int]] = {}
    waiting = [0, 0]
    for n, opened in enumerate(zip(before, after, strict=True)):
        day = row.first_date + timedelta(days=n)
        waiting = [a + b for a, b in zip(waiting, opened, strict=True)]
        if is_working_day(day):
            by_day[day], waiting = waiting, [0, 0]
    if any(waiting) and by_day:
        # The period ends on days off; its duties count on the last working day.
        last = max(by_day)
        by_day[last] = [a + b for a, b in zip(by_day[last], waiting, strict=True)]
    olds, news = [a for a, _ in by_day.values()], [b for _, b in by_day.values()]
    over = [None if capacity is None else sum(n > capacity for n in side) for side in (olds, news)]
    return Duties(
        weeks=tuple(_weeks(by_day)),
        working_days=len(by_day),
        before=sum(olds),
        after=sum(news),
        busiest_before=max(olds, default=0),
        busiest_after=max(news, default=0),
        over_before=over[0],
        over_after=over[1],
    )


def _weeks(by_day: Mapping[date, list[int]]) -> list[Week]:
    found: dict[date, list[int]] = {}
    for day, (before, after) in by_day.items():
        week = found.setdefault(day - timedelta(days=day.weekday()), [0, 0, 0])
        week[0] += 1
        week[1] += before
        week[2] += after
    return [
        Week(monday=monday, working_days=days, before=before, after=after)
        for monday, (days, before, after) in found.items()
    ]


def moved(
    viewer: Viewer,
    draft_id: int,
    scene: Scene,
    *,
    bands: tuple[str, str] | None = None,
    number: int = 1,
) -> MovedPage:
    """Return the accounts of a finished replay that change band or verdict, one page of them.

    `bands`: only those that go from the first to the second.

    Raises:
        Denied: the viewer may not see drafts, or no accounts.
    """
    require(viewer, "see_drafts")
    require(viewer, "see_accounts")
    rows = models.ReplayedAccount.objects.filter(
        replay=draft_id,
        replay__state="done",
        scene=scene,
        customer__in=access.evaluated(viewer).order_by().values("pk"),
    )
    if bands is not None:
        rows = rows.filter(band_before=bands[0], band_after=bands[1])
    start = (max(number, 1) - 1) * PAGE_SIZE
    columns = ("customer__key", "customer__profile__name", "before", "after")
    states = ("band_before", "band_after", "verdict_before", "verdict_after")
    found = list(
        rows.order_by("change", "pk").values_list(*columns, *states)[start : start + PAGE_SIZE + 1]
    )
    sees_names = access.may(viewer, "see_names")
    return MovedPage(
        accounts=tuple(
            Moved(
                key=access.shown_key(viewer, key),
                name=(name or "") if sees_names else "",
                before=before,
                after=after,
                band_before=told[0],
                band_after=told[1],
                verdict_before=told[2],
                verdict_after=told[3],
            )
            for key, name, before, after, *told in found[:PAGE_SIZE]
        ),
        number=max(number, 1),
        has_more=len(found) > PAGE_SIZE,
    )
