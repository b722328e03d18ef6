"""QAOA beside each SCA, and what a paper says of both where its example is at hand."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.schedulers.claims import PLAUSIBLE_SCA, QUANTUM, Paper, claims, paper_of
from qfl.studies.schedulers.panel import PANEL

ROOT = Path(qfl.__file__).parent.parent


def test_every_quantum_method_stands_beside_every_sca_that_was_measured(make_row):
    step = [(0, 0.0, 1e6)]
    rows = [make_row(name, seed, step) for name in (*QUANTUM, *PLAUSIBLE_SCA) for seed in (1, 2)]
    assert [(claim["quantum"], claim["classical"]) for claim in claims(rows)] == [
        (quantum, classical) for quantum in QUANTUM for classical in PLAUSIBLE_SCA
    ]
    assert {*QUANTUM, *PLAUSIBLE_SCA} <= {entry.name for entry in PANEL}


def test_a_value_is_reached_where_the_trace_first_has_it(make_row):
    trace = [(0, 0.0, 10e6), (5, 0.5, 40e6), (9, 0.9, 30e6), (20, 2.0, 80e6)]
    rows = [make_row("qaoa_bcd", 1, trace), make_row("sca_best", 1, [(0, 0.0, 40e6)])]
    (claim,) = claims(rows)
    reached = {unit: pace["to_their_value"] for unit, pace in claim["pace"].items()}
    assert reached == {"iterations": 1, "evaluations": 5, "seconds": 0.5}


def test_on_half_of_the_instances_it_is_no_amount(make_row):
    rows = [make_row("qaoa_bcd", seed, [(0, 0.0, value)]) for seed, value in ((1, 50e6), (2, 10e6))]
    rows += [make_row("sca_best", seed, [(0, 0.0, 20e6)]) for seed in (1, 2)]
    (claim,) = claims(rows)
    assert claim["pace"]["evaluations"]["to_their_value"] is None


def test_the_paper_of_the_checkout_is_read_and_without_it_nothing_is_said(tmp_path):
    assert paper_of(tmp_path) == Paper() and Paper().says == ""
    paper = paper_of(ROOT)
    assert (paper.gain_percent, paper.faster_percent) == (35.0, 40.0) and paper.says.startswith("Paper: QAOA has 35 %")


@pytest.mark.parametrize(("theirs", "gain"), [(50e6, 100.0), (100e6, 0.0), (200e6, -50.0)])
def test_the_gain_is_of_means(make_row, theirs, gain):
    rows = [make_row("qaoa_bcd", 1, [(0, 0.0, 150e6)]), make_row("qaoa_bcd", 2, [(0, 0.0, 50e6)])]
    rows += [make_row("sca_final", seed, [(0, 0.0, theirs)]) for seed in (1, 2)]
    (claim,) = claims(rows)
    assert claim["gain_percent"] == pytest.approx(gain)
