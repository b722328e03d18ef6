"""A benchmark as a study: what is drawn and told are the numbers that were measured.

Also covers qfl/studies/bench/table.py.
"""

import csv

import pytest

from qfl.errors import ConfigError, RunFolderError
from qfl.studies.bench.study import STUDY, function_of, request_of, timed
from qfl.studies.bench.table import BENCHMARKS, Benchmark

NUMBERS = {
    "ratio": 20.0,
    "ours": {"median_s": 0.001, "min_s": 0.001, "max_s": 0.002},
    "peers": {"loop": {"median_s": 0.02, "min_s": 0.02, "max_s": 0.04}, "threads": 1},
}


@pytest.fixture
def benchmark_of(monkeypatch):
    """Return what makes a benchmark of numbers that are known."""

    def make(numbers, in_checkout=False):
        def measure(*checkout):
            return numbers | ({"checkout": str(*checkout)} if in_checkout else {})

        monkeypatch.setattr("qfl.studies.bench.vqc.bench_vqc", measure)
        monkeypatch.setitem(BENCHMARKS, "vqc", Benchmark("a loop and we", "vqc:bench_vqc", in_checkout))

    return make


def test_every_benchmark_of_the_table_is_there():
    for own in BENCHMARKS.values():
        assert callable(function_of(own)), own


def test_a_papers_benchmark_wants_the_papers_folder_and_makes_none_for_itself_without(monkeypatch, tmp_path):
    monkeypatch.setattr("qfl.studies.bench.study.shipped", lambda: tmp_path)
    with pytest.raises(ConfigError, match=r"this benchmark is examples/sqm_gnn of the project"):
        request_of("star", tmp_path, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_the_page_and_the_files_hold_the_numbers(benchmark_of, tmp_path):
    benchmark_of(NUMBERS)
    result = STUDY.conduct(request_of("vqc", tmp_path, tmp_path / "made"))
    assert result.numbers == NUMBERS
    assert result.text.startswith("# vqc: a loop and we\n\n![seconds](seconds.png)")
    assert "| `ours_median_s` | 0.001 |" in result.text and "| `peers_threads` | 1 |" in result.text
    with open(tmp_path / "made" / "bench.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["ratio"]) == 20.0 and float(row["peers_loop_max_s"]) == 0.04
    assert (tmp_path / "made" / "seconds.png").stat().st_size > 1000


def test_without_seconds_there_is_no_picture(benchmark_of, tmp_path):
    benchmark_of({"exponent": 2.0})
    result = STUDY.conduct(request_of("vqc", tmp_path, tmp_path / "made"))
    assert "![" not in result.text and not list((tmp_path / "made").glob("*.png"))


def test_whole_rounds_are_given_the_checkout(benchmark_of, tmp_path):
    benchmark_of({}, in_checkout=True)
    request = request_of("vqc", tmp_path / "clone", tmp_path / "made")
    assert STUDY.conduct(request).numbers == {"checkout": str(tmp_path / "clone")}


def test_seconds_are_found_however_deep():
    assert dict(timed(NUMBERS)) == {"ours": NUMBERS["ours"], "peers loop": NUMBERS["peers"]["loop"]}


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot make the folder '.*file/x' .*; go where it can be"):
        request_of("vqc", tmp_path, tmp_path / "file" / "x")
    request_of("vqc", tmp_path, tmp_path / "made")
    with pytest.raises(RunFolderError, match="holds a run already"):
        request_of("vqc", tmp_path, tmp_path / "made")
