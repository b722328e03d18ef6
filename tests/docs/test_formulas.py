"""Formulas of docstrings on the site are code blocks of TeX, wherever a docstring has them."""

import doctest
import re

import docs.formulas
from docs.draw import ROOT
from docs.formulas import markdown


def test_the_example_is_true():
    assert doctest.testmod(docs.formulas).failed == 0


def test_a_formula_may_begin_on_the_line_of_its_directive_and_be_indented():
    given = "    A:\n\n    .. math:: a = b \\\\\n        + c\n\n    End."
    assert markdown(given) == "    A:\n\n    ```tex\n    a = b \\\\\n    + c\n    ```\n\n    End."


def test_no_directive_is_left_in_any_docstring():
    texts = [path.read_text() for path in sorted((ROOT / "qfl").rglob("*.py"))]
    assert sum(text.count(".. math::") for text in texts) > 30
    assert not [text for text in texts if re.search(r"\.\. math::|:math:`", markdown(text))]
