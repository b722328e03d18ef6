"""Reading a run folder: what is missing is unknown, what is damaged is a sentence."""

import json
import math

import numpy as np
import pytest

from qfl.errors import RunFolderError
from qfl.report.record import as_number, last, read_record, table


@pytest.mark.parametrize("value", [None, "1", True, [1], {}, math.nan, math.inf, 10**400, 1e300])
def test_what_is_no_measured_number_is_unknown(value):
    assert math.isnan(as_number(value))


def test_numbers_are_read_as_written():
    assert [as_number(value) for value in (0, 3, -0.5, 1e-300)] == [0, 3, -0.5, 0]


def test_rows_lack_what_they_do_not_hold(make_run):
    run = make_run(rounds=2)
    run.append("rounds", [{"round": 3}, {"round": 4, "bytes_up": None, "loss": "high", "per_class": [None, 0.5]}])
    record = read_record(run)
    assert np.isnan(record.column("bytes_up", "model")[-2:]).all()
    assert np.isnan(record.column("loss")[-2:]).all() and last(record.column("loss")) == record.rounds[2]["loss"]
    assert np.isnan(table(record.rounds, "per_class")[-1]).sum() == 9


def test_a_round_that_was_run_again_counts_once_as_it_was_written_last(make_run):
    run = make_run(rounds=3, clients=10)
    run.append("rounds", [{"round": 2, "loss": 42.0}])
    run.append("clients", [{"round": 2, "client": 7, "drift": 42.0}])
    record = read_record(run)
    assert [row["round"] for row in record.rounds] == [0, 1, 2, 3]
    assert record.column("loss")[2] == 42.0
    assert [row["drift"] for row in record.clients if (row["round"], row["client"]) == (2, 7)] == [42.0]
    assert len(record.clients) == 30


@pytest.mark.parametrize("header", ["[]", '"text"', "3", "null"])
def test_a_header_that_is_no_table_is_a_damaged_folder(make_run, header):
    run = make_run()
    (run.path / "run.json").write_text(header)
    with pytest.raises(RunFolderError, match=r"run\.json holds no JSON object; the run folder is damaged"):
        read_record(run)


@pytest.mark.parametrize("row", [{}, {"round": None}, {"round": "1"}, {"round": True}, {"round": -1}])
def test_a_row_without_a_round_number_is_a_damaged_folder(make_run, row):
    run = make_run(rounds=1)
    with open(run.path / "rounds.jsonl", "a") as file:
        file.write(json.dumps(row) + "\n")
    with pytest.raises(
        RunFolderError, match=r"row 3 of .*rounds\.jsonl has no round number; the run folder is damaged"
    ):
        read_record(run)


@pytest.mark.parametrize("row", ["3", "[]", "null"])
def test_a_row_that_is_no_table_is_a_damaged_folder(make_run, row):
    run = make_run(rounds=1)
    with open(run.path / "clients.jsonl", "a") as file:
        file.write(f"{row}\n")
    with pytest.raises(RunFolderError, match=r"clients\.jsonl holds a row that is no JSON object; the run folder"):
        read_record(run)
