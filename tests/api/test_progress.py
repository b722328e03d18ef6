"""Progress: what is shown, and when."""

import pytest

from qfl.api.progress import State, show_progress
from qfl.specs import metric_of


def row(number: int, **numbers) -> dict:
    return {"round": number, "loss": 2.0 / (number + 1), "accuracy": number / 100, "seconds": {"total": 3.0}} | numbers


def shown(rows: list[dict], rounds: int, capsys, **options) -> list[str]:
    with show_progress(rounds, metric_of("classify"), **options) as on_round:
        for each in rows:
            on_round(each)
    streams = capsys.readouterr()
    assert streams.out == ""
    return streams.err.splitlines()


def test_a_tenth_of_the_rounds_gets_a_line_and_the_last_always(capsys):
    lines = shown([row(number) for number in range(96)], 95, capsys)
    assert [int(line.split()[1].split("/")[0]) for line in lines] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95]


def test_a_short_run_gets_a_line_per_round(capsys):
    assert len(shown([row(number) for number in range(4)], 3, capsys)) == 4


def test_a_resumed_run_goes_on_in_step(capsys):
    lines = shown([row(number) for number in range(34, 101)], 100, capsys)
    assert [line.split("/")[0] for line in lines] == [f"round {number}" for number in (34, 40, 50, 60, 70, 80, 90, 100)]


def test_beside_json_there_is_nothing(capsys):
    assert shown([row(1)], 3, capsys, quiet=True) == []


def test_a_round_without_evaluation_keeps_the_last_numbers():
    state = State(10).after(row(1)).after(row(2, loss=None, accuracy=None))
    assert (state.round, state.loss, state.score) == (2, 1.0, 0.01)


@pytest.mark.parametrize("rounds", [1, 2, 5])
def test_rounds_of_equal_length_give_the_exact_seconds_left(rounds):
    state = State(20)
    for number in range(rounds + 1):
        state = state.after(row(number, seconds={"total": 3.0}))
    assert state.text().endswith(f"  {3 * (20 - rounds)} s left")


def test_a_slow_first_round_is_soon_forgotten():
    state = State(1000).after(row(1, seconds={"total": 100.0}))
    for number in range(2, 21):
        state = state.after(row(number, seconds={"total": 1.0}))
    assert 980 <= float(state.text().split()[-3]) <= 1.2 * 980


def test_before_anything_is_known_nothing_is_claimed():
    assert State(10).text() == ""
    assert State(10).after(row(0)).text() == "loss 2.000  accuracy 0.000"
