"""What a run takes is reckoned before anything is built, and refused above what there is, with what to lower."""

import subprocess
import sys
from pathlib import Path

import pytest

from qfl.cli import main
from qfl.config import Settings, read_run_file
from qfl.errors import ConfigError
from qfl.specs import DATASETS
from qfl.tasks import memory
from qfl.tasks.build import build
from qfl.tasks.memory import available_bytes, needs, peak_bytes, require_memory

ROOT = Path(__file__).resolve().parents[2]
REGIONS = {"task": "cell_free", "model.name": "ap_user_gnn", "cell-free.loss": "min_rate", "train.local-steps": 1}
D2D = {"task": "d2d", "model.name": "sqm_gnn", "d2d.test-samples": 2, "train.local-steps": 1}
IMAGES = {"data.side": 8, "train.local-steps": 1}
TERA = 10**12

HUGE = {
    "20,000 x 20,000 samples of regions": (
        REGIONS | {"cell-free.samples": 20_000, "clients.count": 20_000},
        "cell-free.samples or clients.count",
    ),
    "20 qubits": ({"model.qubits": 20}, "model.qubits"),
    "clients times qubits": (
        {"model.qubits": 19, "clients.count": 1000, "data.partition": "iid", "train.batch-size": 32},
        "model.qubits or clients.per-round",
    ),
    "layers": ({"model.layers": 1_000_000, "clients.count": 1000, "data.partition": "iid"}, "model.layers"),
    "pairs": (D2D | {"d2d.pairs": 500, "d2d.samples": 1000, "train.batch-size": 1, "gnn.neighbours": 2}, "d2d.pairs"),
    "samples of pairs": (D2D | {"d2d.samples": 10**6}, "d2d.samples"),
    "test samples of regions": (REGIONS | {"cell-free.test-samples": 10**6}, "cell-free.test-samples"),
    "access points": (
        {"task": "cell_free", "model.name": "edge_plus", "clients.count": 500, "cell-free.samples": 10**6},
        "cell-free.samples",
    ),
    "density matrices": (
        {"engine": "pennylane", "noise.depolarising": 0.1, "model.qubits": 18, "model.layers": 1},
        "model.qubits",
    ),
}


@pytest.mark.parametrize("case", HUGE)
def test_more_than_a_machine_has_is_refused_before_anything_is_built(case, monkeypatch):
    flat, lever = HUGE[case]
    monkeypatch.setattr(memory, "available_bytes", lambda: 16 * 10**9)
    with pytest.raises(ConfigError, match=rf"the run needs about .* GB of memory, .* 16 GB are available.*{lever}"):
        build(Settings.from_flat(flat))


@pytest.mark.parametrize("case", HUGE)
def test_what_is_to_be_lowered_lowers_it(case):
    flat, lever = HUGE[case]
    settings = Settings.from_flat(flat)
    name = lever.split(" or ")[0]
    smaller = Settings.from_flat(flat | {name: settings.to_flat()[name] // 2})
    assert peak_bytes(needs(smaller)) < 0.75 * peak_bytes(needs(settings))


def test_the_command_line_says_it_in_one_sentence_with_2_and_writes_nothing(tmp_path, capsys):
    file = tmp_path / "run.toml"
    file.write_text(
        'task = "cell_free"\n[model]\nname = "ap_user_gnn"\n[cell-free]\nloss = "min_rate"\nsamples = 1_000_000\n'
        f'[clients]\ncount = 100_000\n[run]\nfolder = "{tmp_path / "out"}"\n'
    )
    assert main(["run", str(file)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "lower cell-free.samples" in error and not (tmp_path / "out").exists()


def test_every_run_file_of_the_examples_fits_a_machine_of_8_gb():
    files = [path for path in (ROOT / "examples").rglob("*.toml") if "rounds" in path.read_text()]
    assert files
    for path in files:
        try:
            settings = read_run_file(path, [])
        except ConfigError:
            continue  # a study's or a comparison's own settings
        if settings.data.name not in DATASETS:
            continue  # somebody's own, which is read to be counted
        assert peak_bytes(needs(settings)) < 8e9, path


def test_what_is_available_is_what_the_machine_or_the_control_group_leaves(tmp_path, monkeypatch):
    files = {"/proc/meminfo": "MemTotal: 100 kB\nMemAvailable:  50 kB\n"}
    monkeypatch.setattr(Path, "read_text", lambda path: files[str(path)] if str(path) in files else _absent(path))
    assert available_bytes() == 50 * 1024
    group = "/sys/fs/cgroup/memory."
    files |= {group + "max": "max\n", group + "current": "7\n"}
    assert available_bytes() == 50 * 1024
    files |= {group + "max": "40000\n", group + "current": "30000\n", group + "stat": "anon 1\ninactive_file 5000\n"}
    assert available_bytes() == 40_000 - 25_000
    files.clear()
    assert available_bytes() is None
    require_memory(Settings.from_flat(HUGE["20 qubits"][0]))  # nobody says how much there is


def _absent(path):
    raise FileNotFoundError(path)


MEASURE = """
import gc, sys, threading, time
import torch
from qfl.config import Settings
from qfl.federation.records.evaluation import evaluate
from qfl.tasks.build import _build, build
from qfl.tasks.local import train_clients

def play(flat):
    settings = Settings.from_flat(flat)
    setup = build(settings)
    start = setup.model.initial(1)
    train_clients(setup, start, 1, list(range(settings.clients.count)))
    evaluate(setup, start)

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

def watch():
    while True:
        peak[0] = max(peak[0], resident())
        time.sleep(0.002)

torch.set_num_threads(1)
large, small = eval(sys.argv[1])
play(large | small)
_build.cache_clear()
gc.collect()
before, peak = resident(), [0]
threading.Thread(target=watch, daemon=True).start()
play(large)
print(peak[0] - before)
"""
MEASURED = {
    "states": (IMAGES | {"model.qubits": 15, "model.layers": 1, "clients.count": 20}, {"model.qubits": 6}),
    "complex states": (
        IMAGES | {"model.qubits": 14, "model.ansatz": "hardware_efficient", "model.layers": 1, "clients.count": 10},
        {"model.qubits": 6},
    ),
    "angles": (IMAGES | {"model.layers": 1500, "clients.count": 200}, {"model.layers": 2}),
    "regions": (
        REGIONS
        | {"cell-free.samples": 20_000, "cell-free.test-samples": 100, "clients.count": 20, "train.batch-size": 4},
        {"cell-free.samples": 10},
    ),
    "graphs": (
        REGIONS | {"cell-free.samples": 50, "cell-free.test-samples": 100, "clients.count": 50, "train.batch-size": 50},
        {"cell-free.samples": 4},
    ),
    "pairs": (D2D | {"d2d.samples": 1000, "clients.count": 20, "train.batch-size": 16}, {"d2d.samples": 4}),
}


@pytest.mark.deployment
@pytest.mark.parametrize("case", MEASURED)
def test_the_reckoned_peak_is_the_measured_one_within_a_factor_of_two(case):
    large, small = MEASURED[case]
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, repr((large, small))], capture_output=True, text=True, timeout=300, cwd=ROOT
    )
    measured = float(ran.stdout or "nan")
    assert measured / 2 < peak_bytes(needs(Settings.from_flat(large))) < 2 * measured, ran.stderr
