"""The rows of the run folder, computed from one round's replies and measurements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.best_round import VALIDATION
from qfl.federation.records.messages import COUNTS, metric_names
from qfl.federation.records.reply import Exchange, MaskedSum, Reply
from qfl.federation.records.round_metrics import PHASES, Bytes
from qfl.results import Row

STATUSES = ("accepted", "rejected", "missing", "failed")


@dataclass(frozen=True)
class Evaluation:
    """The central test of one angle vector: mean loss, figure of merit, and the latter by class.

    Args:
        loss: Mean loss.
        score: Figure of merit.
        per_class: The figure of merit by class.
        scored_on: The device that gave these numbers, where it is not the exact engine.
        exact: What the exact engine gives for the same angles, where a device was asked.
        shots: Shots that the device ran for it.
        extra_shots: Those among them that are for error mitigation or cuts.
        validation: The same on the samples that are held out for validation, where there are any.
    """

    loss: float | None = None
    score: float | None = None
    per_class: tuple[float, ...] | None = None
    scored_on: str = ""
    exact: "Evaluation | None" = None
    validation: "Evaluation | None" = None
    shots: int = 0
    extra_shots: int = 0

    def row(self, metric: str) -> Row:
        """Return what a round's row says of it; of a device, its name and the exact engine's numbers as well.

        What was held out for validation has its numbers as ``validation_...``.

        Example:
            >>> found = Evaluation(2.0, 0.1, scored_on="default.mixed", exact=Evaluation(1.5, 0.2)).row("accuracy")
            >>> found["loss"], found["exact_loss"], found["scored_on"]
            (2.0, 1.5, 'default.mixed')
        """
        own = {"loss": self.loss, metric: self.score, "per_class": self.per_class}
        if self.validation:
            held_out = {"loss": self.validation.loss, metric: self.validation.score}
            own |= {VALIDATION + name: value for name, value in held_out.items()}
        if self.exact is None:
            return own
        return own | {
            "scored_on": self.scored_on,
            "exact_loss": self.exact.loss,
            f"exact_{metric}": self.exact.score,
            **({"test_shots": [self.shots, self.extra_shots]} if self.shots else {}),
        }


def client_rows(round_number: int, replies: Iterable[Reply], metric: str) -> list[Row]:
    """Return one row per reply, in their order; what is not known of a client is None.

    Args:
        round_number: The round.
        replies: One per asked client.
        metric: Name of the task's figure of merit.
    """
    return [_client_row(round_number, reply, metric) for reply in replies]


def _client_row(round_number: int, reply: Reply, metric: str) -> Row:
    known = reply.metrics if reply.accepted else {}
    return {
        "round": round_number,
        "client": reply.client,
        "status": reply.status.status,
        "reason": reply.status.reason,
        "detail": reply.status.detail,
        **{name.replace("-", "_"): known.get(name) for name in metric_names(metric)},
        "drift": reply.drift if reply.accepted else None,
        "bytes_up": reply.bytes_up.row() if reply.bytes_up else None,
        "seconds": reply.seconds,
        **({"seal": reply.seal} if reply.seal else {}),
    }


def round_row(
    round_number: int,
    clients: Sequence[Row],
    evaluation: Evaluation,
    exchange: Exchange,
    metric: str,
    before: NDArray,
    after: NDArray,
    diagnostics: Mapping[str, float],
    failure: str | None = None,
) -> Row:
    """Return a round's row.

    Args:
        round_number: The round; 0 is the evaluation of the initial angles.
        clients: The round's client rows.
        evaluation: The central test after the round.
        exchange: The round's replies, and the seconds by phase and in ``total``.
        metric: Name of the task's figure of merit.
        before: The global angles before the round.
        after: The global angles after the round.
        diagnostics: Numbers that the strategy reports.
        failure: Why the round failed and left the angles as they were, or None.
    """
    masked = exchange.masked
    accepted = _mean_row(masked, metric) if masked else [row for row in clients if row["status"] == "accepted"]
    accepted = [row for row in accepted if row[metric] is not None]  # a client that adds noise tells nothing more
    return {
        "round": round_number,
        **evaluation.row(metric),
        "train_loss": weighted_mean(accepted, "train_loss"),
        f"train_{metric}": weighted_mean(accepted, metric),
        "worst_decile": None if masked else worst_decile([row[metric] for row in accepted]),
        "asked": len(clients),
        **{status: sum(row["status"] == status for row in clients) for status in STATUSES},
        "bytes_up": sum((reply.bytes_up for reply in exchange.replies if reply.bytes_up), Bytes()).row(),
        "bytes_down": sum((reply.bytes_down for reply in exchange.replies if reply.bytes_down), Bytes()).row(),
        "seconds": {phase: exchange.seconds.get(phase, 0.0) for phase in PHASES},
        "update_norm": float(np.linalg.norm(after.astype(np.float64) - before)),
        "angles_sha256": angle_digest(after),
        "diagnostics": dict(diagnostics),
        "failure": failure,
        **({"masking": dict(masked.report)} if masked else {}),
        **_shots(accepted),
    }


def _mean_row(masked: MaskedSum, metric: str) -> list[Row]:
    """Return what is known of a masked round's clients together, as the row of one; no row where nothing is."""
    if masked.mean is None or "loss" not in masked.mean.metrics:  # nor does a client tell more that adds noise
        return []
    known = (name for name in metric_names(metric) if name not in COUNTS)
    return [{name.replace("-", "_"): masked.mean.metrics[name] for name in known}]


def _shots(accepted: Sequence[Row]) -> Row:
    """Return the shots of the clients, all and the extra ones; nothing where no device ran any."""
    found = {name: sum(row.get(name) or 0 for row in accepted) for name in ("shots", "extra_shots")}
    return found if found["shots"] else {}


def weighted_mean(rows: Sequence[Row], name: str) -> float | None:
    """Return the mean of a number over clients, weighted by their samples; None without clients.

    Example:
        >>> weighted_mean([{"num_examples": 1, "loss": 4.0}, {"num_examples": 3, "loss": 0.0}], "loss")
        1.0
    """
    if not rows:
        return None
    return float(np.average([row[name] for row in rows], weights=[row["num_examples"] for row in rows]))


def worst_decile(values: Sequence[float]) -> float | None:
    """Return the mean of the smallest tenth of the values (at least one); None without values.

    Example:
        >>> worst_decile([0.1 * k for k in range(20)])
        0.05
    """
    return float(np.mean(sorted(values)[: ceil(len(values) / 10)])) if values else None
