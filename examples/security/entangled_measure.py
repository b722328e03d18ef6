"""What one seed gives: errors of sums, errors of messages, and scores of honest and tampered updates."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from qfl.backbone.applications.anomaly.detectors import area_under_curve
from qfl.entanglement.ghz_sum import SharedStates, standard_error, sum_phases
from qfl.entanglement.source_check import check_states
from qfl.entanglement.superdense import send_angles
from qfl.entanglement.tamper import direction_scores, distance_scores, norm_scores, state_scores, swap_scores
from qfl.seeds import stream

from .entangled_settings import EntangledStudy

Row = dict[str, Any]
STEP_RAD, SPREAD_RAD = 0.1, 0.05  # of an honest update's angle: what all have in common, and each client's own
BITS = 16  # of an angle in a message
CHECKS = (5, 10, 20, 40)
STATE_NOISE = SharedStates(0.02)


def sums(study: EntangledStudy, seed: int) -> list[Row]:
    """Return the error of the sum by clients and noise, and what the closed form foretells."""
    rows = []
    for number in study.clients:
        for p in study.depolarising:
            for eta in study.transmittance:
                states, draw = SharedStates(p, eta), stream(seed, "entangled", "sums", number, str(p), str(eta))
                rows.append(
                    {"seed": seed, "clients": number, **vars(states), **_sum_error(study, number, states, draw)}
                )
    return rows


def _sum_error(study: EntangledStudy, number: int, states: SharedStates, draw: np.random.Generator) -> Row:
    wrong, foretold = [], []
    for _ in range(study.trials):
        phases = draw.normal(0, STEP_RAD, number)
        found = sum_phases(phases, study.states, states, draw)
        wrong.append(np.angle(np.exp(1j * (found.phase_rad - phases.sum()))) ** 2)
        foretold.append(standard_error(float(phases.sum()), number, study.states, states) ** 2)
    return {"error_rad": float(np.sqrt(np.mean(wrong))), "foretold_rad": float(np.sqrt(np.mean(foretold)))}


def messages(study: EntangledStudy, seed: int) -> list[Row]:
    """Return the error of an angle that is sent over EPR pairs, and the pairs that it takes."""
    rows = []
    for p in study.depolarising:
        for eta in study.transmittance:
            draw = stream(seed, "entangled", "messages", str(p), str(eta))
            angles = draw.uniform(-np.pi, np.pi, 50 * study.trials)
            read, pairs = send_angles(angles, BITS, SharedStates(p, eta), draw)
            apart = np.angle(np.exp(1j * (read - angles)))
            wrong = float(np.mean(np.abs(apart) > 2 * np.pi / 2**BITS))
            about = {"seed": seed, "depolarising": p, "transmittance": eta}
            rows.append(about | {"pairs": pairs / len(angles), "wrong": wrong, "error_rad": float(apart.std())})
    return rows


def sources(study: EntangledStudy, seed: int) -> list[Row]:
    """Return how often a source that hands out product states is found, by the number of checks."""
    draw = stream(seed, "entangled", "sources")
    return [
        {
            "seed": seed,
            "checks": checks,
            "found": float(
                np.mean([check_states(checks, 2, SharedStates(), draw, True).failed > 0 for _ in range(2000)])
            ),
            "closed_form": 1 - 0.75**checks,
        }
        for checks in CHECKS
    ]


ATTACKS: dict[str, Callable[[ndarray, np.random.Generator], ndarray]] = {
    "three times as long": lambda updates, draw: 3 * updates[0],
    "turned round": lambda updates, draw: -updates[0],
    "noise of the same norm": lambda updates, draw: _as_long(draw.normal(size=updates.shape[1]), updates[0]),
    "a little (1.5 deviations)": lambda updates, draw: updates.mean(0) - 1.5 * updates.std(0),
}


def checks(study: EntangledStudy, seed: int) -> list[Row]:
    """Return, by attack and check, the area under the curve and the detection rate at the allowed false alarms."""
    rows = []
    for attack, tampered in ATTACKS.items():
        draw = stream(seed, "entangled", "checks", attack)
        scores: dict[str, tuple[list[float], list[float]]] = {}
        for _ in range(study.trials):
            updates = STEP_RAD * np.sign(draw.normal(size=study.angles)) + draw.normal(
                0, SPREAD_RAD, (study.federation, study.angles)
            )
            updates[0] = tampered(updates, draw)
            for check, found in _scored(updates, study, draw).items():
                honest, bad = scores.setdefault(check, ([], []))
                bad.append(float(found[0]))
                honest.extend(found[1:].tolist())
        for check, (honest, bad) in scores.items():
            about = {"seed": seed, "attack": attack, "check": check}
            rows.append(about | _judged(np.array(honest), np.array(bad), study.false_alarms))
    return rows


def _scored(updates: ndarray, study: EntangledStudy, draw: np.random.Generator) -> dict[str, ndarray]:
    return {
        "shared states' correlations": state_scores(updates, study.shots, STATE_NOISE, draw),
        "swap tests": swap_scores(updates, study.shots, draw),
        "swap tests without end": swap_scores(updates, 0, draw),
        "norm": norm_scores(updates),
        "direction": direction_scores(updates),
        "distance": distance_scores(updates),
    }


def _judged(honest: ndarray, bad: ndarray, false_alarms: float) -> Row:
    """Return area and detection rate; a score at the limit itself accuses nobody."""
    limit = np.quantile(honest, 1 - false_alarms)
    whole, tampered = np.concatenate([honest, bad]), np.repeat([0, 1], [len(honest), len(bad)])
    return {"area": float(area_under_curve(whole, tampered)), "detected": float(np.mean(bad > limit))}


def _as_long(vector: ndarray, other: ndarray) -> ndarray:
    return vector * np.linalg.norm(other) / np.linalg.norm(vector)


TABLES = {"sums": sums, "messages": messages, "sources": sources, "checks": checks}
