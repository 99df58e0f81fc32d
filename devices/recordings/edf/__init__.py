"""EDF and EDF+ files."""
