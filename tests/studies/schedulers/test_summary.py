"""The table's numbers equal those computed by hand."""

import math

from qfl.studies.schedulers.claims import claims
from qfl.studies.schedulers.summary import bound_mbps, summarise, summarise_small


def test_means_and_ratios_equal_those_computed_by_hand(make_row):
    rows = [
        make_row("qaoa_bcd", 1, [(0, 0.0, 10e6), (10, 0.5, 60e6)], bound=80e6),
        make_row("qaoa_bcd", 2, [(0, 0.0, 10e6), (30, 1.5, 90e6)], bound=100e6, round_time_s=None),
        make_row("random_sca_power", 1, [(0, 0.0, 40e6)], bound=80e6),
        make_row("random_sca_power", 2, [(0, 0.0, 60e6)], bound=100e6),
    ]
    found = summarise(rows)
    assert list(found) == ["random_sca_power", "qaoa_bcd"]
    quantum = found["qaoa_bcd"]
    assert quantum["value_mbps"]["mean"] == 75 and math.isclose(quantum["value_mbps"]["sd"], math.sqrt(450))
    assert math.isclose(quantum["percent_of_bound"], (75 + 90) / 2)
    assert math.isclose(quantum["percent_of_bound_sd"], math.sqrt(112.5))
    assert math.isclose(quantum["over_random_sca_power"], 75 / 50)
    assert (quantum["evaluations"], quantum["seconds"], quantum["iterations"], quantum["seeds"]) == (20, 1, 1, 2)
    assert quantum["round_time_s"] is None and found["random_sca_power"]["round_time_s"] == 2
    assert bound_mbps(rows).mean == 90


def test_without_the_reference_there_is_no_ratio_to_it(make_row):
    assert summarise([make_row("greedy", 1, [(0, 0.0, 1e6)])])["greedy"]["over_random_sca_power"] is None


def test_gain_and_pace_equal_those_computed_by_hand(make_row):
    rising = [(0, 0.0, 10e6), (10, 0.1, 50e6), (20, 0.2, 70e6)]
    rows = [
        make_row("qaoa_bcd", 1, rising, settled=(30, 60, 3.0)),
        make_row("qaoa_bcd", 2, rising, settled=(30, 60, 3.0)),
        make_row("sca_final", 1, [(0, 0.0, 50e6)], settled=(50, 20, 0.0)),
        make_row("sca_final", 2, [(0, 0.0, 50e6)], settled=(50, 20, 0.0)),
        make_row("sca_1opt", 1, [(0, 0.0, 80e6)]),
        make_row("sca_1opt", 2, [(0, 0.0, 80e6)]),
    ]
    final, polished = claims(rows)
    assert (final["quantum"], final["classical"]) == ("qaoa_bcd", "sca_final")
    assert math.isclose(final["gain_percent"], 40) and math.isclose(polished["gain_percent"], -12.5)
    assert math.isclose(final["pace"]["iterations"]["faster_percent"], 40)
    assert math.isclose(final["pace"]["evaluations"]["faster_percent"], -200)
    assert final["pace"]["seconds"]["faster_percent"] is None
    assert final["pace"]["evaluations"]["to_their_value"] == 10
    assert polished["pace"]["evaluations"]["to_their_value"] is None


def test_small_cases_count_the_optima_that_were_found(make_row):
    rows = [
        make_row(method, seed, [(0, 0.0, value)], case="small")
        for seed, (best, other) in enumerate([(10.0, 10.0), (20.0, 15.0)], start=1)
        for method, value in (("brute_force", best), ("greedy", other))
    ]
    found = summarise_small(rows)["greedy"]
    assert (found["percent_of_optimum"], found["times_optimal"], found["seeds"]) == (87.5, 1, 2)
