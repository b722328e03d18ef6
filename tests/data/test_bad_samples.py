"""Bad samples are dropped and counted, or refused; never kept."""

import json
from pathlib import Path

import numpy as np
import pytest

from qfl.config import DataSettings, Settings
from qfl.data.load import load, read
from qfl.errors import ConfigError, DataError
from qfl.federation.runtime.launch import run_app
from qfl.seeds import stream

X = stream(1, "test", "bad").normal(size=(40, 3))
Y = np.arange(40) % 2
HOLES = {3: "", 7: "nan", 11: "-inf", 20: "NA"}


def csv(path, holes=HOLES, unlabelled=(5, 9), words=("no", "yes")):
    lines = ["a,b,c,label"]
    for k in range(40):
        first = holes.get(k, f"{X[k, 0]:.8f}")
        lines.append(f"{first},{X[k, 1]:.8f},{X[k, 2]:.8f},{'' if k in unlabelled else words[Y[k]]}")
    path.write_text("\n".join(lines) + "\n")


def of(root, name, rule="drop", **more):
    return DataSettings(name=name, root=str(root), bad_samples=rule, **{"partition": "iid", **more})


@pytest.mark.parametrize("words", [("no", "yes"), ("0", "1")])
def test_what_is_left_of_a_table_is_every_sound_line(tmp_path, words):
    csv(tmp_path / "a.csv", words=words)
    found = read(of(tmp_path, "a.csv"), 1)
    sound = [k for k in range(40) if k not in HOLES and k not in (5, 9)]
    kept = np.concatenate([found.train.inputs, found.test.inputs])
    assert sorted(kept[:, 1]) == pytest.approx(sorted(X[sound, 1]), abs=1e-7)
    assert found.dropped == 6 and found.classes == words
    assert load(of(tmp_path, "a.csv"), 4, 1).manifest["dropped"] == 6


def test_arrays_lose_their_bad_rows_with_their_holders_and_test_rows_too(tmp_path):
    x, tested = X.copy(), X[:10].copy()
    x[4, 1], tested[0, 2] = np.nan, np.inf
    y = Y.astype(float)
    y[8] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=y, x_test=tested, y_test=Y[:10], client=np.arange(40) % 4)
    found = read(of(tmp_path, "a.npz"), 1)
    sound = np.setdiff1d(np.arange(40), [4, 8])
    assert np.array_equal(found.train.inputs, x[sound]) and np.array_equal(found.clients, sound % 4)
    assert np.array_equal(found.test.inputs, tested[1:]) and found.dropped == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"holes": {}}, "line 7: column 'label' is empty"),
        ({"unlabelled": ()}, "line 5: column 'a' holds ''"),
        ({"unlabelled": (), "holes": {7: "nan"}}, "line 9: column 'a' holds 'nan'"),
    ],
)
def test_refused_they_are_named_by_line_with_the_way_out(tmp_path, change, said):
    csv(tmp_path / "a.csv", **change)
    with pytest.raises(DataError, match="bad-samples") as fault:
        read(of(tmp_path, "a.csv", "refuse"), 1)
    assert said in str(fault.value)


def test_a_word_among_numbers_is_a_mistake_and_no_gap(tmp_path):
    csv(tmp_path / "a.csv", holes={2: "seven"})
    with pytest.raises(DataError, match="line 4: column 'a' holds 'seven'"):
        read(of(tmp_path, "a.csv"), 1)


@pytest.mark.parametrize(
    ("rule", "y", "said"),
    [
        ("refuse", Y, r"index 4 \(and 1 more\) has features that are not finite.*bad-samples"),
        ("refuse", np.where(np.arange(40) == 6, "", "b"), "index 6 has no label"),
        ("drop", np.full(40, np.nan), "all 40 samples lack a label"),
    ],
)
def test_arrays_are_refused_by_index(tmp_path, rule, y, said):
    x = X.copy()
    if "not finite" in said:
        x[4, 0] = x[9, 0] = np.inf
    np.savez(tmp_path / "a.npz", x=x, y=y)
    with pytest.raises(DataError, match=said):
        read(of(tmp_path, "a.npz", rule), 1)


def test_a_client_that_loses_every_sample_is_named(tmp_path):
    x = X.copy()
    x[np.arange(40) % 4 == 1] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=Y, client=np.arange(40) % 4, x_test=X[:4], y_test=Y[:4])
    with pytest.raises(ConfigError, match="client 1 has no sample to train on"):
        load(of(tmp_path, "a.npz", partition="natural"), 4, 1)


def test_a_run_says_how_many_it_dropped(tmp_path):
    csv(tmp_path / "a.csv")
    flat = {"data.name": "a.csv", "data.root": str(tmp_path), "data.partition": "iid", "data.bad-samples": "drop"}
    flat |= {"clients.count": 3, "rounds": 1, "model.name": "logistic", "run.folder": str(tmp_path / "run")}
    with pytest.warns(UserWarning, match="6 of the data's samples were dropped"):
        run_app(Settings.from_flat(flat), Path(__file__).parents[2])
    assert json.loads((tmp_path / "run/run.json").read_text())["data"]["dropped"] == 6
