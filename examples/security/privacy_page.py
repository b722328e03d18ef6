"""The page of differential privacy: what it costs, and why shots are none."""

from collections.abc import Iterable, Mapping
from typing import Any

from qfl.studies.markdown import table

from .privacy_settings import PrivacyStudy

Row = Mapping[str, Any]
SET_UP = """{clients} clients with {layers} layers of 6 qubits learn the embedded digits in {rounds} rounds of
{local_steps} steps, all asked in every round, samples shared out evenly; {seeds} seed{s}. Each movement is cut to
{clip:g} rad, angles the short way round. Every budget is set to last for all rounds, at delta = {delta:g}, by Renyi
divergences. Noise follows from the seed, as in every simulation here."""
SHOTS = """## Shots are not privacy

A client that holds one sample measures one expectation value of it. How well does the count of outcomes tell that
sample from another one in its place? For {pairs} pairs of different digits and each seed, at the model's first angles;
both laws are binomial, so these numbers are exact. Advantage is the total variation, 1 where they are told apart
always; epsilon is the least that one count keeps at delta = {delta:g}, of one expectation value of one round."""
TAKE = """## What to take from it

- Fewer shots hide more, but that is no setting of a budget: what they hide depends on the samples. At {shots:,} shots
  half of the pairs have an advantage of {advantage:.3f} or more, and the largest is {largest:.3f}.
- Where an outcome is certain for one sample and not for the other, no epsilon holds at all, however few the shots.
- A round tells an expectation value for every angle and step, and all of these add up."""


def privacy_page(found: Mapping[str, list[Row]], study: PrivacyStudy) -> str:
    """Return the page."""
    words = {**vars(study), "seeds": len(study.seeds), "s": "s" * (len(study.seeds) > 1)}
    most = found["shots"][-1]
    told = {"shots": most["shots"], "advantage": most["advantage_median"], "largest": most["advantage_largest"]}
    parts = (
        "# Differential privacy: what it costs, and what is none",
        SET_UP.format(**words),
        "![accuracy over epsilon, and advantages of shots](privacy.png)",
        "## Accuracy",
        _accuracies(found["federations"]),
        SHOTS.format(**words),
        _told(found["shots"]),
        TAKE.format(**told),
    )
    return "\n\n".join(parts)


def _accuracies(rows: Iterable[Row]) -> str:
    head = ("who adds noise", "epsilon", "accuracy", "deviation", "noise of an angle, rad")
    return table(head, [_accuracy(row) for row in rows], words=1)


def _accuracy(row: Row) -> tuple[str, ...]:
    spread = f"{100 * row['deviation']:.1f}" if "deviation" in row else ""
    epsilon = f"{row['epsilon']:g}" if row["epsilon"] else ""
    return row["mechanism"], epsilon, f"{100 * row['accuracy']:.1f} %", spread, f"{row['noise_rad']:.4f}"


def _told(rows: Iterable[Row]) -> str:
    head = ("shots", "advantage, half of the pairs", "largest advantage", "epsilon, half of the pairs", "no epsilon")
    return table(head, [_count(row) for row in rows])


def _count(row: Row) -> tuple[str, ...]:
    epsilon = "none" if row["epsilon_median"] is None else f"{row['epsilon_median']:.1f}"
    return (
        f"{row['shots']:,}",
        f"{row['advantage_median']:.3f}",
        f"{row['advantage_largest']:.3f}",
        epsilon,
        f"{row['unbounded']} of {row['pairs']}",
    )
