"""The radio in the report: a figure and a table, only where the run had one.

Also covers qfl/report/figures/on_air.py, qfl/report/decisions.py.
"""

import pytest

from qfl.report import write_report
from qfl.report.figures import on_air
from qfl.report.radio import radio_facts
from qfl.report.record import Record, read_record

AIR = {"participants": 8, "labels_lost": 1, "jain": 0.8, "energy_j": 0.5, "bits": 2.5e5, "solver": "tdma_lpt",
       "value": 0.3, "bound": 0.24}  # fmt: skip


def with_radio(run, seconds=(0.5, 1.5, 0.25)):
    """Return a record whose rounds took some virtual seconds."""
    record, clock, rounds = read_record(run), 0.0, []
    for row in record.rounds:
        if row["round"]:
            clock += seconds[row["round"] - 1]
            row = row | {"radio": AIR | {"seconds": seconds[row["round"] - 1], "clock_s": clock, "solve_s": 0.01}}
        rounds.append(row)
    header = record.header | {"settings": record.settings | {"radio.deadline-s": 1.5, "radio.objective": "round_time"}}
    return Record(header, rounds, record.clients)


def test_a_run_without_radio_says_nothing_of_it(make_run):
    run = make_run()
    assert on_air(read_record(run)) is None and radio_facts(read_record(run)) == []
    assert "On the radio" not in write_report(run).read_text()


def test_the_figure_ends_at_the_clock_and_the_table_sums_up(make_run):
    record = with_radio(make_run())
    figure, facts = on_air(record), dict(radio_facts(record))
    assert "2.25\N{NO-BREAK SPACE}s" in figure.about and "simulated seconds" in str(figure.picture)
    assert (
        facts["a round lasted"] == "250\N{NO-BREAK SPACE}ms to 1.5\N{NO-BREAK SPACE}s, median 500\N{NO-BREAK SPACE}ms"
    )
    assert facts["updates in time"] == "8" and facts["transmitted energy"] == "1.5 J" and facts["solver"] == "tdma_lpt"
    assert facts["allocated round time over its lower bound"] == "1.250"
    assert facts["deadline of a round"] == "1.5\N{NO-BREAK SPACE}s"


@pytest.mark.parametrize("value", [None, "x", [], {"seconds": "x"}, {"seconds": 1.0, "solver": 3}])
def test_what_is_malformed_is_left_out(value, make_run):
    record = read_record(make_run())
    rounds = [row | {"radio": value} for row in record.rounds]
    damaged = Record(record.header, rounds, record.clients)
    radio_facts(damaged)
    on_air(damaged)


def test_decisions_are_counted_and_the_last_ones_reason_is_told(make_run):
    def decided(asked, backend):
        outcome = {"backend": backend, "energy_j": 2.0, "waited_s": 0.5}
        return {"decision": {"asked": asked, "reason": f"because of {backend}"}, "outcome": outcome}

    record = with_radio(make_run())
    given = [decided(["qpu"], "qpu"), decided([], "host"), "x", {"decision": 3, "outcome": {}}, decided(None, "host")]
    rounds = [row | {"radio": row["radio"] | {"decisions": given}} if "radio" in row else row for row in record.rounds]
    facts = dict(radio_facts(Record(record.header, rounds, record.clients)))
    assert facts["a quantum backend was asked"] == "3 of 6 times"
    assert facts["answers used"] == "qpu 3, host 3" and facts["energy of computing"] == "12 J"
    assert facts["the last decision"] == "because of host"
