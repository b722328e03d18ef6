"""What devices ran, from rows that may lack anything."""

from qfl.report.devices import device_facts
from qfl.report.record import Record


def facts(*rows, **settings):
    return dict(device_facts(Record({"settings": settings}, [{"round": k} | row for k, row in enumerate(rows)], [])))


def test_shots_are_summed_over_the_rounds():
    rows = {"test_shots": [10, 5]}, {"shots": 900, "extra_shots": 600, "test_shots": [10, 5]}, {"shots": 100}
    assert facts(*rows, **{"device.mitigation": "zne"}) == {
        "errors undone by": "zne",
        "shots of the clients": "1,000",
        "extra ones among them": "600 (60.0\xa0%)",
        "shots of the tests": "20",
        "extra ones of the tests": "10 (50.0\xa0%)",
    }


def test_a_run_without_shots_has_no_such_table():
    assert facts({}, {"shots": 0, "test_shots": None}) == {}
    assert facts({"shots": "many", "test_shots": [1]}) == {}
