"""Combinations: a colour for the last choice, a stroke for those before it."""

from itertools import product

from qfl.studies.federations.colours import DARK, LIGHT, STROKES, colour_styles, styles_of


def test_what_shares_the_last_choice_shares_its_colour_and_what_shares_the_first_its_stroke():
    labels = [f"{a} + {b} + {c}" for a, b, c in product("AB", "xy", "12")]
    styles = styles_of(labels)
    assert [styles[label][0] for label in labels] == [0, 1] * 4
    assert [styles[label][1] for label in labels] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert len(set(styles.values())) == 8


def test_one_axis_has_colours_alone_and_begins_anew_when_they_run_out():
    styles = styles_of(str(number) for number in range(len(LIGHT) + 1))
    assert {stroke for _, stroke in styles.values()} == {0}
    assert styles["0"] == styles[str(len(LIGHT))] == (0, 0)


def test_every_colour_and_stroke_is_in_the_sheet():
    sheet = colour_styles()
    for number, (light, dark) in enumerate(zip(LIGHT, DARK, strict=True)):
        assert f"--nr-{number}:{light}" in sheet and f"--nr-{number}:{dark}" in sheet
    assert all(f".stroke-{number}{{stroke-dasharray:{dash}}}" in sheet for number, dash in enumerate(STROKES) if dash)
