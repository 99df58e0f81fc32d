"""WFDB records with numerics, as of PhysioNet."""
