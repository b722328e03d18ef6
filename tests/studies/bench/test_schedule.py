"""``qfl bench schedule`` prints what its measurements say."""

import math

from qfl.studies.bench.schedule import bench_schedule, exponent


def test_the_exponent_of_a_power_law_is_its_power():
    assert math.isclose(exponent({str(n): 3.0 * n**1.5 for n in (10, 20, 70)}), 1.5)


def test_the_figures_are_those_of_the_printed_times():
    found = bench_schedule(repeats=1, growth=(4, 8), small=(4, 2), large=(8, 2))
    assert found["matching_ms_200x20"] == 1000 * found["matching_200x20"]["median_s"]
    assert found["matching_s_2000x200"] == found["matching_2000x200"]["median_s"]
    assert found["qaoa_150_blocks_ms"] == 1000 * found["qaoa_150_blocks"]["median_s"]
    assert math.isclose(found["exponent_n"], exponent(found["growth_s"]))
