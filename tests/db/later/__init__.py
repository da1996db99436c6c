"""The migrations of a later version of the program: those of today and one more."""
