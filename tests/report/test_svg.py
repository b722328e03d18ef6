"""Elements as text: what a browser reads back is what was put in."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from qfl.report.svg import plain_number, tag

TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"))


@given(TEXT, TEXT)
def test_texts_and_attributes_come_back_as_they_were(text, attribute):
    read = ElementTree.fromstring(str(tag("text", text, aria_label=attribute)))
    assert (read.text or "") == text and read.get("aria-label") == attribute


@given(TEXT)
def test_elements_inside_elements_are_not_escaped_twice(text):
    read = ElementTree.fromstring(str(tag("g", tag("title", text), tag("rect", x=1))))
    assert [child.tag for child in read] == ["title", "rect"] and (read[0].text or "") == text


def test_what_is_none_is_left_out_and_underscores_are_hyphens():
    assert str(tag("rect", class_="a", rx=None, text_anchor="end")) == '<rect class="a" text-anchor="end"></rect>'


@given(st.floats(-1e6, 1e6))
def test_a_coordinate_is_at_most_half_a_hundredth_off(value):
    text = plain_number(value)
    assert abs(float(text) - value) <= 0.005 + 1e-9 * abs(value)
    assert len(text.partition(".")[2]) <= 2 and text != "-0" and not text.endswith(".")
