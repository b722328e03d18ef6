"""The page, rows and picture of Table III, from numbers that are known."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import module_of

table3_page = module_of(Path(qfl.__file__).parent.parent / "examples" / "sqm_gnn", "table3_page")


def cell(k, sampling="strongest", **percent):
    ways = {"exact": 90.0, "100 shots": 80.0, "noise 0.01": None} | percent
    return {
        "k": k, "sampling": sampling, "qubits": 2 * k + 1, "two_qubit_gates": 6 * k, "gradient_generic": 0.1,
        "gradient_near_identity": 0.2, "percent_of_wmmse": ways, "sd": dict.fromkeys(ways),
    }  # fmt: skip


CELLS = [cell(1), cell(3, exact=95.0), cell(3, "random")]
NUMBERS = {
    "settings": {
        "setup": "printed", "pairs": 20, "update": "gated", "layers": 2, "heads": 4, "realisations": 5000,
        "epochs": 20, "readout": 0.01,
    },
    "pennylane": {
        "k": 2, "exact_difference": 1e-12, "noise_difference": 1e-9, "shots": 1000, "shots_spread_pennylane": 0.01,
        "shots_spread_ours": 0.011,
    },
    "seeds": 1,
}  # fmt: skip


def test_every_way_to_run_a_model_is_a_row_and_what_diverged_is_a_dash():
    rows = list(table3_page.lines(CELLS))
    assert len(rows) == 9 and rows[3] == {
        "k": 3, "neighbours": "strongest", "qubits": 7, "two_qubit_gates": 18, "run": "exact",
        "percent_of_wmmse_100": "95.000", "sd_over_seeds": None,
    }  # fmt: skip
    assert {row["percent_of_wmmse_100"] for row in rows if row["run"] == "noise 0.01"} == {"\N{EN DASH}"}


def test_the_page_has_a_line_for_each_circuit_and_one_for_each_of_the_papers_words():
    page = table3_page.page(NUMBERS, CELLS)
    assert "| 3 | strongest | 7 | 18 |" in page and "| 3 | random | 7 | 18 |" in page
    assert all(f"| {words[0]} |" in page for words in table3_page.WORDS)
    assert "Trained exactly at K = 20, set-up printed" in page and "nan" not in page and "None" not in page


def test_random_neighbours_are_not_in_the_picture(tmp_path, monkeypatch):
    monkeypatch.setattr("qfl.report.canvas.DPI", 30)
    table3_page.picture(tmp_path / "all.png", CELLS)
    table3_page.picture(tmp_path / "strongest.png", CELLS[:2])
    assert (tmp_path / "all.png").read_bytes() == (tmp_path / "strongest.png").read_bytes()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_last_line_is_the_darkest(count):
    shades = table3_page._shades(count)
    assert len(shades) == count and shades == sorted(shades) and shades[0] >= 0.35 and max(shades) <= 1
    assert count == 1 or shades[-1] == 1
