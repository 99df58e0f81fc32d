"""The ward of the watch's tests, under a name that is not every folder's."""

import importlib.util
import sys
from pathlib import Path

_PLACE = Path(__file__).parent.parent / "watch" / "conftest.py"
_spec = importlib.util.spec_from_file_location("conftest_watch", _PLACE)
_module = importlib.util.module_from_spec(_spec)
sys.modules["conftest_watch"] = _module
_spec.loader.exec_module(_module)
