"""The pool and the job of the README."""

import json
from pathlib import Path

import qfl
from qfl.backbone.infrastructure.pool import read_pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in

EXAMPLE = Path(qfl.__file__).parent.parent / "examples/q_backbone"


def test_the_readmes_job_is_solved_by_its_pool(tmp_path):
    job = json.loads((EXAMPLE / "job.json").read_text())
    with telemetry_in(tmp_path) as log:
        orchestrator = Orchestrator(read_pool(EXAMPLE / "pool.toml"), log)
        orchestrator.submit(**job)
        orchestrator.drain()
        (row,) = log.outcomes()
    answer = row["outcome"]["answer"]
    assert row["in_time"] and answer["utilisation"] >= answer["bound"] > 0 and len(answer["paths"]) == 4
