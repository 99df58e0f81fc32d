"""Waiting for what no page says of itself."""

import time


def until(page, condition, seconds=20):
    """Until `condition()` holds; the page goes on meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        page.wait_for_timeout(50)
