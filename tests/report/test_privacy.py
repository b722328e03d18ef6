"""Privacy in the report: budget, noise and epsilon over rounds, only where there was noise.

Also covers qfl/report/figures/privacy.py.
"""

import pytest

from qfl.report import write_report
from qfl.report.figures.privacy import epsilon_spent
from qfl.report.page import render
from qfl.report.privacy import privacy_facts
from qfl.report.record import Record, read_record


def with_privacy(run, **more):
    """Return a record whose rounds had central noise."""
    record, rounds = read_record(run), []
    for row in record.rounds:
        entry = {"epsilon": 0.5 * row["round"], "delta": 1e-5, "noise_rad": 0.02, "clipped": 0.25} | more
        rounds.append(row | ({"privacy": entry} if row["round"] else {}))
    own = {"privacy.mechanism": "central", "privacy.epsilon": -1.0, "privacy.accountant": "rdp", "privacy.clip": 0.5}
    header = record.header | {"settings": record.settings | own, "privacy": {"noise_multiplier": 1.5}}
    return Record(header, rounds, record.clients)


def test_a_run_without_noise_says_nothing_of_it(make_run):
    run = make_run()
    assert privacy_facts(read_record(run)) == [] and epsilon_spent(read_record(run)) is None
    assert "Privacy of the clients" not in write_report(run).read_text()


def test_the_table_says_what_was_promised_and_spent(make_run):
    record = with_privacy(make_run())
    facts, rounds = dict(privacy_facts(record)), record.rounds[-1]["round"]
    assert facts["epsilon spent"].startswith(f"{0.5 * rounds:.3g} by the client")
    assert (facts["delta"], facts["budget"], facts["longest movement"]) == ("1e-05", "none", "0.5 rad")
    assert facts["updates that were cut"].startswith("25.0") and facts["noise over sensitivity"] == "1.5"
    assert "can be taken off by whoever knows the seed" in facts["noise comes from"] and "why it ended" not in facts
    page = render(record, "run")
    assert "Privacy of the clients" in page and "Privacy spent" in page


def test_what_is_not_told_is_not_guessed(make_run):
    assert dict(privacy_facts(with_privacy(make_run(), clipped=None)))["updates that were cut"] == "not told"


@pytest.mark.parametrize("damaged", ["no table", {"epsilon": "much"}, None, {"epsilon": float("nan")}])
def test_damaged_rows_end_nothing(make_run, damaged):
    record = read_record(make_run())
    broken = Record(record.header, [row | {"privacy": damaged} for row in record.rounds], record.clients)
    assert privacy_facts(broken) == [] and epsilon_spent(broken) is None
