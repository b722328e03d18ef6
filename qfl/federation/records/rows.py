"""The rows of the run folder, computed from one round's replies and measurements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from flwr.app import Message
from numpy.typing import NDArray

from qfl.federation.records.messages import METRICS, metric_names, read_angles
from qfl.federation.records.reply_status import outcome
from qfl.federation.records.round_metrics import PHASES, Bytes, Ledger

Row = dict[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """The central test of one angle vector: mean loss, figure of merit, and the latter by class.

    Args:
        loss: Mean loss.
        score: Figure of merit.
        per_class: The figure of merit by class.
        scored_on: The device that gave these numbers, where it is not the exact engine.
        exact: What the exact engine gives for the same angles, where a device was asked.
    """

    loss: float | None = None
    score: float | None = None
    per_class: tuple[float, ...] | None = None
    scored_on: str = ""
    exact: "Evaluation | None" = None

    def row(self, metric: str) -> Row:
        """Return what a round's row says of it; of a device, its name and the exact engine's numbers as well.

        Example:
            >>> found = Evaluation(2.0, 0.1, scored_on="default.mixed", exact=Evaluation(1.5, 0.2)).row("accuracy")
            >>> found["loss"], found["exact_loss"], found["scored_on"]
            (2.0, 1.5, 'default.mixed')
        """
        own = {"loss": self.loss, metric: self.score, "per_class": self.per_class}
        if self.exact is None:
            return own
        return own | {
            "scored_on": self.scored_on,
            "exact_loss": self.exact.loss,
            f"exact_{metric}": self.exact.score,
        }


def client_rows(
    round_number: int,
    replies: Iterable[Message],
    clients: Mapping[int, int],
    broadcast: NDArray,
    ledger: Ledger,
    metric: str,
) -> list[Row]:
    """Return one row per asked client, by ascending client number; what is not known of a client is None.

    Call it before the strategy aggregates: Flower's median empties the replies.
    """
    asked = [(clients[reply.metadata.src_node_id], reply) for reply in replies]
    return [_client_row(round_number, reply, client, broadcast, ledger, metric) for client, reply in asked]


def _client_row(round_number: int, reply: Message, client: int, broadcast: NDArray, ledger: Ledger, metric: str) -> Row:
    keys = {name.replace("-", "_"): name for name in metric_names(metric)}
    what, numbers, drift = outcome(reply), dict.fromkeys(keys), None
    if not reply.has_error():
        numbers = {name: reply.content.metric_records[METRICS][key] for name, key in keys.items()}
        angles = read_angles(reply.content, len(broadcast), str(broadcast.dtype))
        drift = float(np.linalg.norm(angles.astype(np.float64) - broadcast))
    up = ledger.up.get(client)
    return {
        "round": round_number,
        "client": client,
        "status": what.status,
        "reason": what.reason,
        "detail": what.detail,
        **numbers,
        "drift": drift,
        "bytes_up": up.row() if up else None,
        "seconds": ledger.arrival_s.get(client),
    }


def round_row(
    round_number: int,
    clients: Sequence[Row],
    evaluation: Evaluation,
    ledger: Ledger,
    metric: str,
    *,
    total_s: float,
    update_norm: float,
    angles_sha256: str,
    diagnostics: Mapping[str, float],
    failure: str | None,
) -> Row:
    """Return a round's row.

    Args:
        round_number: The round; 0 is the evaluation of the initial angles.
        clients: The round's client rows.
        evaluation: The central test after the round.
        ledger: The round's measurements.
        metric: Name of the task's figure of merit.
        total_s: Seconds of the whole round.
        update_norm: Euclidean distance that the global angles moved.
        angles_sha256: Digest of the global angles after the round.
        diagnostics: Numbers that the strategy reports.
        failure: Why the round failed and left the angles as they were, or None.
    """
    accepted = [row for row in clients if row["status"] == "accepted"]
    return {
        "round": round_number,
        **evaluation.row(metric),
        "train_loss": weighted_mean(accepted, "train_loss"),
        f"train_{metric}": weighted_mean(accepted, metric),
        "worst_decile": worst_decile([row[metric] for row in accepted]),
        "asked": len(clients),
        "accepted": len(accepted),
        "rejected": _count(clients, "rejected"),
        "missing": _count(clients, "missing"),
        "failed": _count(clients, "failed"),
        "bytes_up": sum(ledger.up.values(), Bytes()).row(),
        "bytes_down": sum(ledger.down.values(), Bytes()).row(),
        "seconds": {phase: ledger.seconds[phase] for phase in PHASES} | {"total": total_s},
        "update_norm": update_norm,
        "angles_sha256": angles_sha256,
        "diagnostics": dict(diagnostics),
        "failure": failure,
    }


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


def _count(rows: Sequence[Row], status: str) -> int:
    return sum(row["status"] == status for row in rows)
