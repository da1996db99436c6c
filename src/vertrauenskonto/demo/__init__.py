"""A made-up company with a known truth, to try everything on.

Lives here: the customers, three years of events and what customers really think, from one seed.
May import: `core` and numpy.
Never: files, the clock, a random source of its own; names of real people or companies.
"""
