"""A driver that starts while the cuff is measuring: the next result is new, and not dated by the last one's stamp."""

import pytest

from devices import catalogue
from devices.instant import SECOND
from devices.reading import Reading
from devices.virtual.bedside import PatientBedside
from devices.virtual.history import fast_forward
from devices.virtual.patient import named

START = 1_770_000_000 * SECOND


def systolics(items):
    return [
        ((each.time - START) // SECOND, each.value)
        for each in items
        if isinstance(each, Reading) and each.signal == "NIBP_SYS"
    ]


@pytest.mark.parametrize("restart", [255, 275, 290, 300, 305, 309])
def test_each_result_has_its_own_time_whenever_the_driver_starts(restart):
    bedside = PatientBedside(named("strong-rise", 5), START, START + 60 * SECOND)
    device = catalogue.create_device("ge-dri", bedside)
    first = list(fast_forward(device, catalogue.create("ge-dri"), START, START + restart * SECOND))
    again = list(fast_forward(device, catalogue.create("ge-dri"), START + restart * SECOND, START + 600 * SECOND))
    assert [at for at, _ in systolics(first)] == [10, 70, 130, 190, 250]
    heard = systolics(again)
    assert [at for at, _ in heard if at >= 310] == [310, 370, 430, 490, 550]
    # What was shown already is told once more at most, fresh by bit 8, so dated within its minute.
    before = [(at, value) for at, value in heard if at < 310]
    assert len(before) <= 1
    assert all(250 <= at <= restart + 5 and value == systolics(first)[-1][1] for at, value in before)
