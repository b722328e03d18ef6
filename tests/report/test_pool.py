"""What the pool did, from rows that may lack anything.

Also covers qfl/report/figures/on_pool.py.
"""

from qfl.report.figures.on_pool import on_pool, pool_seconds
from qfl.report.pool import pool_facts
from qfl.report.record import Record

POOL = {"seconds": 60.0, "clock_s": 70.0, "served": 3, "missed": 1, "failed": 0, "energy_j": 2e6, "test_j": 500.0}
POOL |= {"cuts": 1, "circuits": 10, "busy_s": {"wide": 30.0, "narrow": 12.0}}
SETTINGS = {"device.scheduler": "greedy", "device.deadline-s": 60.0}


def record(*pools):
    rows = [{"round": 0, "accuracy": 0.1}, *({"round": k, "accuracy": 0.5, "pool": p} for k, p in enumerate(pools, 1))]
    return Record({"settings": SETTINGS}, rows, [])


def test_jobs_energy_and_the_cut_are_told():
    found = dict(pool_facts(record(POOL, POOL | {"clock_s": 140.0, "missed": 0})))
    assert found["jobs served"] == "6 of 7 (85.7\xa0%)" and found["deadlines missed"] == "1"
    assert found["energy of the clients' jobs"] == "4 MJ" and found["energy of the tests"] == "1 kJ"
    assert found["circuit"] == "1 cut, 10 circuits for one value of the whole"
    assert found["all rounds and tests"] == "2\xa0min 20\xa0s" and "jobs lost on a QPU" not in found


def test_every_qpu_has_its_seconds_and_its_name():
    figure = pool_seconds(record(POOL, POOL))
    assert figure is not None and [key.name for key in figure.legend] == ["wide", "narrow"]
    assert "round 1: wide 30 s, narrow 12 s" in str(figure.picture)
    over = on_pool(record(POOL, POOL | {"clock_s": 140.0}))
    assert over is not None and "2\xa0min 20\xa0s of the pool" in over.about


def test_a_run_without_a_pool_and_damaged_rows_draw_nothing():
    for pools in ((), (None,), ("x",), ({"busy_s": "x", "seconds": "y"},)):
        assert (
            pool_facts(record(*pools)) == []
            and pool_seconds(record(*pools)) is None
            and on_pool(record(*pools)) is None
        )
