"""Whose a row is: columns that name patients, and columns that may."""
