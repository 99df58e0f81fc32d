"""Work on recordings in processes of their own, so that the screens and the live streams keep theirs.

One process runs one Python thread at a time: a file of some hundred megabytes, read in the process of the screens or
of the watch, would hold up every number on every wall. The other process also gives way to all that is live, and if the
system ends one for its memory it is that one. It ends with whoever asked, however that ends.
"""

from dashboard.apart.executor import ApartExecutor
from dashboard.apart.process import Worker, apart
from dashboard.apart.shared import Shared

__all__ = ["ApartExecutor", "Shared", "Worker", "apart"]
