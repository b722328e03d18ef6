"""A table of one's own trains as it is named. Also covers examples/own_data/make_signals.py."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import qfl
from qfl.config import read_run_file
from qfl.data.load import load

EXAMPLE = Path(qfl.__file__).parent.parent / "examples/own_data"


def test_the_table_is_made_again_and_has_four_classes(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    spec = spec_from_file_location("make_signals", EXAMPLE / "make_signals.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path / "signals.csv")
    assert (tmp_path / "signals.csv").read_bytes() == (EXAMPLE / "data/signals.csv").read_bytes()
    settings = read_run_file(EXAMPLE / "own_data.toml", [f"data.root={tmp_path}"])
    data = load(settings.data, settings.clients.count, settings.seed)
    assert data.manifest["classes"] == ["16qam", "8psk", "bpsk", "qpsk"] and len(data.parts) == 30
