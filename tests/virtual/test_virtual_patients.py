"""The made patients against the published numbers they are calibrated to, and against themselves."""

from __future__ import annotations

import itertools
import statistics

import pytest

from devices import instant
from devices.errors import UnknownName
from devices.virtual.bedside import PatientBedside
from devices.virtual.noise import normal, wander
from devices.virtual.patient import PATIENTS, drawn, named
from devices.virtual.pharmacology import CLEMENTS, Infusion, rise

MIN = instant.MINUTE
S = instant.SECOND
DAY = 1_770_000_000 * S


def test_clements_plasma_after_half_a_milligram_per_kilogram_in_forty_minutes():
    infusion = Infusion.planned(DAY)
    plasma = {minute: infusion.plasma(DAY + minute * MIN) for minute in (10, 20, 30, 40, 60, 90, 120)}
    published = {10: 62, 20: 109, 30: 147, 40: 177, 60: 115, 90: 75, 120: 59}
    assert {minute: round(value) for minute, value in plasma.items()} == pytest.approx(published, abs=1)
    assert infusion.plasma(DAY) == 0.0
    assert infusion.plasma(DAY - MIN) == 0.0


def test_the_share_of_the_greatest_effect_over_time():
    infusion = Infusion.planned(0)
    shares = [round(rise(infusion.effect(minute * MIN), 1.0), 2) for minute in (20, 30, 40, 60, 90)]
    assert shares == pytest.approx([0.13, 0.23, 0.31, 0.20, 0.09], abs=0.011)


def test_the_closed_form_agrees_with_stepping_the_equations_through_a_paused_infusion():
    infusion = Infusion.planned(0).changed(10 * MIN, 0.0).changed(15 * MIN, 0.0200).changed(33 * MIN, 0.0)
    k, central, peripheral, site, step = CLEMENTS, 0.0, 0.0, 0.0, 0.001
    for number in range(60_000):
        minute = number * step
        rate = infusion.rate(round(minute * MIN))
        flow = rate - (k.k10 + k.k12) * central + k.k21 * peripheral
        peripheral += step * (k.k12 * central - k.k21 * peripheral)
        site += step * k.ke0 * (1000 * central / k.v1 - site)
        central += step * flow
    assert infusion.plasma(60 * MIN) == pytest.approx(1000 * central / k.v1, rel=1e-3)
    assert infusion.effect(60 * MIN) == pytest.approx(site, rel=1e-3)


def test_a_rate_can_be_changed_paused_and_the_start_stays_the_first():
    infusion = Infusion().changed(5 * MIN, 0.0125).changed(10 * MIN, 0.0).changed(12 * MIN, 0.02)
    assert infusion.start == 5 * MIN
    assert [infusion.rate(at * MIN) for at in (4, 5, 9, 10, 12, 99)] == [0.0, 0.0125, 0.0125, 0.0, 0.02, 0.02]
    assert Infusion().start is None


def test_a_made_population_rises_as_published():
    """Cuff every 5 minutes, baseline the median of the last three: targets of the clinical sheet, section 7."""
    tops, tops_dia, at_forty, hearts, twice, forty = [], [], [], [], 0, 0
    count = 500
    for seed in range(count):
        person = drawn(seed)
        bedside = PatientBedside(person, -15 * MIN, 0, cycle_s=300, first_cuff_after_s=300)
        cuffs = [bedside.observe(minute * MIN).cuff for minute in range(-10, 101, 5)]
        assert [cuff.count for cuff in cuffs] == list(range(1, 24))
        base = statistics.median(cuff.sys for cuff in cuffs[:3])
        base_dia = statistics.median(cuff.dia for cuff in cuffs[:3])
        rises = [cuff.sys - base for cuff in cuffs[3:]]
        tops.append(max(rises))
        tops_dia.append(max(cuff.dia - base_dia for cuff in cuffs[3:]))
        at_forty.append(rises[7])
        hearts.append(person.vitals(40 * MIN, bedside.infusion).hr - person.hr)
        twice += any(a >= 20 and b >= 20 for a, b in itertools.pairwise(rises))
        forty += max(rises) >= 40
    assert statistics.mean(tops) == pytest.approx(19.3, abs=1.7)
    assert statistics.stdev(tops) == pytest.approx(13.3, abs=2.0)
    assert statistics.mean(at_forty) == pytest.approx(13.4, abs=1.6)
    assert statistics.mean(tops_dia) == pytest.approx(13.8, abs=1.3)
    assert statistics.stdev(tops_dia) == pytest.approx(9.2, abs=2.0)
    assert statistics.mean(hearts) == pytest.approx(4.4, abs=0.7)
    assert twice / count == pytest.approx(0.20, abs=0.05)
    assert forty / count == pytest.approx(0.055, abs=0.03)


def test_noise_is_standard_and_the_same_wherever_it_is_looked_at_from():
    values = [normal(7, index) for index in range(4000)]
    assert statistics.mean(values) == pytest.approx(0, abs=0.05)
    assert statistics.stdev(values) == pytest.approx(1, abs=0.05)
    walk = [wander(7, second, 20.0) for second in range(20_000)]
    assert statistics.stdev(walk) == pytest.approx(1, abs=0.08)
    assert max(abs(b - a) for a, b in itertools.pairwise(walk)) < 0.7
    assert wander(7, 123.4, 20.0) == wander(7, 123.4, 20.0) != wander(8, 123.4, 20.0)


def steady(name, seed=0, start=DAY):
    return PatientBedside(named(name, seed), start, start + 5 * MIN)


def test_what_is_seen_does_not_depend_on_how_often_it_is_looked_at():
    seldom, often = steady("typical"), steady("typical")
    for at in range(DAY, DAY + 40 * MIN, 700_000):
        often.observe(at)
    end = DAY + 40 * MIN
    assert seldom.observe(end) == often.observe(end)


def test_a_name_and_a_seed_give_the_same_numbers_on_any_date():
    first, later = steady("vasovagal", 3), steady("vasovagal", 3, DAY + 86_400 * S)
    for second in range(0, 2400, 37):
        one, other = first.observe(DAY + second * S), later.observe(DAY + 86_400 * S + second * S)
        assert (one.hr, one.pr, one.spo2, one.rr, one.temp) == (other.hr, other.pr, other.spo2, other.rr, other.temp)
        assert (one.cuff.sys, one.cuff.dia, one.cuff.count) == (other.cuff.sys, other.cuff.dia, other.cuff.count)


def test_another_seed_is_another_person():
    numbers = {steady("typical", seed).observe(DAY + 20 * MIN).cuff.sys for seed in range(12)}
    assert len(numbers) > 4


def tops(name):
    bedside = steady(name)
    seen = [bedside.observe(DAY + second * S) for second in range(0, 65 * 60, 15)]
    return seen, [o.cuff.sys for o in seen if o.cuff.sys], [o.hr for o in seen]


def test_each_patient_does_what_its_sentence_says():
    _, typical, _ = tops("typical")
    assert 132 <= max(typical) <= 155
    _, strong, hearts = tops("strong-rise")
    assert max(strong) >= 180
    assert max(hearts) >= 100
    _, hypertensive, _ = tops("hypertensive")
    assert hypertensive[0] >= 145
    assert max(hypertensive) >= 180
    _, flat, hearts = tops("no-rise")
    assert max(flat) - min(flat) <= 30
    assert max(hearts) - min(hearts) <= 25
    _, dipping, hearts = tops("vasovagal")
    assert min(dipping) <= 85
    assert min(hearts) <= 45


@pytest.mark.parametrize("name", PATIENTS)
def test_all_numbers_are_those_of_a_living_adult(name):
    seen, _, _ = tops(name)
    for observation in seen:
        assert 30 <= observation.hr <= 140
        assert abs(observation.hr - observation.pr) <= 3
        assert 92 <= observation.spo2 <= 100
        assert 6 <= observation.rr <= 25
        assert 36.0 <= observation.temp <= 37.5
        cuff = observation.cuff
        if cuff.sys is not None:
            assert 60 <= cuff.sys <= 220
            assert cuff.dia < cuff.mean < cuff.sys
            assert cuff.mean == pytest.approx(cuff.dia + (cuff.sys - cuff.dia) / 3, abs=0.51)


def test_an_unknown_patient_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownName, match="there is no patient 'tipical'; there are typical, strong-rise"):
        named("tipical")
