"""``qfl bench``: one object on stdout, whatever the peers print; a folder where one is asked for."""

import json

import pytest

from qfl.cli import main
from qfl.studies.bench.table import BENCHMARKS, Benchmark
from qfl.studies.bench.vqc import bench_vqc


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Replace the benchmark's size, not the benchmark."""

    def run():
        return bench_vqc(num_qubits=2, num_layers=1, clients=2, batch=2, repeats=1, threads=1)

    monkeypatch.setattr("qfl.studies.bench.vqc.bench_vqc", run)
    monkeypatch.setitem(BENCHMARKS, "vqc", Benchmark("two qubits", "vqc:bench_vqc"))
    monkeypatch.chdir(tmp_path)


def test_the_ratios_are_those_of_the_printed_times(tiny, capsys, tmp_path):
    assert main(["bench", "vqc", "--json"]) == 0
    streams = capsys.readouterr()
    numbers = json.loads(streams.out)
    assert numbers["ratio_loop"] == numbers["pennylane_loop"]["median_s"] / numbers["exact"]["median_s"]
    assert numbers["ratio_broadcast"] == numbers["pennylane_broadcast"]["median_s"] / numbers["exact"]["median_s"]
    assert numbers["max_abs_grad_diff"] < 1e-6
    assert streams.out.count("\n") == 1 and streams.err.startswith("vqc: two qubits")
    assert not list(tmp_path.iterdir())  # nobody asked for a folder


def test_a_folder_keeps_the_printed_numbers_with_a_page_and_a_picture(tiny, capsys, tmp_path):
    assert main(["bench", "vqc", "--json", "--folder", "kept"]) == 0
    streams = capsys.readouterr()
    numbers, folder = json.loads(streams.out), tmp_path / "kept"
    assert json.loads((folder / "results.json").read_text()) == numbers
    assert json.loads((folder / "run.json").read_text())["status"] == "completed"
    page = (folder / "README.md").read_text()
    assert page.startswith("# vqc: two qubits\n") and "| `setting_qubits` | 2 |" in page
    assert (folder / "seconds.png").read_bytes().startswith(b"\x89PNG")
    assert streams.err.endswith("page  kept/README.md\n")

    assert main(["bench", "vqc", "--folder", "kept"]) == 2
    streams = capsys.readouterr()
    assert streams.err == "qfl: --folder kept: there is something already; give a new folder\n" and streams.out == ""


def test_an_unknown_benchmark_is_one_line(capsys):
    assert main(["bench", "speed"]) == 2
    streams = capsys.readouterr()
    assert streams.err.startswith("qfl: argument name: invalid choice: 'speed' (choose from 'vqc', 'round'")
    assert streams.err.count("\n") == 1
