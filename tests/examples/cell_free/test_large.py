"""Networks too large to enumerate: every method for every objective, and the book's answer, where phases help."""

from pathlib import Path

import qfl
from qfl.scheduling.access_points.problem import OBJECTIVES
from qfl.studies.examples import module_of
from qfl.wireless.cell_free.user_centric import UserCentric

large = module_of(Path(qfl.__file__).parent.parent / "examples" / "cell_free", "large")


def test_every_method_is_measured_for_every_objective_and_the_best_of_them_is_not_random():
    rows = list(large.measure_large(UserCentric(num_aps=8, num_users=4), 3, 1))
    measured = [(row["objective"], row["method"]) for row in rows[:-2]]
    assert measured == [(objective, name) for objective in OBJECTIVES for name in large.LARGE_METHODS]
    assert [row["method"] for row in rows[-2:]] == ["user_centric", "user_centric_coherent"]
    rate = {(row["objective"], row["method"]): row for row in rows}
    for objective in OBJECTIVES:
        assert rate[objective, "best_response"][objective] >= rate[objective, "random"][objective]
    assert rate["none", "user_centric_coherent"]["sum_rate"] > rate["none", "user_centric"]["sum_rate"]
    assert all(row["trials"] == 3 and row["min_rate"] <= row["sum_rate"] for row in rows)
