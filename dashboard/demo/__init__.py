"""``risewatch demo``: virtual monitors with a past, a real recording, and the screens, all on this machine."""
