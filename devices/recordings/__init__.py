"""Recorded sessions: files of all kinds in, Readings or columns out; and out again, in `writing`."""

import os

# Nothing here multiplies matrices; numpy's library for it would start a thread a core, which spins for 50 ms each time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
