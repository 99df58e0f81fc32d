"""Keeps the cost of a page's run from growing with the libraries it has loaded.

Streamlit collects all garbage after every run of a page and of a fragment, and so looks at each object of the process:
some 150 ms with pandas and plotly loaded, where a small page itself takes 5. What modules bring with them never goes:
it is put aside once and not looked at again.
"""

from __future__ import annotations

import gc
import sys

_MORE = 50
"""So many modules more are worth putting aside; fewer come one by one and would do it again and again."""

_put_aside = 0


def put_modules_aside() -> None:
    """After a page's run: puts aside what is there now, if much was loaded since the last time."""
    global _put_aside
    loaded = len(sys.modules)
    if loaded >= _put_aside + _MORE:
        _put_aside = loaded
        gc.collect()
        gc.freeze()
