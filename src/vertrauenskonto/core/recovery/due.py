"""Due dates: by when the next steps of a case should be done; working days come from outside."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from vertrauenskonto.core.recovery.case import Case, outcome
from vertrauenskonto.core.recovery.reasons import days_of_needs, step_refusal
from vertrauenskonto.core.recovery.steps import EVALUATION_DAYS, STEPS, StepName


def due_dates(
    case: Case,
    *,
    working_day: Callable[[date, int], date],
    days: Mapping[StepName, int] | None = None,
) -> dict[StepName, date]:
    """Return by when each step that may be done next should be; of a case at rest or closed, none.

    Args:
        case: the case.
        working_day: the working day that comes so many working days after a day.
        days: working days per step where they differ from the steps' own.

    The evaluation is due 90 calendar days after the confirmation, moved to a working day.
    """
    if outcome(case).state != "open":
        return {}
    own = days or {}
    found: dict[StepName, date] = {}
    for step in STEPS[case.path]:
        if step_refusal(case, step) is None:
            ready = max([case.opened_on, *days_of_needs(case, step)])
            if step.name == "evaluated":
                last = ready + timedelta(days=EVALUATION_DAYS - 1)
                found[step.name] = working_day(last, 1)
            else:
                found[step.name] = working_day(ready, own.get(step.name, step.due_days))
    return found
