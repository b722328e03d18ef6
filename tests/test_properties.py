"""What holds for the tests with Hypothesis themselves."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st


@st.composite
def slow(draw):
    time.sleep(0.3)  # beyond Hypothesis' own limits: 0.2 s an example, 1 s for the first few draws
    return draw(st.integers())


@given(slow())
@settings(max_examples=5)
def test_a_property_holds_on_a_machine_that_is_slow_to_draw_and_to_check_it(drawn):
    time.sleep(0.25 if drawn else 0.3)
