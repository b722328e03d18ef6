"""Damage is one file's, the same for a seed, of every kind there is, and undone by a fresh copy."""

import json
from collections import Counter

import numpy as np
import pytest

from qfl.seeds import stream
from qfl.testing.damage import ANY, CHANGES, damage, restored

FILES = ("run.json", "rounds.jsonl", "angles.npz", "notes.txt")


@pytest.fixture
def sound(tmp_path):
    folder = tmp_path / "sound"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"a": {"b": [1, 2]}, "c": "text"}))
    (folder / "rounds.jsonl").write_text("".join(json.dumps({"round": k, "loss": 0.5 / k}) + "\n" for k in (1, 2, 3)))
    np.savez(folder / "angles.npz", angles=np.arange(3.0), step=np.array(7))
    (folder / "notes.txt").write_text("left alone")
    return folder


def contents(folder):
    """Return each file's bytes; a word for what is no file."""
    kept = {
        path.name: path.read_bytes() if path.is_file() and not path.is_symlink() else "none"
        for path in folder.iterdir()
    }
    return {name: kept.get(name, "gone") for name in FILES}


def spoilt_by(seed, sound, folder):
    said = damage(stream(seed, "test", "damage"), restored(sound, folder))
    return said, contents(folder)


def test_one_file_is_changed_and_named_and_the_same_seed_changes_it_alike(sound, tmp_path):
    before = contents(sound)
    changed = Counter()
    for seed in range(150):
        said, after = spoilt_by(seed, sound, tmp_path / "spoilt")
        different = [name for name in FILES if after[name] != before[name]]
        assert len(different) <= 1 and all(said.endswith(name) for name in different), (said, different)
        assert said == spoilt_by(seed, sound, tmp_path / "spoilt")[0]
        changed[said.split()[1]] += len(different)
    assert contents(sound) == before and changed["notes.txt"] == 0
    assert all(changed[name] > 30 for name in FILES[:3]), changed  # nearly every change changes something


def test_every_kind_of_damage_comes(sound, tmp_path):
    kinds = {spoilt_by(seed, sound, tmp_path / "spoilt")[0].split()[0] for seed in range(300)}
    expected = {change.__name__.strip("_") for change in (*ANY, *(each for row in CHANGES.values() for each in row))}
    assert kinds == expected


def test_a_fresh_copy_leaves_keys_and_pages_out(sound, tmp_path):
    (sound / "keys").mkdir()
    (sound / "report.html").write_text("page")
    assert {path.name for path in restored(sound, tmp_path / "copy").iterdir()} == set(FILES)
