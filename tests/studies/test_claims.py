"""Papers' claims beside what was measured: where numbers are found, intervals, and verdicts in words."""

import csv
import json
from pathlib import Path

import pytest
from scipy import stats

import qfl
from qfl.errors import ConfigError
from qfl.report.formatting import UNKNOWN
from qfl.studies.claims import claims_of, measured, rows_of, section, verdict, write_rows
from qfl.studies.examples import examples_of

ROOT = Path(qfl.__file__).parent.parent
VALUES = [1.0, 2.0, 4.0]
NUMBERS = {
    "seeds": 7,
    "plain": 3.0,
    "spread": {"mean": stats.tmean(VALUES), "sd": stats.tstd(VALUES), "count": 3},
    "ends": {"mean": 2.0, "low": 1.0, "high": 3.0, "seeds": 5},
    "gain": {"percent": 2.0, "percent_sd": stats.tstd(VALUES), "seeds": 3},
    "peak": {"points": 12.5, "interval": 9.3},
    "by": {"0.5": {"fedavg": 0.4}},
    "rows": [{"quantum": "a", "gain": 1.0}, {"quantum": "b", "gain": 2.5}],
    "nothing": None,
}


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("plain", (3.0, None, None, 7)),
        ("ends", (2.0, 1.0, 3.0, 5)),
        ("by.0.5.fedavg", (0.4, None, None, 7)),
        ("peak.points", (12.5, 3.2, 21.8, 7)),
        ("rows.1.gain", (2.5, None, None, 7)),
        ("rows.[quantum=b].gain", (2.5, None, None, 7)),
    ],
)
def test_a_place_is_found_with_interval_and_seeds(place, expected):
    found = measured(NUMBERS, place)
    assert (found.mean, found.low, found.high, found.seeds) == pytest.approx(expected)


@pytest.mark.parametrize("place", ["spread", "gain.percent"])
def test_a_deviation_becomes_students_interval(place):
    found = measured(NUMBERS, place)
    expected = stats.ttest_1samp(VALUES, 0).confidence_interval(0.95)
    assert found.high - found.low == pytest.approx(expected.high - expected.low) and found.seeds == 3


@pytest.mark.parametrize("place", ["", "absent", "nothing", "rows.2.gain", "rows.[quantum=c].gain", "plain.deeper"])
def test_where_nothing_stands_nothing_was_measured(place):
    assert measured(NUMBERS, place) is None


@pytest.mark.parametrize(
    ("claim", "value", "said"),
    [
        ({"paper": 2.5}, "ends", "agrees with the paper's number"),
        ({"paper": 35.0}, "ends", "holds, by less than the paper says"),
        ({"paper": 0.5}, "ends", "holds, by more than the paper says"),
        ({"paper": 35.0, "even": 2.5}, "ends", "not told from chance"),
        ({"paper": 35.0, "even": 4.0}, "ends", "does not hold"),
        ({"paper": "faster"}, "ends", "holds"),
        ({"paper": "slower", "direction": "less"}, "ends", "does not hold"),
        (
            {"paper": -3.0, "direction": "less", "even": 5.0},
            "plain",
            "holds, by less than the paper says (no interval)",
        ),
        ({"paper": 1.0, "even": float("nan")}, "plain", "what it is beside was not measured"),
    ],
)
def test_verdicts(claim, value, said):
    assert verdict(claim, measured(NUMBERS, value)) == said


def test_rows_pages_and_csv_have_the_same_five_things_and_the_verdict(tmp_path):
    claim = {"claim": "gain, %", "paper": 35.0, "as-published": "absent", "ours": "ends", "set-up": "as stated"}
    rows = rows_of([claim, {**claim, "ours": "absent"}, {**claim, "even": "plain"}], NUMBERS)
    assert [row["verdict"] for row in rows] == [
        "ours: holds, by less than the paper says", "not measured", "ours: not told from chance",
    ]  # fmt: skip
    assert rows[0]["as_published"] is None and rows[0]["ours"]["mean"] == 2.0
    assert f"| gain, % | 35.0 | {UNKNOWN} | 2 [1, 3], 5 seeds | as stated |" in section(rows)
    write_rows(tmp_path, rows)
    with open(tmp_path / "rows.csv", newline="") as file:
        written = list(csv.DictReader(file))
    assert written[0]["ours_low"] == "1.0" and written[1]["verdict"] == "not measured"
    write_rows(tmp_path, [])
    assert section([]) == "" and (tmp_path / "rows.csv").is_file()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[x]]\nclaim = 'a'\npaper = 1", r"lacks 'set-up'"),
        ("[[x]]\nclaim = 'a'\npaper = 1\nset-up = 'b'\nour = 'c'", r"has 'our'"),
        ("x = [3]", r"lacks 'claim'"),
        ("x = 3", r"lacks 'claim'"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(tmp_path, text, says):
    (tmp_path / "claims.toml").write_text(text)
    with pytest.raises(ConfigError, match=says):
        claims_of(tmp_path, "x")
    assert claims_of(tmp_path, "y") == [] == claims_of(tmp_path / "absent", "x")


def test_every_claim_of_a_kept_result_is_answered_there():
    answered = 0
    for name, placed in examples_of(ROOT).items():
        claims, kept = claims_of(placed.folder, name), placed.folder / "results" / f"{placed.file.stem}.json"
        if kept.is_file():
            rows = rows_of(claims, json.loads(kept.read_text())["numbers"])
            assert all(row["as_published"] and row["ours"] for row in rows), name
            answered += len(rows)
    assert answered >= 8
