"""What the rows say about the radio: one table per client, one per round."""

from math import isfinite

import numpy as np

from qfl.airtime.coverage import lost_labels
from qfl.airtime.radio import Radio
from qfl.airtime.simulation import RadioRound
from qfl.results import Row
from qfl.scheduling.report import jain_index


def with_radio(
    row: Row, rows: list[Row], radio: Radio | None, found: RadioRound | None, clock_s: float
) -> tuple[Row, list[Row]]:
    """Return a round's row and its client rows, each with the entry ``radio``; without a radio they are as they were.

    Args:
        row: The round's.
        rows: One per asked client.
        radio: The cell and its rules.
        found: What the radio made of the round; None where nobody had anything to send.
        clock_s: The virtual clock after the round, in s.
    """
    if radio is None:
        return row, rows
    entry = radio_row(radio, found, clock_s, [each["client"] for each in rows])
    entries = client_entries(found) if found else {}
    return row | {"radio": entry}, [each | {"radio": entries.get(each["client"])} for each in rows]


def client_entries(found: RadioRound) -> dict[int, Row]:
    """Return the entry ``radio`` of every client that had something to send.

    An entry holds ``channel`` (-1 = none) and ``power_w`` of the last allocation, ``bits`` to send, ``ready_s`` when
    the training was done, ``airtime_s`` spent sending, ``upload_s`` when the update was in (None = never); both clocks
    begin at the broadcast.
    """
    sent = found.uploads
    return {
        int(device): {
            "channel": int(found.schedule.channel[place]),
            "power_w": float(found.schedule.power_w[place]),
            "bits": float(found.bits[place]),
            "ready_s": float(found.ready_s[place]),
            "airtime_s": float(sent.airtime_s[place]),
            "upload_s": _known(float(sent.end_s[place])),
        }
        for place, device in enumerate(found.devices)
    }


def radio_row(radio: Radio, found: RadioRound | None, clock_s: float, asked: list[int]) -> Row:
    """Return a round's entry ``radio``.

    It holds ``seconds`` of the round and ``clock_s`` after it, both virtual; ``participants`` whose update was in;
    ``labels_lost`` of those that the asked clients hold (None where data have no labels); ``jain`` of the mean rates
    while sending; ``energy_j`` transmitted; ``bits`` that got through, unfinished uploads included; the first
    allocation's ``value`` and ``bound`` (bit/s or s; None where none is proved), ``allocations`` and ``evaluations`` in
    all, and ``solve_s`` on the wall clock; ``failure`` says why a user's solver gave nobody a sub-channel;
    ``decisions`` are those of the invocation policy.

    Args:
        radio: The cell and its rules.
        found: What the radio made of the round; None where nobody had anything to send.
        clock_s: The virtual clock after the round, in s.
        asked: The clients that were asked.
    """
    if found is None:
        return {"seconds": radio.settings.deadline_s or 0.0, "clock_s": clock_s, "participants": 0}
    holds = radio.allocator.holds
    in_time = np.isin(asked, found.devices[found.in_time])
    sent = found.uploads
    rare = {"failure": found.failure, "decisions": list(found.decisions)}
    rate = np.divide(sent.sent_bits, sent.airtime_s, out=np.zeros_like(sent.sent_bits), where=sent.airtime_s > 0)
    return {
        "seconds": found.seconds,
        "clock_s": clock_s,
        "participants": int(found.in_time.sum()),
        "labels_lost": lost_labels(holds[asked], in_time) if holds.shape[1] else None,
        "jain": jain_index(rate),
        "energy_j": float(sent.energy_j.sum()),
        "bits": float(sent.sent_bits.sum()),
        "solver": radio.allocator.solver,
        "value": _known(found.solutions[0].value),
        "bound": None if found.bound is None else _known(found.bound),
        "allocations": len(found.solutions),
        "evaluations": sum(solution.evaluations for solution in found.solutions),
        "solve_s": found.solve_s,
    } | {name: value for name, value in rare.items() if value}


def _known(number: float) -> float | None:
    return float(number) if isfinite(number) else None
