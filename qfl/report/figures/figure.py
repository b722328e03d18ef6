"""A figure of the report."""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a name, its total, and the ink it is drawn in."""

    name: str
    text: str
    ink: str


@dataclass(frozen=True)
class Figure:
    """A picture with its title.

    Args:
        title: What is drawn.
        about: What to see in it, in one sentence.
        picture: Markup made by `qfl.report.svg.tag`.
        legend: Names and totals of what is stacked; empty where lines are labelled at their ends.
    """

    title: str
    about: str
    picture: Markup
    legend: tuple[Key, ...] = ()
