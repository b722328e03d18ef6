"""The JSON object and the CSV files of a comparison hold the same numbers."""

import csv
import json

from qfl.studies.schedulers.claims import Paper
from qfl.studies.schedulers.outcome import outcome, write_tables
from qfl.studies.schedulers.run import create


def test_numbers_stand_in_json_and_in_csv(tmp_path, quick, make_row):
    rows = [make_row(name, seed, [(0, 0.0, 1e6 * seed), (9, 1.0, 5e6)]) for name in quick.panel for seed in (1, 2)]
    rows.append(make_row("greedy", 3, [(0, 0.0, 1e6)]) | {"value": None, "error": "no"})
    folder = create(quick, "x", path=tmp_path)
    folder.update(round_time={"tdma_lpt_s": [1.0, 3.0], "bound_s": [0.5, 0.5]})
    numbers = outcome(folder, quick, rows, Paper(35.0, 40.0))
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert (numbers["devices"], numbers["channels"], numbers["seeds"]) == (20, 4, 2)
    assert numbers["paper"] == {"gain_percent": 35.0, "faster_percent": 40.0}
    assert numbers["round_time"]["tdma_lpt_s"] == {"mean": 2.0, "sd": 2**0.5, "count": 2}
    assert numbers["failures"] == [{"case": "main", "method": "greedy", "seed": 3, "error": "no"}]
    assert outcome(folder, quick, rows)["paper"] == {"gain_percent": None, "faster_percent": None}

    write_tables(folder, rows, numbers)
    with open(tmp_path / "methods.csv", newline="") as file:
        table = {row["method"]: row for row in csv.DictReader(file)}
    assert table.keys() == numbers["methods"].keys()
    for name, own in numbers["methods"].items():
        assert float(table[name]["value_mbps_mean"]) == own["value_mbps"]["mean"] == 5.0
        assert float(table[name]["percent_of_bound"]) == own["percent_of_bound"]
    with open(tmp_path / "curves.csv", newline="") as file:
        curves = list(csv.DictReader(file))
    assert {row["unit"] for row in curves} == {"iterations", "evaluations", "seconds"}
    last = [row for row in curves if (row["method"], row["unit"]) == ("greedy", "evaluations")][-1]
    assert float(last["percent_of_bound"]) == 5.0  # of a bound of 100 Mbit/s
