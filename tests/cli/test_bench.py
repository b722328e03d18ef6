"""``qfl bench``: one object on stdout, whatever the peers print."""

import json

import pytest

from qfl.cli import bench, main
from qfl.studies.bench.vqc import bench_vqc


@pytest.fixture
def tiny(monkeypatch):
    """Replace the benchmark's size, not the benchmark."""

    def run():
        return bench_vqc(num_qubits=2, num_layers=1, clients=2, batch=2, repeats=1, threads=1)

    monkeypatch.setattr("qfl.studies.bench.vqc.bench_vqc", run)
    monkeypatch.setitem(bench.BENCHMARKS, "vqc", ("two qubits", "vqc:bench_vqc", False))


def test_the_ratios_are_those_of_the_printed_times(tiny, capsys):
    assert main(["bench", "vqc", "--json"]) == 0
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert found["ratio_loop"] == found["pennylane_loop"]["median_s"] / found["exact"]["median_s"]
    assert found["ratio_broadcast"] == found["pennylane_broadcast"]["median_s"] / found["exact"]["median_s"]
    assert found["max_abs_grad_diff"] < 1e-6
    assert streams.out.count("\n") == 1 and streams.err.startswith("vqc: two qubits")


def test_an_unknown_benchmark_is_one_line(capsys):
    assert main(["bench", "speed"]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("qfl: argument name: invalid choice: 'speed' (choose from 'vqc', 'round'")
    assert streams.err.count("\n") == 1
