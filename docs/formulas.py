"""Formulas of docstrings, which are in reStructuredText, as code blocks of TeX on the pages of the API reference."""

import re
from typing import Any

import griffe

BLOCK = re.compile(r"^(?P<indent>[ ]*)\.\. math::[ ]*(?P<first>.*)\n(?P<tex>(?:[ ]*\n|(?P=indent)[ ]{4}.*\n?)*)", re.M)
INLINE = re.compile(r":math:`([^`]+)`")
LITERAL = re.compile(r"::[ ]*$", re.M)


class Formulas(griffe.Extension):
    """Rewrite every docstring as it is loaded."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Write a module's, class's or function's formulas anew."""
        if obj.docstring:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(text: str) -> str:
    r"""Return a docstring in Markdown.

    Example:
        >>> print(markdown("With :math:`a`:\n\n.. math::\n    a = b\n\nEnd."))
        With `a`:
        <BLANKLINE>
        ```tex
        a = b
        ```
        <BLANKLINE>
        End.
    """
    return LITERAL.sub(":", INLINE.sub(r"`\1`", BLOCK.sub(_fence, text + "\n"))).rstrip("\n")


def _fence(found: re.Match[str]) -> str:
    indent = found["indent"]
    lines = [line.removeprefix(indent + "    ") for line in found["tex"].strip("\n").splitlines()]
    lines = [found["first"].strip(), *lines] if found["first"].strip() else lines
    return "\n".join(indent + line for line in ("```tex", *lines, "```")) + "\n\n"
