"""`.vital` files of VitalDB."""
