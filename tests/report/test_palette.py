"""The colours: the same names on light and on dark, and text that can be read (WCAG 2.2, contrast minimum)."""

import re

import pytest

from qfl.report.palette import DARK, LIGHT
from qfl.studies.federations import colours as federations
from qfl.studies.schedulers import colours as schedulers

PAGES = {"light": LIGHT, "dark": DARK}
TABLES = {
    "report": (LIGHT, DARK),
    "schedulers": (schedulers.LIGHT, schedulers.DARK),
    "federations": tuple(dict(enumerate(each)) for each in (federations.LIGHT, federations.DARK)),
}


def luminance(colour):
    """Return the relative luminance of #rrggbb, as WCAG 2.2 defines it."""
    shares = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("light, dark", TABLES.values(), ids=TABLES)
def test_every_colour_is_there_on_light_and_on_dark(light, dark):
    assert light.keys() == dark.keys()
    assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (*light.values(), *dark.values()))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
@pytest.mark.parametrize("name", ["text", "soft", "good", "bad", "test", "clients", "worst"])
def test_what_is_written_can_be_read(page, name):
    assert contrast(page[name], page["card"]) >= 4.5


@pytest.mark.parametrize("study", ["schedulers", "federations"])
def test_no_two_lines_of_a_page_have_one_colour(study):
    for colours in TABLES[study]:
        assert len(set(colours.values())) == len(colours)
