"""What decides, keeps and shows: rises, alarms, sessions, the store, the watch and the Streamlit screens."""

import os

__version__ = "0.1.0"

# Nothing here multiplies matrices; numpy's library for it would start a thread a core, which spins for 50 ms each time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
