"""Replies travel over the radio: each takes its time on a virtual clock, and what misses the deadline is dropped.

The wall-clock deadline of `qfl.federation.grids.deadline.DeadlineGrid` stays: it says how long the server waits for the
processes that simulate the devices; this one says what the devices' radio would have carried in time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flwr.app import Message
from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.airtime.radio import Radio
from qfl.airtime.simulation import RadioRound
from qfl.config import Settings
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.selection import resources
from qfl.federation.records.reply_status import dropped
from qfl.federation.records.round_metrics import Ledger
from qfl.scheduling.problem import Schedule
from qfl.tasks.federation import Federation


@dataclass(frozen=True)
class AirState:
    """What the radio carries on from round to round, and what a checkpoint holds of it.

    Fading and places are functions of the seed and the round, so they are not here.

    Args:
        clock_s: The virtual clock.
        schedule: The last sub-channel and power of every device, for a warm start; None before the first.
    """

    clock_s: float = 0.0
    schedule: Schedule | None = None


def make_radio(settings: Settings, federation: Federation) -> Radio | None:
    """Return the radio of a run; None where its settings have it off.

    Raises:
        ConfigError: If the cell cannot be, or the solver does not fit.
    """
    if not settings.radio.on:
        return None
    count, seed = settings.clients.count, settings.seed
    samples = np.array([len(part) for part in federation.parts], dtype=np.float64)
    speed = resources(seed, count)
    return Radio(settings.radio, seed, samples, _labels(federation), speed, settings.clients.per_round or count)


def _labels(federation: Federation) -> list[tuple[int, ...]]:
    if federation.labels is None:
        return [() for _ in federation.parts]
    return [tuple(np.unique(federation.labels[part]).tolist()) for part in federation.parts]


class RadioGrid(GridDecorator):
    """Let replies through that the radio carries in time; turn the others into error replies.

    The bits of a reply are those of its serialized records, signature and envelope included, as the ledger measures
    them. Whoever failed to answer has nothing to send and gets no sub-channel.

    Args:
        base: The grid within, which fills the ledger.
        radio: The cell and its rules.
        clients: Client number of each node id.
        round_number: The round.
        before: The radio's state before the round.
        ledger: Has the bytes of the replies; takes what the radio made of them.
    """

    def __init__(
        self, base: Grid, radio: Radio, clients: Mapping[int, int], round_number: int, before: AirState, ledger: Ledger
    ):
        super().__init__(base)
        self._radio, self._clients, self._round = radio, clients, round_number
        self._before, self._ledger = before, ledger

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return one reply per message, the late ones replaced."""
        replies = list(self.base.send_and_receive(messages, timeout=timeout))
        sending = sorted(self._client(reply) for reply in replies if not reply.has_error())
        if not sending:
            return replies
        bits = np.array([8.0 * sum(self._ledger.up[client].row().values()) for client in sending])
        found = self._radio.carry(self._round, np.array(sending), bits, self._before.schedule)
        self._ledger.radio = found
        return [reply if reply.has_error() else self._carried(reply, found) for reply in replies]

    def _carried(self, reply: Message, found: RadioRound) -> Message:
        place = int(np.searchsorted(found.devices, self._client(reply)))
        if found.in_time[place]:
            return reply
        if not found.on_air[place]:
            return dropped(reply, "radio-silent", "the allocation gave the device no sub-channel or no power")
        sent, bits = found.uploads.sent_bits[place] / 1e3, found.bits[place] / 1e3
        through = f"{sent:.3g} of {bits:.3g} kbit were through"
        if found.ended == "out-of-reach":
            return dropped(reply, "radio-out-of-reach", f"{through}; there is no deadline, but no more would follow")
        return dropped(reply, f"radio-{found.ended}", f"{through} after {found.seconds:.4g} s")

    def _client(self, message: Message) -> int:
        return self._clients[message.metadata.src_node_id]


def state_after(radio: Radio, before: AirState, ledger: Ledger) -> AirState:
    """Return the radio's state after a round; a round in which nobody has anything to send lasts to the deadline."""
    if ledger.radio is None:
        return AirState(before.clock_s + radio.settings.deadline_s, before.schedule)
    return AirState(before.clock_s + ledger.radio.seconds, ledger.radio.memory)


def save_air(state: AirState) -> tuple[dict[str, NDArray], dict[str, Any]]:
    """Return the arrays and the plain values that a checkpoint keeps of the radio."""
    arrays = {"channel": state.schedule.channel, "power_w": state.schedule.power_w} if state.schedule else {}
    return {f"radio/{name}": array for name, array in arrays.items()}, {"clock_s": state.clock_s}


def load_air(arrays: Mapping[str, NDArray], plain: Mapping[str, Any]) -> AirState:
    """Return the radio's state that a checkpoint keeps.

    Example:
        >>> load_air(*save_air(AirState(2.5))).clock_s
        2.5
    """
    schedule = None
    if "radio/channel" in arrays:
        schedule = Schedule(arrays["radio/channel"], arrays["radio/power_w"])
    return AirState(float(plain.get("clock_s", 0.0)), schedule)
