import threading

import pytest

from qfl.federation.runtime.parallel import on_all_cores


def test_results_are_in_order_whichever_row_is_done_first():
    """The first row waits for the second, which two threads allow."""
    done = threading.Event()

    def work(row):
        if row == 1:
            done.set()
        return row, done.wait(0.5)

    assert [row for row, _ in on_all_cores(work, range(40))] == list(range(40))


def test_a_row_that_raises_raises():
    with pytest.raises(ZeroDivisionError):
        on_all_cores(lambda x: 1 // x, [1, 0])


@pytest.mark.parametrize("count", [0, 1])
def test_few_rows_need_no_threads(count):
    assert on_all_cores(lambda x: threading.current_thread(), range(count)) == [threading.main_thread()] * count
