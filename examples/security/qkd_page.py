"""The page of simulated key distribution: what was simulated, keys over distance, eavesdroppers, and what to take."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.studies.markdown import table

from .qkd_measure import TABLE
from .qkd_settings import QkdStudy

SET_UP = """**A simulation: no photon was sent, and no key here protects anything.** Weak light with decoys ({pulses:,}
pulses an exchange), single photons ({photons:,}) and entangled pairs ({pairs:,}) over fibre of 0.2 dB/km or a beam
through clear air, detectors of 10 % efficiency and 6e-7 dark counts, 0.5 % misalignment (Lim et al., 2014). Lengths are
finite-size bounds at 1e-10 secrecy and 1e-15 correctness (Tomamichel et al., 2012, for single photons; Lim et al. for
decoys; for E91 Acín's bound at the lower limit of S: collective attacks, fair sampling). {seeds} seed{s}."""
TAKE = """## What to take from it

- **Interception is seen.** Full intercept-resend and the Breidbart basis both leave 25 % errors; the second tells the
  eavesdropper more (85 % of the bits against 75 %). No key leaves the exchange in either case.
- **A quiet eavesdropper needs decoys.** Splitting photon numbers leaves no errors at all. Over short links most light
  still arrives as single photons (more than without her: they make up for those that she kept), and the decoys say how
  much of the key is safe; over long links she can know nearly all of it, and the decoys leave no key.
- **The length of the exchange decides the reach**, long before the 11 % threshold does: more pulses, more kilometres.
- **What a federation gains:** a key beside ML-KEM for every client and round as long as the exchange has bits left
  (`security.qkd`), and the plain statement in the client's row where it has none. A simulated key adds no security.
- **Not modelled:** afterpulses, detector blinding and other side channels, turbulence and daylight, phase drift, memory
  attacks on E91's detection loophole."""


def qkd_page(found: Mapping[str, Any], study: QkdStudy) -> str:
    """Return the page."""
    numbers = {"pulses": study.pulses, "photons": study.photons, "pairs": study.pairs, "seeds": len(study.seeds)}
    return "\n\n".join(
        (
            "# Quantum key distribution over distance, simulated",
            SET_UP.format(**numbers, s="s" * (len(study.seeds) > 1)),
            "![keys and errors](qkd.png)",
            "## Secure bits of an exchange",
            "Means over seeds; in brackets how many of them left a key, where not all did.",
            _keys(found["curves"], study),
            f"## Who listens, over {study.table_km:g} km of fibre",
            _eavesdroppers(found["table"]),
            TAKE,
        )
    )


def _keys(curves: Mapping[str, Sequence[Mapping[str, Any]]], study: QkdStudy) -> str:
    head = ("link", *(f"{km:g} km" for km in study.distances_km))
    rows = [[name, *(_bits(point, len(study.seeds)) for point in points)] for name, points in curves.items()]
    return table(head, rows, words=1)


def _bits(point: Mapping[str, Any], seeds: int) -> str:
    if not point["keys"]:
        return "none"
    return f"{point['secure_bits']:,.0f}" + (f" ({point['keys']} of {seeds})" if point["keys"] < seeds else "")


def _eavesdroppers(rows: Mapping[str, Mapping[str, Any]]) -> str:
    head = ("protocol", "eavesdropper", "how it ended", "errors, %", "S", "she has right, %", "secure bits")
    return table(head, [_row(name, rows[name]) for name in TABLE], words=3)


def _row(name: str, point: Mapping[str, Any]) -> list[str]:
    protocol, _, strategy = name.partition(": ")
    errors = "" if point["error_rate"] is None else f"{100 * point['error_rate']:.1f}"
    bell = "" if point["bell"] is None else f"{point['bell']:.2f}"
    return [
        protocol,
        strategy.replace("_", " "),
        "; ".join(point["statuses"]),
        errors,
        bell,
        f"{100 * point['known']:.1f}",
        f"{point['secure_bits']:,.0f}",
    ]
