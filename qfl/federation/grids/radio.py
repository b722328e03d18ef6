"""Replies travel over the radio: each takes its time on a virtual clock, and what misses the deadline is dropped.

The wall-clock deadline of `qfl.federation.grids.deadline.DeadlineGrid` stays: it says how long the server waits for the
processes that simulate the devices; this one says what the devices' radio would have carried in time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.airtime.invocation import KEPT, Row
from qfl.airtime.radio import Radio
from qfl.airtime.simulation import RadioRound
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.selection import held_labels, resources
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import missing
from qfl.scheduling.problem import Schedule
from qfl.tasks.federation import Federation
from qfl.wireless.measured import require_size

SILENT = missing("radio-silent", "the allocation gave the device no sub-channel or no power")


@dataclass(frozen=True)
class AirState:
    """What the radio carries on from round to round, and what a checkpoint holds of it.

    Fading and places are functions of the seed and the round, so they are not here.

    Args:
        clock_s: The virtual clock.
        schedule: The last sub-channel and power of every device, for a warm start; None before the first.
        learned: The last decisions of the invocation policy, from which it learns.
    """

    clock_s: float = 0.0
    schedule: Schedule | None = None
    learned: tuple[Row, ...] = ()


def make_radio(federation: Federation) -> Radio | None:
    """Return the radio of a run; None where its settings have it off.

    Raises:
        ConfigError: If the cell cannot be, measured gains are of another or of too few rounds, or the solver does not
            fit.
    """
    settings = federation.settings
    if not settings.radio.on:
        return None
    count, seed = settings.clients.count, settings.seed
    if settings.radio.gains:
        require_size(settings.radio, count, settings.rounds)
    samples = np.array([len(part) for part in federation.parts], dtype=np.float64)
    speed = resources(seed, count)
    return Radio(settings.radio, seed, samples, held_labels(federation), speed, settings.clients.asked)


@dataclass(frozen=True)
class RadioGrid:
    """Let replies through that the radio carries in time; the others are missing, with the reason.

    The bits of a reply are those of its serialized records, signature and envelope included. Whoever failed to answer
    has nothing to send and gets no sub-channel.

    Args:
        base: The grid within, which measures the replies.
        radio: The cell and its rules.
        round_number: The round.
        before: What the radio carries on from the round before.
    """

    base: ReplyGrid
    radio: Radio
    round_number: int
    before: AirState = field(default_factory=AirState)

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message, and what the radio made of them."""
        found = self.base.exchange(asked)
        sizes = {reply.client: reply.bytes_up for reply in found.replies if reply.accepted and reply.bytes_up}
        if not sizes:
            return found
        devices = sorted(sizes)
        bits = np.array([8.0 * sizes[device].total for device in devices])
        air, number = self.before, self.round_number
        computed_s = np.array([found.pool.clients[device].end_s if found.pool else 0.0 for device in devices])
        carry = self.radio.carry
        radio = carry(number, np.array(devices), bits, air.schedule, air.learned, air.clock_s, computed_s)
        places = {device: place for place, device in enumerate(devices)}
        replies = (_carried(reply, radio, places[reply.client]) if reply.accepted else reply for reply in found.replies)
        return replace(found, replies=tuple(replies), radio=radio)


def _carried(reply: Reply, found: RadioRound, place: int) -> Reply:
    if found.in_time[place]:
        return reply
    if found.failure and not found.on_air[place]:
        return replace(reply, status=missing("radio-solver-failed", found.failure))
    if not found.on_air[place]:
        return replace(reply, status=SILENT)
    sent, bits = found.uploads.sent_bits[place] / 1e3, found.bits[place] / 1e3
    for_ever = "; there is no deadline, but no more would follow"
    end = for_ever if found.ended == "out-of-reach" else f" after {found.seconds:.4g} s"
    late = missing(f"radio-{found.ended}", f"{sent:.3g} of {bits:.3g} kbit were through{end}")
    return replace(reply, status=late)


def state_after(radio: Radio | None, before: AirState, found: RadioRound | None) -> AirState:
    """Return the radio's state after a round; a round in which nobody has anything to send lasts to the deadline.

    Args:
        radio: The cell and its rules; None where nothing but the wall clock is kept.
        before: The state before the round.
        found: What the radio made of the round; None where nobody had anything to send.
    """
    if radio is None:
        return before
    if found is None:
        return replace(before, clock_s=before.clock_s + (radio.settings.deadline_s or 0.0))
    learned = (*before.learned, *found.decisions)[-KEPT:]
    return AirState(before.clock_s + found.seconds, found.memory, learned)


def save_air(state: AirState) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return the arrays and the plain values that a checkpoint keeps of the radio."""
    arrays = {"channel": state.schedule.channel, "power_w": state.schedule.power_w} if state.schedule else {}
    return {f"radio/{name}": array for name, array in arrays.items()}, {
        "clock_s": state.clock_s,
        "learned": list(state.learned),
    }


def load_air(arrays: Mapping[str, NDArray], plain: Mapping[str, Any]) -> AirState:
    """Return the radio's state that a checkpoint keeps.

    Example:
        >>> load_air(*save_air(AirState(2.5))).clock_s
        2.5
    """
    schedule = None
    if "radio/channel" in arrays:
        schedule = Schedule(arrays["radio/channel"], arrays["radio/power_w"])
    return AirState(float(plain.get("clock_s", 0.0)), schedule, tuple(plain.get("learned", ())))
