"""Table I in seconds: what an example's file asks for, and the baselines that take minutes left out."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import module_of
from qfl.studies.request import begin

references, table1, table1_page = (
    module_of(Path(qfl.__file__).parent.parent / "examples" / "sqm_gnn", name)
    for name in ("references", "table1", "table1_page")
)
PAPER = table1_page.PAPER

TINY = """
setups = ["printed", "reproduces_2_6"]
models = ["sqm_gnn", "gcn"]
pairs = 20
seeds = 2
test-realisations = 8
fewest-pairs = 5
processes = 1
[printed]
realisations = 16
epochs = 3
batch-size = 8
[reproduces_2_6]
realisations = 16
epochs = 2
batch-size = 8
[reproduces_2_6.sqm_gnn]
learning-rate = 0.02
heads = 1
[sqm_gnn]
learning-rate = 0.01
layers = 1
heads = 2
k = 4
[gcn]
learning-rate = 0.01
[quick]
seeds = 1
"""


@pytest.fixture
def request_of(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)

    def make(name="table1", quick=True, resume="", changes=()):
        asked = {"quick": quick, "seed": 3, "resume": resume, "changes": changes}
        return begin(name, tmp_path, tmp_path / "tiny.toml", **asked, root=tmp_path / "runs")

    return make


@pytest.fixture
def quick_baselines(monkeypatch):
    """Leave out the baselines that take minutes (one is WMMSE with another number), and most cells."""
    monkeypatch.setattr(references, "EXACT_SAMPLES", 1)
    monkeypatch.setitem(references.REFERENCES, "wmmse_20000", references.REFERENCES["wmmse_100"])
    few = {cell: PAPER[cell] for cell in ((10, 1), (20, 1), (20, 2))}
    monkeypatch.setattr(table1, "CELLS", tuple(few))
    monkeypatch.setattr(table1_page, "PAPER", few)


@pytest.fixture
def tiny():
    """Return the file's text."""
    return TINY
