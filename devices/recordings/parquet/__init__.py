"""Parquet tables, wide and long."""
