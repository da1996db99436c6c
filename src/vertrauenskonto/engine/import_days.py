"""Days that can be two: cells that several declared formats read as different days."""

from collections.abc import Sequence

import duckdb

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.engine.import_sql import Source, raw, time_sql
from vertrauenskonto.importers.formats import ambiguous_formats, readings
from vertrauenskonto.importers.mapping import FileMapping


def ambiguous_days(
    connection: duckdb.DuckDBPyConnection,
    mapping: FileMapping,
    sources: Sequence[Source],
    file: str,
) -> list[Problem]:
    """Return one note for each column of `vk_rows` whose cells can mean two days.

    It counts such cells and shows the first one. Nothing is left out: the first format counts.
    """
    notes = []
    for source in sources:
        forms = ambiguous_formats(source.column.formats)
        if not forms or source.type != "VARCHAR":
            continue
        text = f"vk_text({raw(source.column)})"
        days = ", ".join(
            f"CAST(TRY({time_sql(text, form, source.column, mapping)}) AS DATE)" for form in forms
        )
        count, value, row_file, line = connection.execute(
            f"SELECT count(*), arg_min({text}, vk_row), arg_min(coalesce(vk_file, ?), vk_row), "
            "arg_min(coalesce(vk_line, vk_row), vk_row) FROM vk_rows "
            f"WHERE len(list_distinct([{days}])) > 1",
            [file],
        ).fetchall()[0]
        if count:
            fitting = [written for written, _ in readings(value, [f.written for f in forms])]
            notes.append(
                Problem(
                    code="ambiguous_day",
                    text=_text(count, value, fitting),
                    file=row_file,
                    line=line,
                    field=source.name or source.column.name,
                    severity="note",
                )
            )
    return notes


def _text(count: int, value: str, formats: Sequence[str]) -> Text:
    one = count == 1
    return Text(
        de=f"{count} {'Angabe' if one else 'Angaben'} wie „{value}“ "
        f"{'passt' if one else 'passen'} auf {' und '.join(formats)} und "
        f"{'meint' if one else 'meinen'} dann verschiedene Tage; {formats[0]} gilt, weil es zuerst "
        "steht. Streichen Sie, was nicht gemeint ist.",
        en=f"{count} {'value' if one else 'values'} such as '{value}' "
        f"{'fits' if one else 'fit'} {' and '.join(formats)} and "
        f"{'is' if one else 'are'} different days; {formats[0]} counts because it stands first. "
        "Remove the one that is not meant.",
    )
