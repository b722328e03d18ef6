"""One simulated exchange per row: which link, who listens, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.exchange import ATTACKS, Setup, exchange_keys

from .qkd_settings import QkdStudy

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A curve over distance, or a row of the table of eavesdroppers.

    Args:
        protocol: As `Setup` names it.
        channel: ``fibre`` or ``free_space``.
        eavesdropper: Her strategy.
        share: Of the pulses that she touches.
    """

    protocol: str = "bb84"
    channel: str = "fibre"
    eavesdropper: str = "none"
    share: float = 1.0


CURVES = {
    "BB84 with decoys": Case(),
    "BB84 with decoys, free space": Case(channel="free_space"),
    "BB84, single photons": Case("bb84_single"),
    "E91": Case("e91"),
    "BB84 with decoys, all intercepted": Case(eavesdropper="intercept_resend"),
    "BB84 with decoys, 5 % intercepted": Case(eavesdropper="intercept_resend", share=0.05),
    "BB84 with decoys, photon numbers split": Case(eavesdropper="photon_number_splitting"),
}
TABLE = {
    f"{protocol}: {strategy}": Case(protocol, eavesdropper=strategy)
    for protocol, strategies in ATTACKS.items()
    for strategy in strategies
}


def setup_of(case: Case, distance_km: float, study: QkdStudy) -> Setup:
    """Return what is simulated."""
    pulses = {"bb84": study.pulses, "bb84_single": study.photons, "e91": study.pairs}[case.protocol]
    hers = Eavesdropper(case.eavesdropper, case.share)
    return Setup(case.protocol, case.channel, distance_km, pulses, eavesdropper=hers)


def planned(study: QkdStudy) -> Iterator[tuple[str, Case, float, int]]:
    """Yield name, case, distance and seed of every exchange."""
    for seed in study.seeds:
        for name, case in CURVES.items():
            yield from ((name, case, km, seed) for km in study.distances_km)
        yield from ((name, case, study.table_km, seed) for name, case in TABLE.items())


def measured(name: str, case: Case, distance_km: float, seed: int, study: QkdStudy) -> Row:
    """Return the row of one exchange.

    Args:
        name: Of the case.
        case: Who listens to what.
        distance_km: Length of the link.
        seed: Of the exchange.
        study: Its sizes.
    """
    setup = setup_of(case, distance_km, study)
    found = exchange_keys(setup, seed, name, int(1000 * distance_km))
    return {
        "case": name,
        "distance_km": distance_km,
        "seed": seed,
        "pulses": setup.pulses,
        "status": found.status.value,
        "secure_bits": found.secure_bits,
        "expected_bits": setup.expected_bits,
        "sifted_bits": found.sifted_bits,
        "tested_bits": found.tested_bits,
        "error_rate": found.error_rate if found.tested_bits else None,
        "leak_bits": found.leak_bits,
        "bell": found.bell,
        "known": found.known,
    }
