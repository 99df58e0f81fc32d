"""What a table is that is not read in columns."""


class Unfit(Exception):
    """This table is not read here; it is read row by row."""
