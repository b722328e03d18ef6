"""Table II: qubits as the papers count them, a refusal where QSGCN cannot run, and what the models reach."""

from pathlib import Path

import qfl
from qfl.studies.examples import module_of
from qfl.studies.request import begin

table2, references = (
    module_of(Path(qfl.__file__).parent.parent / "examples" / "sqm_gnn", name) for name in ("table2", "references")
)
TINY = """
setups = ["printed"]
models = ["sqm_gnn", "qsgcn", "wcgcn"]
pairs = 4
seeds = 1
test-realisations = 8
fewest-pairs = 0
processes = 1
[printed]
realisations = 16
epochs = 2
batch-size = 8
[sqm_gnn]
learning-rate = 0.01
neighbour-subsampling = 0
cut = 6
[qsgcn]
learning-rate = 0.02
[wcgcn]
learning-rate = 0.01
"""


def test_counts_are_the_papers_and_every_model_is_trained(tmp_path, monkeypatch):
    monkeypatch.setitem(references.REFERENCES, "wmmse_20000", references.REFERENCES["wmmse_100"])
    (tmp_path / "tiny.toml").write_text(TINY)
    asked = begin("table2", tmp_path, tmp_path / "tiny.toml", quick=False, seed=3, root=tmp_path / "runs")
    result = table2.STUDY.conduct(asked)
    for pairs, qubits in table2.PAPER_QUBITS.items():
        own = result.numbers["qsgcn"][f"k{pairs}"]
        assert own["qubits"] == qubits == pairs * (pairs + 1) // 2 and own["statevector_bytes"] == 16.0 * 2**qubits
        assert bool(own["refused"]) == (pairs > 4)
        assert f"| {pairs} | {qubits} | {qubits} |" in result.text
        star = result.numbers["sqm_gnn"][f"k{pairs}"]
        groups = -(-(pairs - 1) // 6)
        assert (star["qubits"], star["qubits_whole"]) == (2 * min(pairs - 1, 6) + 1, 2 * pairs - 1)
        assert star["circuits_per_node"] == 24 * groups and f"| {pairs} | 13 | {star['qubits']} |" in result.text
    assert result.numbers["sqm_gnn_qubits"] == 13 and result.numbers["seeds"] == 1
    for model in ("sqm_gnn", "qsgcn", "wcgcn"):
        assert 0 < result.numbers["reached"][model]["percent_of_wmmse"] < 120
        assert result.numbers["angles"][model] <= result.numbers["parameters"][model]
    assert result.numbers["angles"]["wcgcn"] == 0 and "| WCGCN | " in result.text
    reached = result.numbers["reached"]
    assert reached["wmmse_best_of_21"] >= reached["wmmse_100"] - 1e-9
