"""A Parquet file gives what the same table gives as text; what is damaged or too large is a sentence."""

import sys

import numpy as np
import pytest

from qfl.config import DataSettings
from qfl.data import row_files
from qfl.data.load import content, load, read
from qfl.data.row_files import read_rows
from qfl.errors import DataError
from qfl.seeds import stream

DRAW = stream(1, "test", "parquet")
X = DRAW.normal(size=(60, 3))
WORDS = np.array(["qam", "bpsk", "qpsk"])[np.arange(60) % 3]
SITES = np.array([f"s{k % 4}" for k in range(60)])


@pytest.fixture
def parquet():
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra parquet)")
    import pyarrow
    import pyarrow.parquet

    return lambda path, **columns: pyarrow.parquet.write_table(pyarrow.table(columns), path)


def columns(**changes):
    return {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "label": WORDS, "site": SITES} | changes


def of(root, name, **more):
    return DataSettings(name=name, root=str(root), client="site", **{"partition": "natural", **more})


def test_it_holds_what_the_same_table_holds_as_text(parquet, tmp_path):
    parquet(tmp_path / "a.parquet", **columns())
    rows = [",".join([*map(repr, map(float, X[k])), WORDS[k], SITES[k]]) for k in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["a,b,c,label,site", *rows]) + "\n")
    one, two = (load(of(tmp_path, name), 4, 1) for name in ("a.parquet", "a.csv"))
    assert np.array_equal(one.train.inputs, two.train.inputs) and np.array_equal(one.train.labels, two.train.labels)
    assert one.manifest | {"name": ""} == two.manifest | {"name": ""}
    assert content(of(tmp_path, "a.parquet")) != content(of(tmp_path, "a.csv")) != ""


def test_numbers_of_every_kind_keep_every_digit(parquet, tmp_path):
    kinds = {"single": X[:, 0].astype(np.float32), "whole": np.arange(60) - 2**40, "truth": np.arange(60) % 2 == 0}
    parquet(tmp_path / "a.parquet", **kinds, label=np.arange(60) % 2, site=SITES)
    found = read(of(tmp_path, "a.parquet", test_share=0.1), 1)
    kept = np.concatenate([found.train.inputs, found.test.inputs])
    wanted = np.stack([values.astype(np.float64) for values in kinds.values()], axis=1)
    assert np.array_equal(kept[kept[:, 1].argsort()], wanted)


def test_a_folder_of_them_is_a_client_each(parquet, tmp_path):
    (tmp_path / "sites").mkdir()
    for k in range(3):
        part = slice(20 * k, 20 * k + 20)
        parquet(tmp_path / f"sites/{k}.parquet", **{name: values[part] for name, values in columns().items()})
    found = load(of(tmp_path, "sites/", features="a,b,c"), 3, 1)
    assert found.manifest["clients"] == 3 and found.manifest["features"] == 3


def test_values_that_are_absent_are_refused_by_row_or_dropped(parquet, tmp_path):
    holes = [None if k in (4, 9) else float(X[k, 1]) for k in range(60)]
    parquet(tmp_path / "a.parquet", **columns(b=holes))
    with pytest.raises(DataError, match="row 5: column 'b' holds ''"):
        read(of(tmp_path, "a.parquet"), 1)
    assert read(of(tmp_path, "a.parquet", bad_samples="drop"), 1).dropped == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"b": np.arange(60).astype("datetime64[D]")}, "row 1: column 'b' holds '1970-01-01'"),
        ({"c": WORDS}, "row 1: column 'c' holds 'qam', expected a finite number"),
        ({"a": [[1.0, 2.0]] * 60}, "row 1: column 'a' holds '.1.0, 2.0.'"),
        ({"label": np.full(60, "one")}, "labels of one class"),
    ],
)
def test_a_column_of_another_kind_is_named(parquet, tmp_path, change, said):
    parquet(tmp_path / "a.parquet", **columns(**change))
    with pytest.raises(DataError, match=said):
        read(of(tmp_path, "a.parquet"), 1)


def test_every_way_to_damage_it_is_a_sentence(parquet, tmp_path):
    path = tmp_path / "a.parquet"
    parquet(path, **columns())
    whole, draw = path.read_bytes(), stream(2, "test", "damage")
    cases = [b"", b"PAR1", b"x" * 200, whole[:-9], whole[100:]]
    for _ in range(60):
        spoilt = bytearray(whole)
        for place in draw.integers(0, len(whole), 20):
            spoilt[place] = draw.integers(256)
        cases.append(bytes(spoilt))
    refused = 0
    for case in cases:
        path.write_bytes(case)
        try:
            read(of(tmp_path, "a.parquet"), 1)
        except DataError as error:
            refused += str(path) in str(error)
    assert refused > 50


def test_it_may_not_grow_beyond_its_limits(parquet, tmp_path, monkeypatch):
    parquet(tmp_path / "a.parquet", **columns())
    monkeypatch.setattr(row_files, "MOST_VALUES", 299)
    with pytest.raises(DataError, match="5 columns and 300 values; give at most"):
        read_rows(tmp_path / "a.parquet")
    monkeypatch.setattr(row_files, "MOST_BYTES", 100)
    with pytest.raises(DataError, match="more than 100 bytes"):
        read_rows(tmp_path / "a.parquet")


def test_without_the_package_the_extra_is_named(tmp_path, monkeypatch):
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"qfl-wireless\[parquet\]"):
        read(of(tmp_path, "a.parquet"), 1)


def test_names_are_each_columns_own(tmp_path):
    (tmp_path / "a.csv").write_text("a,a\n1,2\n")
    with pytest.raises(DataError, match="give each column one of its own"):
        read_rows(tmp_path / "a.csv")
