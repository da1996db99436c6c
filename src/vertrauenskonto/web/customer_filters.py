"""What somebody narrows the list of customers by: the form, what it means, and ready-made views."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

from django import forms

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.queries.customer_list import FALLS_DAYS_MAX, Wanted
from vertrauenskonto.db.queries.customer_walk import SORTS, Order, Sort
from vertrauenskonto.db.queries.customers import Filters
from vertrauenskonto.db.queries.searching import TEXT_LENGTH_MAX
from vertrauenskonto.db.queries.views import Choices
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word
from vertrauenskonto.web.asking import Asked
from vertrauenskonto.web.customer_lines import HEADINGS
from vertrauenskonto.web.templatetags.words import spoken, words

# Stands for everybody in no segment.
GENERAL = "-"
_SOON_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was asked for; `kept` are the words of the address that say it again."""

    wanted: Wanted
    order: Order
    kept: Mapping[str, str]

    @property
    def narrows(self) -> bool:
        """Tell whether anybody is left out."""
        return bool(set(self.kept) - {"sort"})


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickView:
    """A view one click away."""

    name: str
    address: str
    is_here: bool


class FilterForm(forms.Form):
    """By what the list is narrowed and sorted; everything may be left out."""

    text = forms.CharField(required=False, max_length=TEXT_LENGTH_MAX, strip=True)
    meine = forms.BooleanField(required=False)
    unter = forms.BooleanField(required=False)
    still = forms.BooleanField(required=False)
    ohne = forms.BooleanField(required=False)
    interessent = forms.BooleanField(required=False)
    # Not a number's own box: a browser would throw away what is none.
    faellt = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=FALLS_DAYS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    schwach = forms.ChoiceField(required=False)
    grund = forms.ChoiceField(required=False)
    gruppe = forms.ChoiceField(required=False)
    team = forms.ChoiceField(required=False)
    person = forms.ChoiceField(required=False)
    sort = forms.ChoiceField(required=False)

    refusal: Text | None = None

    def __init__(self, *args: Any, asked: Asked, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names()
        self._choose("schwach", {name: spoken(text) for name, text in DIMENSION_LABELS.items()})
        reasons = {name: spoken(reason_word(name)) for name in ("damaged", "unproven")}
        self._choose("grund", reasons)
        segments = {name: spoken(text) for name, text in choices.segments.items()}
        general = {GENERAL: words("keine", "none")} if segments else {}
        self._choose("gruppe", {**segments, **general})
        self._choose("team", {name: name for name in choices.teams})
        self._choose("person", dict(choices.people))
        field = cast("forms.ChoiceField", self.fields["sort"])
        field.choices = list(_sorts(asked).items())
        if asked.viewer.person_id is None or not asked.may("book"):
            del self.fields["meine"]

    def _names(self) -> None:
        names = {
            "text": words("Name, Nummer oder E-Mail-Adresse", "Name, number or e-mail address"),
            "meine": words("Nur meine", "Mine only"),
            "unter": words("Unter der Schwelle", "Below the threshold"),
            "still": words("Zu lange still", "Silent too long"),
            "ohne": words("Noch ohne Buchung", "Without an entry yet"),
            "interessent": words("Nur Interessenten", "Prospects only"),
            "faellt": words("Fällt in höchstens … Tagen", "Falls within … days"),
            "schwach": words("Am schwächsten", "Weakest"),
            "grund": words("Weil", "Because"),
            "gruppe": words("Kundengruppe", "Segment"),
            "team": words("Liegt beim Team", "With the team"),
            "person": words("Betreut von", "Looked after by"),
            "sort": words("Sortieren nach", "Sort by"),
        }
        for name, label in names.items():
            self.fields[name].label = label

    def _choose(self, name: str, values: Mapping[str, str]) -> None:
        if not values:
            del self.fields[name]
            return
        field = cast("forms.ChoiceField", self.fields[name])
        field.choices = [("", words("beliebig", "any")), *values.items()]


def given(form: FilterForm) -> Given:
    """Return what a form asks for; what is wrong in it narrows nothing and is told at its field."""
    form.is_valid()
    said: dict[str, Any] = form.cleaned_data

    def value(name: str) -> Any:  # a text, a number or a flag, as the field has it
        return said.get(name) or None

    group = value("gruppe")
    who = Filters(
        mine=bool(value("meine")),
        owner=value("person"),
        queue=value("team"),
        segment="" if group == GENERAL else group,
        below_threshold=True if value("unter") else None,
        prospect=True if value("interessent") else None,
        text=value("text") or "",
    )
    wanted = Wanted(
        who=who,
        falls_days=said.get("faellt"),
        silent=bool(value("still")),
        weakest=value("schwach") or "",
        reason=value("grund") or "",
        unbooked=bool(value("ohne")),
    )
    sort = value("sort") or ""
    order = Order(cursor=form.data.get("ab") or None)
    if sort:
        chosen = next(s for s in SORTS if s == sort.removeprefix("-"))
        order = replace(order, sort=chosen, is_descending=sort.startswith("-"))
    kept = {
        name: "on" if said[name] is True else str(said[name])
        for name in form.fields
        if said.get(name) not in (None, "", False)
    }
    return Given(wanted=wanted, order=order, kept=kept)


def quick_views(wish: Given, asked: Asked, choices: Choices) -> list[QuickView]:
    """Return the ready-made views and those that were saved."""
    ready = [(words("Alle", "All"), dict[str, str]())]
    if asked.may("book") and asked.viewer.role != "contact":
        ready.append((words("Meine", "Mine"), {"meine": "on"}))
    ready += [
        (words("Unter der Schwelle", "Below the threshold"), {"unter": "on"}),
        (words("Fallen bald", "Falling soon"), {"faellt": str(_SOON_DAYS)}),
        (words("Lange still", "Long silent"), {"still": "on"}),
        (words("Noch ohne Buchung", "Without an entry"), {"ohne": "on"}),
    ]
    ready += [(view.name, dict(view.filters)) for view in choices.views]
    here = dict(wish.kept)
    if here not in [filters for _, filters in ready]:
        # The same view in another order.
        here.pop("sort", None)
    return [
        QuickView(name=name, address=f"?{urlencode(filters)}", is_here=filters == here)
        for name, filters in ready
    ]


def _sorts(asked: Asked) -> dict[str, str]:
    """Return each order in both directions, in words; by name for who sees names."""
    ways: Mapping[Sort, tuple[Text, Text]] = {
        "reach": (Text("fällt zuerst", "falls first"), Text("reicht am längsten", "lasts longest")),
        "balance": (
            Text("kleinster zuerst", "lowest first"),
            Text("größter zuerst", "highest first"),
        ),
        "change": (Text("größtes Minus", "largest loss"), Text("größtes Plus", "largest gain")),
        "weakest": (Text("schwächste", "weakest first"), Text("stärkste", "strongest first")),
        "contact": (Text("am längsten her", "longest ago"), Text("zuletzt", "latest first")),
        "name": (Text("A bis Z", "A to Z"), Text("Z bis A", "Z to A")),
    }
    names = {sort: name for sort, name, _ in HEADINGS}
    found = {}
    for sort in SORTS if asked.may("see_names") else tuple(s for s in SORTS if s != "name"):
        for sign, way in zip(("", "-"), ways[sort], strict=True):
            found[f"{sign}{sort}"] = f"{spoken(names[sort])}: {spoken(way)}"
    return found
