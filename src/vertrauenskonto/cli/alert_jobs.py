"""Jobs that tell people: summaries by mail, the weekly mail on reasons, messages to chat systems.

Each looks, all day long, who is to be told now; the tables say who was told already, so that
running late, twice or at once tells nobody twice.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings

from vertrauenskonto.cli.moment import Moment

if TYPE_CHECKING:
    from vertrauenskonto.db.actions.alerts import Sort
    from vertrauenskonto.db.queries.alerts import Reader, TargetRow
    from vertrauenskonto.notify.mail import Letter

_MAIL_EVERY = timedelta(minutes=15)
_CHAT_EVERY = timedelta(minutes=5)
# Summaries older than this are as good as none: everything is new.
_SINCE_MAX = timedelta(days=14)
_WRITTEN_WITHIN = timedelta(minutes=2)
_SENT_KEPT = timedelta(days=90)


def digest(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Send everybody whose hour has come a summary of her duties, once a day or week."""
    from vertrauenskonto.db.actions import alerts

    if _may_mail():
        for reader, day in _due(moment, weekly_reasons=False):
            _send(reader, "digest", day, moment)
    alerts.tidy(before=moment.today - _SENT_KEPT)
    return again(moment, _MAIL_EVERY)


def weekly_reasons(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Send who wants it five sentences on last week, once a week."""
    from vertrauenskonto.db.queries import modules

    if _may_mail() and "reasons" in modules.switched_on():
        for reader, day in _due(moment, weekly_reasons=True):
            _send(reader, "reasons", day, moment)
    return again(moment, _MAIL_EVERY)


def notify(_arguments: Mapping[str, Any], moment: Moment) -> datetime | None:
    """Tell each chat system what is new, in one message and not more often than it may be."""
    from vertrauenskonto.db.queries import alerts as queries

    local = _local(moment)
    for target in queries.active_targets():
        if not target.times.is_quiet(local):
            _tell(target, moment)
    return again(moment, _CHAT_EVERY)


def _due(moment: Moment, *, weekly_reasons: bool) -> "Iterator[tuple[Reader, date]]":
    from vertrauenskonto.core.alerts import due_day
    from vertrauenskonto.db.queries import alerts as queries

    for reader in queries.readers(weekly_reasons=weekly_reasons):
        choice = reader.choice
        rhythm = "weekly" if weekly_reasons else choice.rhythm
        day = due_day(rhythm, choice.hour, choice.times, local=_local(moment))
        if day is not None:
            yield reader, day


def _send(reader: "Reader", sort: "Sort", day: date, moment: Moment) -> None:
    from vertrauenskonto.db.actions import alerts
    from vertrauenskonto.notify import mail

    claim = alerts.claim(reader.viewer, sort, day, now=moment.now)
    if claim is None:
        return
    letter = _digest_letter(reader, day, moment) if sort == "digest" else _reasons(reader, day)
    if letter is None:
        alerts.settle(claim, "nothing")
        return
    outcome = mail.send(letter, begin=lambda: alerts.begin(claim, claimed_at=moment.now))
    if outcome in ("away", "unclear"):
        alerts.give_back(claim)
    elif outcome != "held":
        alerts.settle(claim, "sent" if outcome == "sent" else "nothing")


def _digest_letter(reader: "Reader", day: date, moment: Moment) -> "Letter | None":
    from vertrauenskonto.db.actions import alerts, looking
    from vertrauenskonto.db.queries import alerts as queries
    from vertrauenskonto.notify.mail import Letter
    from vertrauenskonto.render.alert_words import digest_mail

    last = alerts.last_digest(reader.viewer, "digest", before=day)
    hour = time(reader.choice.hour, tzinfo=ZoneInfo(settings.TIME_ZONE))
    oldest = moment.now - _SINCE_MAX
    since = max(datetime.combine(last, hour), oldest) if last else oldest
    with_names = reader.choice.with_names
    told = queries.digest(
        reader.viewer, since=since, today=moment.today, now=moment.now, with_names=with_names
    )
    if not told.waiting and not told.escalated and not told.promises:
        return None
    if told.keys:
        looking.note(reader.viewer, told.keys, "list", at=moment.now)
    counts = {
        "waiting": told.waiting,
        "overdue": told.overdue,
        "new": told.new,
        "escalated": told.escalated,
        "promises": told.promises,
        "promises_overdue": told.promises_overdue,
    }
    subject, text = digest_mail(
        counts,
        told.names,
        today=moment.today,
        urls={
            "duties": _url("aufgaben/"),
            "promises": _url("zusagen/?art=at_risk"),
            "settings": _url("konto/meldungen/"),
        },
        language=reader.language,
    )
    return Letter(
        to=reader.email, subject=subject, text=text, settings_url=_url("konto/meldungen/")
    )


def _reasons(reader: "Reader", monday: date) -> "Letter | None":
    from vertrauenskonto.db.queries import policies
    from vertrauenskonto.db.queries import reasons as queries
    from vertrauenskonto.notify.mail import Letter
    from vertrauenskonto.render.reasons_mail import WeekTold, reasons_mail

    week = queries.week(reader.viewer, monday=monday)
    if week is None:
        return None
    cause, earned = week.cause, week.earned
    told = WeekTold(
        cause=policies.label(cause.name) if cause else None,
        cost=cause.cost if cause else 0.0,
        before=week.before,
        customers=cause.customers if cause else 0,
        hit=cause.hit if cause else None,
        earned=policies.label(earned.kind) if earned else None,
        points=earned.points if earned else 0.0,
    )
    urls = {"reasons": _url("ursachen/"), "settings": _url("konto/meldungen/")}
    subject, text = reasons_mail(told, urls=urls, language=reader.language)
    return Letter(to=reader.email, subject=subject, text=text, settings_url=urls["settings"])


def prepare_reasons(_arguments: Mapping[str, Any], moment: Moment) -> None:
    """Add up what cost trust before anybody opens the page."""
    from vertrauenskonto.db.queries import modules, reasons

    if "reasons" in modules.switched_on():
        reasons.prepare(today=moment.today)


def _tell(target: "TargetRow", moment: Moment) -> None:
    from vertrauenskonto.db.actions import alerts
    from vertrauenskonto.db.queries import alerts as queries
    from vertrauenskonto.notify import chat
    from vertrauenskonto.notify.webhooks import networks
    from vertrauenskonto.render.alert_words import chat_message

    # A step is written a little after its instant.
    until = moment.now - _WRITTEN_WITHIN
    news = queries.chat_news(target, until=until)
    if not any(news.counts.values()):
        return
    if not alerts.claim_chat(target.id, tried_at=target.tried_at, now=moment.now):
        return
    address = queries.address(target.id)
    outcome = chat.ChatOutcome(error="unreadable")
    if address is not None:
        title, text = chat_message(
            news.counts, news.names, url=_url("aufgaben/"), language=target.language
        )
        message = chat.ChatMessage(title=title, text=text)
        outcome = chat.send(address, message, allowed=networks(settings.WEBHOOK_NETWORKS))
    alerts.record_chat(target.id, outcome, until=until, now=moment.now)


def _may_mail() -> bool:
    return not settings.EMAIL_BACKEND.endswith("dummy.EmailBackend")


def _local(moment: Moment) -> datetime:
    return moment.now.astimezone(ZoneInfo(settings.TIME_ZONE))


def _url(path: str) -> str:
    return f"{settings.BASE_URL or 'http://127.0.0.1:8000'}/{path}"


def again(moment: Moment, pause: timedelta) -> datetime | None:
    """Return when to look again today; tomorrow's job begins with the day."""
    later = moment.now + pause
    return later if later.astimezone(ZoneInfo(settings.TIME_ZONE)).date() == moment.today else None
