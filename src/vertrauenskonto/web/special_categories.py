"""Free text that is read once more: words of special categories are named, and nothing is blocked.

    class NoteForm(Careful):
        careful = ("note",)
        note = forms.CharField(widget=forms.Textarea, required=False)

While somebody writes, htmx shows the warning below the field; on submit it stands at the field with
a box to tick, and the form is valid once the words are left out or the box says they are needed.
Text areas outside a form class: `{% include "pieces/special_categories.html" with … %}`, and
`unsaid` on the server.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.text.special_categories import CATEGORIES, Found, special_categories
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.templatetags.words import spoken


class Careful(forms.Form):
    """A form with free text; `careful` names the fields."""

    careful: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        for name in self.careful:
            # Not by way of the bound field, which would keep the hint as it is now.
            own = str(self.auto_id or "%s") % self.add_prefix(name)
            field, place = self.fields[name], f"{own}_care"
            field.widget.attrs |= {
                "hx-post": reverse("special_categories"),
                "hx-trigger": "input changed delay:500ms",
                "hx-target": f"#{place}",
                "hx-swap": "innerHTML",
            }
            field.help_text = format_html(
                '{} <span id="{}" role="status"></span>', field.help_text, place
            )

    def clean(self) -> dict[str, Any]:
        """Ask about words of special categories that nobody said are needed."""
        given = super().clean() or self.cleaned_data
        for name in self.careful:
            found = special_categories(str(given.get(name) or ""))
            if found:
                self._ask(name, found)
        return given

    def _ask(self, name: str, found: Sequence[Found]) -> None:
        asked, words = f"{name}_needed", _listed(found)
        is_said = _is_said(found, self.data.get(self.add_prefix(asked), ""))
        self.fields[asked] = forms.BooleanField(
            required=False,
            label=spoken(needed(found)),
            widget=forms.CheckboxInput(attrs={"value": words}, check_test=lambda _: is_said),
        )
        before = list(self.fields)
        self.order_fields([*before[: before.index(name) + 1], asked])
        if not is_said:
            self.add_error(name, spoken(warning(found)))


def unsaid(given: Mapping[str, Any], name: str) -> tuple[Found, ...]:
    """Return the words of special categories in a field unless the box says they are needed.

    `given`: what was posted; the box is called as the field with `_needed` behind it.
    """
    found = tuple(special_categories(str(given.get(name) or "")))
    return () if _is_said(found, given.get(f"{name}_needed", "")) else found


def box(text: str) -> dict[str, str]:
    """Return label and value of the box for a text with words of special categories, else {}."""
    found = special_categories(text)
    return {"label": spoken(needed(found)), "words": _listed(found)} if found else {}


def _listed(found: Sequence[Found]) -> str:
    """Return the value of the box that says that these words are needed."""
    return "|".join(one.word.lower() for one in found)


def _is_said(found: Sequence[Found], ticked: object) -> bool:
    return {one.word.lower() for one in found} <= set(str(ticked).split("|"))


def warning(found: Sequence[Found]) -> Text:
    """Return which words may say too much, about what, and what to do."""
    german, english = [], []
    for category, name in CATEGORIES.items():
        words = [one.word for one in found if one.category == category]
        if words:
            told = _quoted(words)
            german.append(f"{told.de} sagt vielleicht etwas über {name.de}.")
            english.append(f"{told.en} may say something about {name.en}.")
    return Text(
        f"{' '.join(german)} Solche Angaben sind besonders geschützt: Lassen Sie sie weg, oder "
        "bestätigen Sie, dass sie hier nötig sind.",
        f"{' '.join(english)} The law protects this specially: leave it out, or confirm that it is "
        "needed here.",
    )


def needed(found: Sequence[Found]) -> Text:
    """Return what ticking the box says."""
    told = _quoted([one.word for one in found])
    return Text(
        f"{told.de} ist hier nötig; ich habe es geprüft.",
        f"{told.en} is needed here; I have checked.",
    )


def _quoted(words: Sequence[str]) -> Text:
    return Text(", ".join(f"„{w}“" for w in words), ", ".join(f"‘{w}’" for w in words))


@page("POST")
def check(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show what the field that htmx names would be asked about; nothing is kept."""
    written = request.POST.get(request.headers.get("HX-Trigger-Name", "note"), "")
    found = special_categories(written[:20_000])
    shown = {"warning": warning(found) if found else None}
    return render(request, "pieces/special_categories_found.html", shown)


urls = [path("hinweis/besondere-angaben/", check, name="special_categories")]
