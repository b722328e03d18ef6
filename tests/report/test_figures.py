"""The figures: their numbers, recomputed from the rows.

Also covers qfl/report/figures/classes.py, qfl/report/figures/diagnostics.py, qfl/report/figures/drift.py,
qfl/report/figures/figure.py, qfl/report/figures/learning.py, qfl/report/figures/participation.py,
qfl/report/figures/phases.py, qfl/report/figures/predictions.py, qfl/report/figures/stacked.py,
qfl/report/figures/traffic.py.
"""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from qfl.report import figures
from qfl.report.record import PARTS, Record, read_record


@pytest.fixture
def run(make_run):
    return make_run(rounds=8, clients=40)


@pytest.fixture
def record(run):
    return read_record(run)


def marks(figure) -> ElementTree.Element:
    return ElementTree.fromstring(str(figure.picture))


def texts(figure) -> list[str]:
    return ["".join(text.itertext()) for text in marks(figure).iter("text")]


def heights(figure, ink: str) -> list[float]:
    """Return the pixel heights of the bars of one ink."""
    paths = [path.get("d") for path in marks(figure).iter("path") if f"ink-{ink}" in path.get("class").split()]
    return [float(height) for path in paths for height in re.findall(r"h[\d.]+v([\d.]+)", path)]


def test_accuracy_is_labelled_with_the_last_values(run, record):
    row = run.rounds()[-1]
    expected = {"accuracy": "test", "train_accuracy": "train", "worst_decile": "worst 10\N{NO-BREAK SPACE}%"}
    found = texts(figures.merit(record))
    for key, name in expected.items():
        assert f"{100 * row[key]:.1f}\N{NO-BREAK SPACE}% {name}" in found


def test_rounds_without_evaluation_are_bridged(run):
    run.append("rounds", [{"round": 9, "accuracy": None, "loss": None}])
    assert f"{run.rounds()[8]['loss']:.3g} test" in texts(figures.loss(read_record(run)))


def test_the_heat_map_has_one_cell_per_class_and_round_and_darkens_with_accuracy(run, record):
    rows = run.rounds()
    cells = [rect for rect in marks(figures.per_class(record)).iter("rect") if "cell" in rect.get("class")]
    levels = {cell[0].text.rpartition(":")[0]: int(cell.get("class").rpartition("-")[2]) for cell in cells}
    assert len(cells) == len(levels) == 10 * len(rows)
    accuracies = {f"class {c}, round {row['round']}": row["per_class"][c] for row in rows for c in range(10)}
    by_accuracy = [levels[key] for key in sorted(levels, key=accuracies.__getitem__)]
    assert by_accuracy == sorted(by_accuracy) and by_accuracy[0] < by_accuracy[-1]


def test_long_runs_keep_a_bounded_heat_map(run):
    run.append("rounds", [{"round": number, "per_class": [0.5] * 10} for number in range(9, 900)])
    cells = [rect for rect in marks(figures.per_class(read_record(run))).iter("rect") if "cell" in rect.get("class")]
    assert len(cells) == 600 and cells[-1][0].text.startswith("class 9, round 899")


def test_the_parts_of_a_message_are_as_wide_as_they_are_large(record):
    parts = [rect for rect in marks(figures.one_message(record)).iter("rect") if "part" in rect.get("class").split()]
    wide = [float(rect.get("width").rstrip("%")) for rect in parts[:3]]
    expected = [record.number("uplink", f"{part}_bytes") for part in PARTS]
    assert wide == pytest.approx(100 * np.array(expected) / sum(expected), abs=0.01)


@pytest.mark.parametrize(
    ("signature", "said"), [(3309, "2.3 times as large"), (144, "adds 10\N{NO-BREAK SPACE}% to the model")]
)
def test_the_signature_is_compared_with_the_model(run, signature, said):
    run.update(uplink=run.header["uplink"] | {"signature_bytes": signature})
    assert said in figures.one_message(read_record(run)).about


def test_bars_of_bytes_are_in_proportion(run, record):
    rows = run.rounds()[1:]
    figure = figures.traffic(record)
    sums = {part: [row[way][part] for way in ("bytes_up", "bytes_down") for row in rows] for part in PARTS}
    pixels = {part: heights(figure, part) for part in PARTS}
    ratio = np.array(pixels["model"]) / np.array(sums["model"])
    for part in PARTS:
        assert pixels[part] == pytest.approx(np.array(sums[part]) * ratio[0], abs=0.02)


def test_time_is_shared_out_completely(run, record):
    figure = figures.phases(record)
    total = sum(row["seconds"]["total"] for row in run.rounds()[1:])
    shares = [float(re.search(r"([\d.]+)\s%", key.text).group(1)) for key in figure.legend]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert figure.about.startswith(f"{total:.3g}\N{NO-BREAK SPACE}s in all;")


def test_every_asked_client_is_accounted_for(run, record):
    rows = run.clients()
    used, lost = figures.accepted(record), figures.not_accepted(record)
    assert used.about.startswith(f"{sum(row['status'] == 'accepted' for row in rows)} of {len(rows)} updates")
    counted = {key.name: int(key.text) for key in lost.legend}
    assert counted == {fate: sum(row["status"] == fate for row in rows) for fate in ("rejected", "missing", "failed")}


def test_a_run_that_lost_nothing_draws_no_losses(run):
    run.truncate(0)
    run.append("rounds", [{"round": 1, "asked": 5, "accepted": 5, "rejected": 0, "missing": 0, "failed": 0}])
    assert figures.not_accepted(read_record(run)) is None


def test_drift_is_that_of_accepted_clients(run, record):
    run.append("clients", [{"round": 8, "client": 99, "status": "rejected", "drift": 1e6}])
    drifts = sorted(row["drift"] for row in run.clients() if row["round"] == 8 and row["status"] == "accepted")
    middle = (drifts[(len(drifts) - 1) // 2] + drifts[len(drifts) // 2]) / 2
    again = read_record(run)
    assert f"{middle:.3g} median" in texts(figures.drift_over_rounds(again))
    histogram = figures.drift_last_round(again)
    assert histogram.about.startswith(f"The {len(drifts)} accepted clients of round 8; median {middle:.3g} rad")
    assert histogram.picture == figures.drift_last_round(record).picture


def test_the_histogram_counts_every_client_once(run, record):
    figure = figures.drift_last_round(record)
    ticks = {text.text: float(text.get("y")) for text in marks(figure).iter("text") if text.get("text-anchor") == "end"}
    pixel = (ticks["0"] - ticks["1"]) if "1" in ticks else (ticks["0"] - ticks["2"]) / 2
    num_accepted = sum(row["status"] == "accepted" for row in run.clients() if row["round"] == 8)
    assert sum(heights(figure, "drift")) / pixel == pytest.approx(num_accepted, abs=0.1)


def test_the_strategy_s_numbers_are_drawn_one_by_one(record):
    assert [figure.title for figure in figures.diagnostics(record)] == ["resultant min", "fallbacks"]


KEPT = {
    "true": [[0.0, 5.0], [10.0, 6.0]],
    "predicted": [[1.0, 5.0], [10.0, 8.0]],
    "rmse": [0.71, 1.41],
    "bias": [0.5, 1],
}
REGRESSION = {
    "settings": {"task": "regress"},
    "data": {"targets": ["snr_db", "delay_ns"], "test": 9, "target_mean": [5.0, 5.5], "target_scale": [2.0, 1.0]},
    "predictions": KEPT,
}
LEARNT = [{"round": k, "r2": r2, "loss": 1 - r2, "per_class": [r2, -40.0]} for k, r2 in enumerate((-90.0, 0.25, 0.75))]


def test_predictions_are_points_about_the_line_where_they_are_true():
    record = Record(REGRESSION, LEARNT, [])
    for index, (found, rest) in enumerate(zip(figures.predictions(record), figures.residuals(record), strict=True)):
        name = REGRESSION["data"]["targets"][index]
        assert found.title == f"{name}: predicted against true" and rest.title == f"{name}: residuals"
        points = [float(dot.get("cy")) for dot in marks(rest).iter("circle")]
        assert len(points) == len(list(marks(found).iter("circle"))) == 2
        errors = np.array(KEPT["predicted"])[:, index] - np.array(KEPT["true"])[:, index]
        assert (points[0] - points[1]) * (errors[0] - errors[1]) < 0  # upwards is less from the top
    assert "0.75" in figures.predictions(record)[0].about and "2 of 9 test samples" in found.about
    assert "error 0.71, mean error 0.5" in figures.residuals(record)[0].about


def test_r2_far_below_zero_is_drawn_at_the_edge_and_targets_have_their_names():
    record = Record(REGRESSION, LEARNT, [])
    assert "0.75 test" in texts(figures.merit(record)) and "-1" in texts(figures.merit(record))
    by_target = figures.per_class(record)
    assert by_target.title == "R\N{SUPERSCRIPT TWO} by target" and "target delay_ns, -40." in by_target.about


@pytest.mark.parametrize("kept", [None, 3, {}, {"true": [[1.0]], "predicted": []}, {"true": 1, "predicted": [[2.0]]}])
def test_a_run_that_kept_no_predictions_has_no_points(kept):
    record = Record(REGRESSION | {"predictions": kept}, LEARNT, [])
    assert figures.predictions(record) == [] == figures.residuals(record)


def test_predictions_of_a_damaged_run_are_drawn_as_far_as_they_are_known():
    kept = {"true": [[1.0], ["x"], [2.0]], "predicted": [[1.5], [0.0], [None]]}
    (figure,) = figures.predictions(Record(REGRESSION | {"predictions": kept}, [], []))
    assert len(list(marks(figure).iter("circle"))) == 1
