"""The authors' own benchmark again."""

from pathlib import Path

import pytest

import qfl
from qfl.studies.examples import module_of

ROOT = Path(qfl.__file__).parent.parent
replayed = module_of(ROOT / "examples" / "sqm_gnn", "replay")


def test_the_2_6_is_replayed_to_the_last_digit_and_put_right():
    found = replayed.replay()
    assert found["replayed_nats"] == pytest.approx(replayed.PRINTED, abs=1e-12)
    assert (
        found["replayed_nats"] < found["wmmse_100_nats"] < found["wmmse_best_of_21_nats"] < found["exact_on_off_nats"]
    )
    assert found["transposed_alone_nats"] < found["wmmse_100_nats"]
