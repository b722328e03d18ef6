"""``qfl bench backbone`` prints what its measurements say. Also covers examples/q_backbone/bench_templates.py."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.bench.schedule import exponent
from qfl.studies.examples import module_of

bench_backbone = module_of(Path(qfl.__file__).parent.parent / "examples" / "q_backbone", "bench").bench_backbone


def test_the_figures_are_those_of_the_printed_measurements():
    found = bench_backbone(1, (2, 4), 0.02, (2, 4), (2, 4), decisions=2, mixed=40, arrivals=1, repeats=2)
    equal = found["equal_time"].values()
    online = found["online"]
    assert online["promises_broken"] == 0 and 0 <= online["online_failing"] <= 1 and 0 < online["online"] <= 1
    assert found["served_ratio"] == sum(e["ours"] for e in equal) / sum(e["sa_paper"] for e in equal)
    assert found["gap_to_bound"] == pytest.approx(sum(1 - e["ours"] / e["bound"] for e in equal) / 2)
    assert all(e["ours"] <= e["bound"] + 1e-9 for e in equal)
    assert found["exponent_jobs"] == exponent(found["decisions_s"]["jobs"])
    assert found["jobs_per_s"] == 4 / found["decisions_s"]["jobs"]["4"]
    assert found["quantum_calls"] == 0
    assert found["regret"] <= found["regret_never_asking"] + 40 * 0.002
    known = found["templates"]
    assert known["traffic"]["identical"] and known["relaxation"]["identical"]
    assert known["cached_over_fresh_ms"] == known["traffic"]["cached_ms"] / known["traffic"]["fresh_ms"]
