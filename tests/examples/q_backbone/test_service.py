"""The pools and the job of the README."""

import json
from pathlib import Path

import pytest

import qfl
from qfl.backbone.infrastructure.pool import read_pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in

EXAMPLE = Path(qfl.__file__).parent.parent / "examples/q_backbone"


@pytest.mark.parametrize("pool", ["pool.toml", "sites_pool.toml"])
def test_the_readmes_job_is_solved_by_its_pools(tmp_path, pool):
    job = json.loads((EXAMPLE / "job.json").read_text())
    with telemetry_in(tmp_path) as log:
        orchestrator = Orchestrator(read_pool(EXAMPLE / pool), log)
        orchestrator.submit(**job)
        orchestrator.drain()
        (row,) = log.outcomes()
    answer = row["outcome"]["answer"]
    assert row["in_time"] and answer["utilisation"] >= answer["bound"] > 0 and len(answer["paths"]) == 4
    assert row["decision"]["mode"]["chosen"] == "single-site"  # an annealer takes it whole
