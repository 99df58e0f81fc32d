"""What modules bring with them is put aside once, so that collecting garbage after a run does not look at it again."""

import gc
import sys
import types

import pytest

from dashboard.views import memory


@pytest.fixture
def module_names(monkeypatch):
    gc.unfreeze()
    monkeypatch.setattr(memory, "_put_aside", len(sys.modules))
    names = [f"risewatch_made_{number}" for number in range(memory._MORE)]
    yield names
    for name in names:
        sys.modules.pop(name, None)
    gc.unfreeze()


def test_modules_are_put_aside_when_many_have_come_and_not_at_each_run(module_names):
    memory.put_modules_aside()
    assert gc.get_freeze_count() == 0
    for name in module_names:
        sys.modules[name] = types.ModuleType(name)
    memory.put_modules_aside()
    first = gc.get_freeze_count()
    assert first > 10_000
    later = [[] for _ in range(1_000)]
    memory.put_modules_aside()
    assert gc.get_freeze_count() <= first
    assert len(later) == 1_000
