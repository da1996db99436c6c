"""Messages of the small company: drafts, sent ones, a cause with calls left, figures, consent."""

from datetime import timedelta

from django.utils import timezone
from tests.browser.company import Company
from tests.browser.promise_states import HOLM, _door, said

from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import consents, incidents, messages
from vertrauenskonto.db.actions.consents import No, Yes
from vertrauenskonto.db.actions.incidents import NewIncident
from vertrauenskonto.db.queries.incidents import Filters

_PROMISE = "Lieferung der Setzlinge"
_TEXT = """Guten Tag Frau Holm,

wir haben Ihnen zugesagt: „Lieferung der Setzlinge“. Diesen Termin halten wir nicht ein.

Der Grund: Der Lieferant hat uns eine falsche Palette geschickt, die wir nach einer eingehenden
Evaluierung aller Optionen zeitnah und final austauschen lassen, sobald das Lager sie annimmt.

Das geschieht jetzt: Wir holen die richtige Palette selbst ab.

Mit freundlichen Grüßen
Alice
"""


def _viewer() -> access.Viewer:
    return access.viewer(models.Person.objects.get(key="p_alice").pk, channel="test")


def begun(company: Company) -> str:
    """Return the address where a message begins."""
    return f"/zusagen/{said(company)[_PROMISE]}/bescheid/"


def drafted(company: Company, state: str = "draft") -> str:
    """Return the address of a message in a state."""
    key, door = said(company)[_PROMISE], _door()
    new = messages.Draft(
        subject="Neuer Termin: Lieferung der Setzlinge",
        text=_TEXT,
        language="de",
        due=door.today + timedelta(days=9),
    )
    number = messages.draft(_viewer(), key, new, number=f"test-{state}", door=door)
    row = models.CustomerMessage.objects.filter(pk=number, state="draft")
    if state == "sent":
        row.update(
            state=state,
            sent_at=door.at,
            channel="email",
            ground="contract",
            address="holm@example.org",
            mail_id="<1@vertrauenskonto.invalid>",
        )
    elif state == "to_call":
        row.update(state=state, reason="unclear")
    return f"/zusagen/{key}/bescheid/{number}/"


def cause(company: Company, *, is_approved: bool = False) -> str:
    """Return the address of a cause, waiting for approval or with a call left."""
    said(company)
    new = NewIncident(
        name="Streik im Lager",
        subject="Unser Lager wird bestreikt",
        text="In unserem Lager wird gestreikt. Wir liefern, sobald wieder gearbeitet wird.",
        subject_en="",
        text_en="",
        delay_days=3,
        filters=Filters(capability="Lieferung"),
    )
    number = incidents.open_one(_viewer(), new, number="test-cause", door=_door())
    if is_approved:
        models.Contact.objects.update(email="")
        lead = access.viewer(models.Person.objects.get(key="p_lena").pk, channel="test")
        incidents.approve(lead, number, door=_door())
    return f"/zusagen/ursachen/{number}/"


def figures(company: Company) -> str:
    """Return the address of figures with something to stop promising."""
    key, now = said(company)["Bewässerung prüfen"], timezone.now()
    old = models.Promise.objects.get(key=key)
    if models.Promise.objects.filter(source="figures").exists():
        return "/zusagen/zahlen/"
    for n in range(30):
        is_late = n % 5 > 0
        fields = {f.attname: getattr(old, f.attname) for f in old._meta.fields if f.name != "id"}
        fields |= {
            "key": f"p_{n:032}",
            "source": "figures",
            "source_id": str(n),
            "capability": "Lieferung" if is_late else "Rückruf",
            "state": "late_silent" if is_late else "kept",
            "ended_at": now - timedelta(days=n),
        }
        models.Promise.objects.create(**fields)
    return "/zusagen/zahlen/"


def consent(company: Company) -> str:
    """Return the address of a customer's consent, with a yes and a no."""
    key, door = company.customers[HOLM], _door()
    yes = Yes(channel="email", purpose="newsletter", since=door.today, proof="Formular 7")
    consents.record(_viewer(), key, yes, number="test-yes", door=door)
    no = No(channel="call", since=door.today, proof="am Telefon")
    consents.record(_viewer(), key, no, number="test-no", door=door)
    return f"/kunden/{key}/einwilligungen/"
