"""Readings of the paper's text beside ours: within its constraint, in the results, and on the page.

Also covers examples/sqm_gnn/cut.py.
"""

from pathlib import Path

import pytest
import torch

import qfl
from qfl.errors import ConfigError
from qfl.models.star_count import num_qubits
from qfl.studies.examples import module_of
from qfl.studies.request import begin

EXAMPLE = Path(qfl.__file__).parent.parent / "examples" / "sqm_gnn"
plan, table1, training, cut, readings_page = (
    module_of(EXAMPLE, name) for name in ("plan", "table1", "training", "cut", "readings_page")
)
READINGS = """
[as_published]
model = "sqm_gnn"
learning-rate = 0.01
fewest-pairs = 0
layers = 2
heads = 2
k = 6
sampling = "random"
neighbour-subsampling = 0
hidden = [4]
node-features = ["direct"]
[multiplied]
like = "as_published"
sampling = "strongest"
k = 0
cut = 6
"""


@pytest.fixture
def with_readings(request_of, tmp_path, tiny):
    """Return a request whose file has two readings."""
    text = tiny.replace("pairs = 20\n", 'pairs = 20\nreadings = ["as_published", "multiplied"]\n', 1)
    (tmp_path / "tiny.toml").write_text(text.replace("[quick]", READINGS + "[quick]"))
    return request_of


def test_the_files_readings_keep_to_what_the_paper_constrains(tmp_path):
    """13 qubits at every K, at most 5,925 numbers, trained at K = 20 and 1 W with all pairs; ours is another model."""
    asked = begin("table1", EXAMPLE, EXAMPLE / "table1.toml", quick=False, seed=1, root=tmp_path / "runs")
    study = plan.read_plan(asked)
    assert study.readings == ("as_published", "without_repeats", "by_rank", "multiplied")
    for name in study.readings:
        job = plan.job_of(asked, study, "printed", name, 0)
        model = training.make_model(job)
        assert len(model.layout) <= readings_page.PAPER_NUMBERS and (job.pairs, job.fewest_pairs) == (20, 0)
        for pairs in (10, 20, 40, 80):
            assert num_qubits(table1._tested(study, job, pairs), pairs) == readings_page.PAPER_QUBITS
    literal = training.make_model(plan.job_of(asked, study, "printed", "as_published", 0))
    assert (literal.sampling, literal.k, literal.repeats) == ("random", 6, True)
    ours = training.make_model(plan.job_of(asked, study, "printed", "sqm_gnn", 0))
    assert cut.needs(ours, 20) == {"numbers": 12097, "qubits": 39, "circuits_per_node": 32}


def test_results_and_page_have_each_reading_beside_ours(with_readings, quick_baselines):
    asked = with_readings(changes=['setups=["printed"]', 'models=["sqm_gnn"]'])
    found = table1.STUDY.conduct(asked)
    cell = found.numbers["k20_p1"]
    assert cell["ours"]["percent_of_wmmse"] == cell["percent_of_wmmse"] == cell["sqm_gnn"]["percent_of_wmmse"]
    for name, needs in (("as_published", (13, 4)), ("multiplied", (13, 16))):
        assert 0 < cell[name]["percent_of_wmmse"] < 120
        assert (cell[name]["qubits"], cell[name]["circuits_per_node"]) == needs
        assert f"| `{name}` | 13 | {cell[name]['numbers']:,} |" in found.text
    assert cell["ours"]["qubits"] == 9 and set(found.numbers["parameters"]) == {"sqm_gnn"}
    assert "| paper | 13 | 5,925 |" in found.text and "The paper claims 105.12 % at K = 20 and 1 W" in found.text
    own = found.numbers["cut"]
    assert set(own) == {"sqm_gnn", "as_published", "multiplied"}
    for each in own.values():
        assert each["largest_difference_of_powers"] < 1e-12
        assert each["percent_of_wmmse"]["exact"] == pytest.approx(each["percent_of_wmmse"]["cut exact"])
        assert each["percent_of_wmmse"]["100 shots"] != each["percent_of_wmmse"]["cut 100 shots"]
    assert own["multiplied"]["whole"]["qubits"] == 39 and own["multiplied"]["cut"]["qubits"] == 13


def test_a_step_draws_its_own_neighbours(with_readings):
    asked = with_readings()
    study = plan.read_plan(asked)
    assert study.names_of("reproduces_2_6") == study.models  # readings are of the first set-up
    job = plan.job_of(asked, study, "printed", "as_published", 0)
    model, batch = (
        training.make_model(job),
        training.draw_batch(training.scenario_of("printed", 20), 2, 1, "d2d-train", torch.float32),
    )
    first, again, second = (training._drawn(model, batch, 1, step)["chosen"] for step in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, second) and first.shape == (2, 2, 20, 6)
    assert training._drawn(training.make_model(plan.job_of(asked, study, "printed", "gcn", 0)), batch, 1, 1) == {}


def test_a_readings_own_settings_are_checked(with_readings):
    with pytest.raises(ConfigError) as refusal:
        plan.read_plan(with_readings(changes=["as_published.fewest-pairs=1", 'readings=["as_published", "another"]']))
    assert [fault.removeprefix("table1: ") for fault in refusal.value.faults] == [
        "as_published.fewest-pairs = 1: expected 0, or at least 2 and below pairs = 20",
        "there is no another.learning-rate; add it, as in the example's file",
        "there is no another.model; add it, as in the example's file",
    ]
    for wrong in ('as_published.sampling="weakest"', 'multiplied.node-features=["colour"]'):
        asked = with_readings(changes=[wrong] if "weakest" in wrong else [])
        study = plan.read_plan(asked)
        name = wrong.partition(".")[0]
        job = plan.job_of(asked, study, "printed", name, 0)
        if "weakest" not in wrong:
            job.options["node_features"] = ("colour",)
        with pytest.raises(ConfigError, match=f"sqm_gnn in printed: .*{'weakest' if 'weakest' in wrong else 'colour'}"):
            training.make_model(job)
