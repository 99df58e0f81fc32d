"""Ports by URL: opened, read and written without ever waiting. A file for each kind of port."""
