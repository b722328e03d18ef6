"""What the rows say about the radio: one table per client, one per round."""

from math import isfinite

import numpy as np

from qfl.airtime.coverage import lost_labels
from qfl.airtime.radio import Radio
from qfl.airtime.simulation import RadioRound
from qfl.federation.grids.radio import AirState
from qfl.federation.records.round_metrics import Ledger
from qfl.results import Row
from qfl.scheduling.report import jain_index


def with_radio(rows: list[Row], ledger: Ledger) -> list[Row]:
    """Return a round's client rows with the entry ``radio``: None for who had nothing to send.

    An entry holds ``channel`` (-1 = none) and ``power_w`` of the last allocation, ``bits`` to send, ``ready_s`` when
    the training was done, ``airtime_s`` spent sending, ``upload_s`` when the update was in (None = never); both clocks
    begin at the broadcast.
    """
    found = ledger.radio
    places = {int(device): place for place, device in enumerate(found.devices)} if found else {}
    return [
        row | {"radio": _client(found, places[row["client"]]) if found and row["client"] in places else None}
        for row in rows
    ]


def radio_row(radio: Radio, ledger: Ledger, after: AirState, asked: list[int]) -> Row:
    """Return a round's entry ``radio``.

    It holds ``seconds`` of the round and ``clock_s`` after it, both virtual; ``participants`` whose update was in;
    ``labels_lost`` of those that the asked clients hold (None where data have no labels); ``jain`` of the mean rates
    while sending; ``energy_j`` transmitted; ``bits`` that got through, unfinished uploads included; the first
    allocation's ``value`` (bit/s or s), ``allocations`` and ``evaluations`` in all, and ``solve_s`` on the wall clock.
    """
    found, holds = ledger.radio, radio.allocator.holds
    if found is None:
        return {"seconds": radio.settings.deadline_s, "clock_s": after.clock_s, "participants": 0}
    in_time = np.isin(asked, found.devices[found.in_time])
    sent = found.uploads
    rate = np.divide(sent.sent_bits, sent.airtime_s, out=np.zeros_like(sent.sent_bits), where=sent.airtime_s > 0)
    return {
        "seconds": found.seconds,
        "clock_s": after.clock_s,
        "participants": int(found.in_time.sum()),
        "labels_lost": lost_labels(holds[asked], in_time) if holds.shape[1] else None,
        "jain": jain_index(rate),
        "energy_j": float(sent.energy_j.sum()),
        "bits": float(sent.sent_bits.sum()),
        "solver": radio.allocator.solver,
        "value": _known(found.solutions[0].value),
        "allocations": len(found.solutions),
        "evaluations": sum(solution.evaluations for solution in found.solutions),
        "solve_s": found.solve_s,
    }


def _client(found: RadioRound, place: int) -> Row:
    sent = found.uploads
    return {
        "channel": int(found.schedule.channel[place]),
        "power_w": float(found.schedule.power_w[place]),
        "bits": float(found.bits[place]),
        "ready_s": float(found.ready_s[place]),
        "airtime_s": float(sent.airtime_s[place]),
        "upload_s": _known(float(sent.end_s[place])),
    }


def _known(number: float) -> float | None:
    return float(number) if isfinite(number) else None
