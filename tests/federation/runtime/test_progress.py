"""Finished rounds reach who listens, and else are printed, with who was refused and why."""

from qfl.federation.runtime.progress import listening, tell, tell_refusals
from qfl.specs import metric_of

METRIC = metric_of("classify")
ROW = {"round": 2, "loss": None, "accuracy": None, "accepted": 1, "asked": 2, "failure": "no quorum\x1b"}
REFUSED = {"round": 2, "client": 7, "status": "rejected", "reason": "norm-cap", "detail": "too\nlong"}


def test_a_listener_gets_the_row_and_nothing_is_printed(capsys):
    heard = []
    with listening(heard.append):
        tell(ROW, METRIC)
        tell_refusals([REFUSED])
    assert heard == [ROW] and capsys.readouterr().out == ""


def test_without_a_listener_rounds_and_refusals_are_lines_of_printable_text(capsys):
    tell(ROW, METRIC)
    tell_refusals([REFUSED, REFUSED | {"status": "accepted"}])
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("round 2  1 of 2 replies accepted  failed: no quorum") and "\x1b" not in first
    assert second.startswith("round 2: client 7 rejected: norm-cap: too")
