"""``qfl bench backbone`` prints what its measurements say. Also covers examples/q_backbone/bench_templates.py.

Also covers examples/q_backbone/bench_sites.py and examples/q_backbone/bench_traffic.py.
"""

from pathlib import Path

import pytest

import qfl
from qfl.studies.bench.schedule import exponent
from qfl.studies.examples import module_of

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "q_backbone"
bench_backbone = module_of(FOLDER, "bench").bench_backbone


def test_the_figures_are_those_of_the_printed_measurements():
    found = bench_backbone(
        1, (2, 4), 0.02, (2, 4), (2, 4), decisions=2, mixed=40, arrivals=1, repeats=2, sites=0, networks=()
    )
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
    assert known["angles"]["learned"] > known["angles"]["fixed"] > 0
    assert known["cached_over_fresh_ms"] == known["traffic"]["cached_ms"] / known["traffic"]["fresh_ms"]


def test_sites_are_told_beside_isolated_ones_and_a_centre_and_seconds_are_to_the_result():
    for name, found in module_of(FOLDER, "bench_sites").handing_over(1, jobs=3).items():
        transfer_s = float(name.split()[-2])
        shares = [value for key, value in found.items() if not key.endswith("_s")]
        assert len(found) == 11 and all(0 <= share <= 1 for share in shares) and found["ideal"] > 0
        assert found["handing_over"] >= found["isolated"] or found["handed_over"] > 0
        assert not found["central"] or found["central_s"] > 2 * transfer_s


def test_regions_and_the_whole_network_are_told_over_one_bound():
    found = module_of(FOLDER, "bench_traffic").by_region((12,), seeds=1)
    assert found.keys() == {"12"} and found["12"].keys() == {"near", "far"}
    for own in found["12"].values():
        assert min(own["regions"], own["whole"], own["whole_in_same_seconds"]) >= 1 - 1e-9
        assert own["regions_critical_s"] <= own["regions_work_s"]
