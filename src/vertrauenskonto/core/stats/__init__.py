"""Numeric kernels without nouns of our trade: intervals, logistic regression, calibration.

Lives here: formulas, each with its source and what it was checked against.
May import: the standard library, numpy, `core.errors`.
Never: promises, customers, anything else of the core; files, the clock, randomness.
"""
