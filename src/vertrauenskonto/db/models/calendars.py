"""Working calendars: when the company, a team or a customer works.

Reference: `WorkCalendar`, `CalendarWeek`, `CalendarDay`, `CalendarUse`.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from vertrauenskonto.db.models.customers import Customer
from vertrauenskonto.db.models.people import Team


class WorkCalendar(models.Model):
    """Ordinary weeks, public holidays of a region, and days that differ."""

    name = models.CharField(max_length=80, unique=True)
    # IANA name of the time zone
    zone = models.CharField(max_length=40)
    # whose public holidays are free, such as DE-BY; none: no holidays
    region = models.CharField(max_length=10, blank=True)
    # what is free in parts of the region only, with commas between (`importers.public_holidays`)
    local = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "work_calendar"


class CalendarWeek(models.Model):
    """The hours of an ordinary week, in force from a day on."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="weeks")
    valid_from = models.DateField()
    # Monday to Sunday, one line each, as `core.calendar.hours` reads them; an empty line: closed
    hours = models.CharField(max_length=1000)

    class Meta:
        db_table = "calendar_week"
        constraints = [
            models.UniqueConstraint(name="calendar_week_once", fields=["calendar", "valid_from"])
        ]


class CalendarDay(models.Model):
    """A day that differs: closed without hours, open at its own hours otherwise."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE, related_name="own_days")
    day = models.DateField()
    hours = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "calendar_day"
        constraints = [
            models.UniqueConstraint(name="calendar_day_once", fields=["calendar", "day"])
        ]


class CalendarUse(models.Model):
    """Whose calendar it is: a team's, a customer's, or, with neither, the company's."""

    calendar = models.ForeignKey(WorkCalendar, models.CASCADE)
    team = models.ForeignKey(Team, models.CASCADE, null=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True)

    class Meta:
        db_table = "calendar_use"
        constraints = [
            # One row at most: the expression is the same for all of them.
            models.UniqueConstraint(
                Coalesce("team", "customer", 0),
                name="calendar_of_company",
                condition=Q(team=None, customer=None),
            ),
            models.UniqueConstraint(
                name="calendar_of_team", fields=["team"], condition=Q(team__isnull=False)
            ),
            models.UniqueConstraint(
                name="calendar_of_customer",
                fields=["customer"],
                condition=Q(customer__isnull=False),
            ),
            models.CheckConstraint(
                name="calendar_of_one", condition=Q(team=None) | Q(customer=None)
            ),
        ]
