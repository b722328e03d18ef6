"""``qfl bench cellfree`` prints costs for every size, and the growth they make."""

import math
from pathlib import Path

import qfl
from qfl.studies.bench.schedule import exponent
from qfl.studies.examples import module_of

bench_cell_free = module_of(Path(qfl.__file__).parent.parent / "examples" / "cell_free", "bench").bench_cell_free


def test_the_growth_is_that_of_the_printed_costs_and_what_cannot_be_enumerated_is_left_out():
    found = bench_cell_free(repeats=1, sizes={"num_aps": (4, 11), "num_users": (2, 5)})
    assert list(found) == ["num_aps", "num_users"]
    costs = found["num_aps"]["ms_per_channel"]
    assert list(costs["exhaustive"]) == ["4"] and "exhaustive" not in found["num_aps"]["exponent"]
    assert math.isclose(found["num_aps"]["exponent"]["greedy"], exponent(costs["greedy"]))
    assert all(ms > 0 for own in costs.values() for ms in own.values())
