"""Delimited text files (CSV, TSV and their kin): their bytes, cells, columns and rows."""
