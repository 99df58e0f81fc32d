import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "rises"))


@pytest.fixture
def quick_folder(tmp_path):
    """For a store of many small commits: in memory where the system has such a place."""
    memory = Path("/dev/shm")
    if not memory.is_dir():
        yield tmp_path / "data"
        return
    made = Path(tempfile.mkdtemp(prefix="risewatch-", dir=memory))
    yield made
    shutil.rmtree(made, ignore_errors=True)
