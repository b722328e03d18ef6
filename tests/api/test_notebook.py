"""In a notebook a run's progress is one output that is drawn anew, and the run shows its report."""

import pytest

from qfl.api.notebook import bar, frame, in_notebook
from qfl.api.progress import State

CELL = """
import qfl
changes = {"clients": {"count": 10}, "model": {"layers": 1}, "train": {"local_steps": 1}, "threads": 1}
qfl.run(changes, rounds=2, security={"algorithm": "ML-DSA-44"})
"""
SWEEP = 'qfl.sweep({"model.layers": [1]}, changes, 1, rounds=1, security={"algorithm": "ML-DSA-44"})'


def test_a_script_is_no_notebook():
    assert not in_notebook()


def test_the_bar_says_the_round_and_what_is_known_of_it():
    row = {"round": 3, "loss": 0.5, "accuracy": 0.25, "seconds": {"total": 1.0}}
    text = bar(State(9).after(row))
    assert 'value="3" max="9"' in text and "round 3/9" in text and "accuracy 0.250" in text


def test_a_report_is_framed_as_text_so_that_nothing_of_it_leaves_the_frame(tmp_path):
    path = tmp_path / "report.html"
    path.write_text('<p title="x">1 < 2</p>')
    text = frame(path)
    assert text.count("<") == 2 and "&lt;p title=&quot;x&quot;&gt;1 &lt; 2" in text


def test_a_cell_shows_the_progress_in_one_output_and_then_the_report(tmp_path):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in (CELL, SWEEP)])
    nbclient.NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    for cell, progress in zip(book.cells, ("round 2/2", "1/1 runs"), strict=True):
        shown = {each["output_type"]: each["data"]["text/html"] for each in cell.outputs if "data" in each}
        assert [each["output_type"] for each in cell.outputs].count("display_data") == 1
        assert progress in shown["display_data"]
        assert "<iframe srcdoc=" in shown["execute_result"]
