"""One site unless three conditions hold at once, each a number in the row.

Also covers qfl/backbone/orchestration/partition.py.
"""

import json
from itertools import combinations

import dimod
import pytest

from qfl.backbone.applications.posed import pose
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.mode import choose_mode
from qfl.backbone.orchestration.partition import coupling, parts_of
from qfl.errors import ConfigError
from qfl.seeds import stream

HOST = Backend("host", "cpu", "descent")


def clusters(groups, size, weak, seed=1):
    """Groups of variables that are all coupled, and a weak chain between groups."""
    draw = stream(seed, "test", "mode")
    names = [f"g{g}v{k}" for k in range(size) for g in range(groups)]  # groups in turns: their order tells nothing
    strong = {(a, b): float(draw.choice([-1, 1])) for a, b in combinations(names, 2) if a[:2] == b[:2]}
    chain = {(f"g{g}v0", f"g{g + 1}v0"): weak for g in range(groups - 1)}
    return dimod.BinaryQuadraticModel({name: float(draw.normal()) for name in names}, strong | chain, "BINARY")


def pool_of(*, variables=6, sites=("north", "south"), between_s=0.001, **changes):
    given = {"simulated": True, "setup_s": 0.1, "variables": variables} | changes
    qpus = tuple(Backend(f"q{k}", "qpu", "exact", site=site, **given) for k, site in enumerate(sites))
    return Pool((HOST, *qpus), between_s)


def test_where_all_three_hold_the_mode_is_distributed_and_the_row_has_the_numbers():
    model = clusters(2, 6, 0.5)
    mode = choose_mode(model, pool_of())
    assert mode.distributed and sorted(len(part) for part, _ in mode.parts) == [6, 6]
    assert {name for _, name in mode.parts} == {"q0", "q1"}
    row = json.loads(json.dumps(mode.row, allow_nan=False))
    assert row["chosen"] == "distributed" and row["coupling"] == pytest.approx(0.5 / 30.5)
    assert row["capacity"] == 2.0 and row["overhead"] == pytest.approx(0.002 / 0.1)
    assert (row["coupling_limit"], row["capacity_limit"], row["overhead_limit"]) == (0.2, 1.0, 0.1)


@pytest.mark.parametrize(
    ("weak", "variables", "between_s", "words"),
    [
        (30.0, 6, 0.001, "of the couplings lie between parts, at most 0.2 may"),
        (0.5, 12, 0.001, "one QPU takes the circuit (1.000 of its variables are needed)"),
        (0.5, 0, 0.001, "one QPU takes the circuit (0.000 of its variables are needed)"),
        (0.5, 6, 0.1, "coordination takes 2.000 of the solve time, at most 0.1 may be"),
    ],
)
def test_one_condition_that_does_not_hold_keeps_a_job_at_one_site_and_is_the_only_reason(
    weak, variables, between_s, words
):
    mode = choose_mode(clusters(2, 6, weak), pool_of(variables=variables, between_s=between_s))
    assert not mode.distributed and words in mode.reason and ";" not in mode.reason
    assert mode.row["chosen"] == "single-site" and json.dumps(mode.row, allow_nan=False)


def test_several_conditions_that_do_not_hold_are_all_told():
    reason = choose_mode(clusters(2, 6, 30.0), pool_of(variables=12, between_s=1.0)).reason
    assert reason.startswith("single-site: ") and reason.count(";") == 2


def test_one_site_is_the_default_whatever_is_asked():
    for sites in ((), ("north",), ("north", "north")):
        mode = choose_mode(clusters(2, 6, 0.1), pool_of(sites=sites))
        assert not mode.distributed and "fewer than two sites" in mode.reason and mode.coupling is None
        assert json.dumps(mode.row, allow_nan=False)
    empty = choose_mode(dimod.BinaryQuadraticModel("BINARY"), pool_of())
    assert not empty.distributed and "nothing is left" in empty.reason


def test_without_known_seconds_only_free_coordination_is_small():
    model = clusters(2, 6, 0.1)
    unknown = choose_mode(model, pool_of(simulated=False, setup_s=0.0))
    assert not unknown.distributed and unknown.overhead is None and "an unknown share" in unknown.reason
    free = choose_mode(model, pool_of(simulated=False, setup_s=0.0, between_s=0.0))
    assert free.distributed and sorted(name for _, name in free.parts) == ["q0", "q1"]


def test_a_networks_parts_are_its_regions():
    full = [[a, b, 10] for nodes in ("abc", "def") for a in nodes for b in nodes if a != b]
    demands = [["a", "b", 3], ["b", "c", 2], ["d", "e", 3], ["e", "f", 2], ["a", "f", 1]]
    request = {"links": [*full, ["c", "d", 5], ["d", "c", 5]], "demands": demands, "k": 2}
    posed = pose("traffic", request)
    mode = choose_mode(posed.model, pool_of(variables=6), posed.parts)
    parts = sorted(
        sorted(map(int, map(str, part))) for part, _ in mode.parts
    )  # options of the demands in order: two for each
    assert parts == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9]]


@pytest.mark.parametrize("seed", range(3))
def test_planted_halves_are_found_and_no_halves_are_coupled_less(seed):
    model = clusters(2, 4, 0.7, seed)
    parts = parts_of(model, most=4)
    least = min(
        coupling(model, [half, [v for v in model.variables if v not in half]])
        for half in combinations(list(model.variables), 4)
    )
    assert coupling(model, parts) == pytest.approx(least) == pytest.approx(0.7 / 12.7)


def test_three_planted_parts_are_found():
    model = clusters(3, 20, 0.5)
    parts = parts_of(model, most=20)
    assert sorted(map(len, parts)) == [20, 20, 20] and coupling(model, parts) < 0.005


def test_a_model_too_large_for_eigenvectors_is_parted_in_its_order():
    model = dimod.BinaryQuadraticModel({}, {(k, k + 1): 1.0 for k in range(999)}, "BINARY")
    parts = parts_of(model, most=500)
    assert parts == (tuple(range(500)), tuple(range(500, 1000))) and coupling(model, parts) == pytest.approx(1 / 999)


@pytest.mark.parametrize("natural", [(), (("g0v0", "g1v3", "absent"),)])
@pytest.mark.parametrize(("most", "count"), [(1, 1), (3, 1), (5, 7), (99, 2), (2, 99)])
def test_every_variable_is_in_one_part_and_none_is_too_large(natural, most, count):
    model = clusters(2, 5, 0.3)
    parts = parts_of(model, most, count, natural)
    assert sorted(str(v) for part in parts for v in part) == sorted(map(str, model.variables))
    assert max(map(len, parts)) <= most and all(parts) and (natural or len(parts) >= min(count, 10))


def test_what_is_not_coupled_is_parted_all_the_same():
    model = dimod.BinaryQuadraticModel(dict.fromkeys(range(7), 1.0), {}, "BINARY")
    assert sorted(map(len, parts_of(model, most=3))) == [2, 2, 3]
    assert coupling(model, parts_of(model, most=3)) == 0.0


@pytest.mark.parametrize(("most", "count"), [(0, 1), (1, 0), (-1, 1)])
def test_parts_that_are_none_are_refused(most, count):
    with pytest.raises(ConfigError, match="1 or more each"):
        parts_of(clusters(2, 3, 0.1), most, count)
