"""Captured bytes: written as they come, read whatever wrote them, decoded by the drivers of live ports."""
