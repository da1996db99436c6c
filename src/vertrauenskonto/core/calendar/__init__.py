"""The one clock's arithmetic: working hours, days off, time zones and daylight saving.

Lives here: calendars as values, working time and working days, local times as instants.
May import: `core.errors` and the standard library.
Never: the clock, files, who celebrates what where (days off are handed in), other rooms of the core.
"""
