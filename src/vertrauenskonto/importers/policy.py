"""Policies as TOML files: one version, a folder of versions, or one of those we ship."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Any

from vertrauenskonto.core.errors import Invalid, NotFound, Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, policy_history
from vertrauenskonto.core.ledger.policy_file.codec import decoded_policy, extended
from vertrauenskonto.importers.toml_lines import key_lines, toml_tables

_SUFFIX = ".toml"
_NEUTRAL = "default"
_SYNTAX_LINE = re.compile(r"line (\d+)")


def shipped_policies() -> tuple[str, ...]:
    """Return the names of the policies that come with the program; `default` is the neutral one."""
    names = (file.name for file in _shipped_folder().iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def read_policy(path_or_name: str | Path) -> PolicyHistory:
    """Return the policy in a TOML file, in a folder of its versions, or shipped under a name.

    A text that is the name of a shipped policy means that one; write `./craft` for a file or folder
    of your own that is called the same.

    Raises:
        NotFound: there is no such file, folder or shipped policy.
        Invalid: the policy has mistakes; `problems` explains every one of them.
    """
    files = [_read(source) for source in _sources(path_or_name)]
    _refuse_mistakes(str(path_or_name), _problems(files))
    return policy_history(*(file.policy for file in files if file.policy is not None))


def policy_of_text(text: str, *, name: str) -> Policy:
    """Return the policy that a TOML text is one version of; `name` is what messages call it.

    Raises:
        Invalid: the policy has mistakes; `problems` explains every one of them.
    """
    file = _read_text(name, text)
    _refuse_mistakes(name, file.problems)
    assert file.policy is not None, "a file without mistakes has a policy"
    return file.policy


def _refuse_mistakes(name: str, found: Iterable[Problem]) -> None:
    problems = [p for p in found if p.severity == "error"]
    if not problems:
        return
    count = len(problems)
    raise Invalid(
        Text(
            de=f"Das Regelwerk {name} ist nicht brauchbar ({count} Fehler).",
            en=f"The policy {name} cannot be used "
            f"({count} {'mistake' if count == 1 else 'mistakes'}).",
        ),
        problems=problems,
    )


def check_policy(path_or_name: str | Path) -> list[Problem]:
    """Return everything that is wrong with a policy, notes included; empty if nothing is.

    Raises:
        NotFound: there is no such file, folder or shipped policy.
    """
    return _problems([_read(source) for source in _sources(path_or_name)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One version as read: the policy if it can be used, and what is wrong."""

    name: str
    policy: Policy | None
    problems: tuple[Problem, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """A file to read and how messages call it."""

    name: str
    content: Path | Traversable


def _shipped_folder() -> Traversable:
    return resources.files("vertrauenskonto").joinpath("policy")


def _sources(path_or_name: str | Path) -> list[_Source]:
    if isinstance(path_or_name, str) and path_or_name in shipped_policies():
        return [_shipped_source(path_or_name)]
    path = Path(path_or_name)
    if path.is_file():
        return [_Source(str(path), path)]
    if path.is_dir():
        found = sorted(file for file in path.iterdir() if file.suffix == _SUFFIX)
        if found:
            return [_Source(str(file), file) for file in found]
        raise Invalid(
            Text(
                de=f"Im Ordner {path} liegt keine Datei *.toml; nötig ist je Fassung des "
                "Regelwerks eine.",
                en=f"The folder {path} holds no file *.toml; each version of the policy needs one.",
            )
        )
    names = shipped_policies()
    near, listed = did_you_mean(str(path_or_name), names), ", ".join(names)
    raise NotFound(
        Text(
            de=f"Es gibt kein Regelwerk „{path_or_name}“, weder als Datei oder Ordner noch "
            f"mitgeliefert ({listed}).{near.de}",
            en=f"There is no policy '{path_or_name}', neither as a file or folder nor shipped "
            f"({listed}).{near.en}",
        )
    )


def _shipped_source(name: str) -> _Source:
    return _Source(name + _SUFFIX, _shipped_folder().joinpath(name + _SUFFIX))


def _read(source: _Source) -> _File:
    try:
        text = source.content.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _File(name=source.name, policy=None, problems=(_not_utf8(source.name, error),))
    return _read_text(source.name, text)


def _read_text(name: str, text: str) -> _File:
    try:
        raw = toml_tables(text)
    except tomllib.TOMLDecodeError as error:
        return _File(name=name, policy=None, problems=(_not_toml(name, error),))
    whole, unknown_base = _with_base(raw)
    decoded = decoded_policy(whole, file=name)
    if not decoded.problems and unknown_base is None:
        return _File(name=name, policy=decoded.policy, problems=(), text=text)
    # Lines are looked up only for somebody who needs them: it takes as long as reading.
    lines = key_lines(text)
    decoded = decoded_policy(whole, file=name, lines=lines)
    if unknown_base is None:
        return _File(name=name, policy=decoded.policy, problems=decoded.problems, text=text)
    problem = Problem(
        code="unknown_base",
        text=unknown_base,
        file=name,
        line=lines[("policy", "extends")],
        field="policy.extends",
    )
    return _File(name=name, policy=None, problems=(problem, *decoded.problems))


def _with_base(raw: dict[str, Any]) -> tuple[dict[str, Any], Text | None]:
    """Return the tables joined with those of the shipped policy they extend, if any.

    An unknown one is returned as a message; the neutral policy stands in for it, so that the rest
    can be checked all the same.
    """
    head = raw.get("policy")
    name = head.get("extends") if isinstance(head, dict) else None
    if not isinstance(name, str):
        return raw, None
    names, wrong = shipped_policies(), None
    if name not in names:
        near, listed = did_you_mean(name, names), ", ".join(names)
        wrong = Text(
            de=f"Es gibt kein mitgeliefertes Regelwerk „{name}“; erlaubt sind {listed}.{near.de}",
            en=f"There is no shipped policy '{name}'; use one of {listed}.{near.en}",
        )
        name = _NEUTRAL
    # The files we ship are read by a test, so they parse and what they extend exists.
    base, _ = _with_base(tomllib.loads(_shipped_source(name).content.read_text(encoding="utf-8")))
    return extended(base, raw), wrong


def _not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    line = error.object[: error.start].count(b"\n") + 1
    return Problem(
        code="encoding",
        file=file,
        line=line,
        text=Text(
            de="Die Datei ist nicht in UTF-8 gespeichert; speichern Sie sie neu mit diesem Zeichensatz.",
            en="The file is not stored as UTF-8; save it again in that encoding.",
        ),
    )


def _not_toml(file: str, error: tomllib.TOMLDecodeError) -> Problem:
    message = str(error)
    line = _SYNTAX_LINE.search(message)
    if "overwrite" in message or "twice" in message or "mutate" in message:
        cure = Text(
            "Jeder Schlüssel und jeder [Abschnitt] darf nur einmal stehen.",
            "Each key and each [section] may stand only once.",
        )
    else:
        cure = Text(
            "Texte brauchen Anführungszeichen, Zahlen und Tage keine; ein Abschnitt steht in [ ].",
            "Texts need quotes, numbers and days none; a section stands in [ ].",
        )
    return Problem(
        code="toml_syntax",
        file=file,
        line=int(line[1]) if line else None,
        text=Text(
            de=f"Kein gültiges TOML: {message}. {cure.de}",
            en=f"Not valid TOML: {message}. {cure.en}",
        ),
    )


def _problems(files: list[_File]) -> list[Problem]:
    """Return the problems of all files, and where they do not fit together as one history."""
    found = [problem for file in files for problem in file.problems]
    usable = sorted(
        ((file, file.policy) for file in files if file.policy is not None),
        key=lambda pair: (pair[1].valid_from, pair[1].version),
    )
    for (earlier_file, earlier), (file, policy) in pairwise(usable):
        wrong = _misfit(earlier, policy, earlier_file.name)
        if wrong:
            found.append(
                Problem(
                    code="history",
                    file=file.name,
                    line=key_lines(file.text).get(("policy", "version")),
                    field="policy.version",
                    text=wrong,
                )
            )
    return found


def _misfit(earlier: Policy, policy: Policy, earlier_file: str) -> Text | None:
    if earlier.name != policy.name:
        return Text(
            de=f"{policy.label} ist ein anderes Regelwerk als {earlier.label} ({earlier_file}); ein "
            "Ordner enthält die Fassungen eines einzigen.",
            en=f"{policy.label} is another policy than {earlier.label} ({earlier_file}); a folder "
            "holds the versions of a single one.",
        )
    if earlier.version >= policy.version or earlier.valid_from == policy.valid_from:
        return Text(
            de=f"{policy.label} (ab {policy.valid_from}) verträgt sich nicht mit {earlier.label} "
            f"(ab {earlier.valid_from}, {earlier_file}): eine spätere Fassung braucht eine höhere "
            "Nummer und einen späteren ersten Tag.",
            en=f"{policy.label} (from {policy.valid_from}) does not go with {earlier.label} "
            f"(from {earlier.valid_from}, {earlier_file}): a later version needs a higher number "
            "and a later first day.",
        )
    return None
