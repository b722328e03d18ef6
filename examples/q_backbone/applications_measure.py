"""Each application by each method, the bound or the best that is known beside it."""

from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

import numpy as np

from qfl.backbone.applications import decoding, ris, slices
from qfl.backbone.applications.anomaly.detectors import DETECTORS, area_under_curve, detect
from qfl.backbone.applications.anomaly.telemetry_rows import draw_telemetry
from qfl.backbone.applications.forecast.forecasters import FORECASTERS, QUANTUM, predict
from qfl.backbone.applications.forecast.series import DAY, draw_traffic, windows
from qfl.backbone.applications.posed import Posed
from qfl.backbone.applications.slice_instances import as_request, draw_slices
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import solve
from qfl.backbone.runtime.pipeline.verify import verify
from qfl.quantum.one_hot import sample
from qfl.quantum.qaoa_angles import choose_angles
from qfl.seeds import stream

from .applications_code import codes
from .applications_settings import ApplicationsSettings

LAYERS, DRAWS = 3, 32  # of QAOA; as many draws are made evenly beside it
STARTS = 20  # of coordinate descent: about the milliseconds that annealing takes
Row = dict[str, Any]
Clock = tuple[Any, float]


def rows_of(settings: ApplicationsSettings, seed: int) -> Iterator[Row]:
    """Yield the rows of one seed: application, case, method, value, seconds, whether it is quantum."""
    for application, measure in MEASURES.items():
        for case, method, quantum, value, seconds in measure(settings, seed):
            about = {"seed": seed, "application": application, "case": case, "method": method, "quantum": quantum}
            yield {**about, "value": float(value), "seconds": seconds}


def anomalies(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the area under the curve of every detector, by qubits."""
    train, test = draw_telemetry(200, 0.1, 2 * seed), draw_telemetry(settings.test_rows, 0.1, 2 * seed + 1)
    for qubits in settings.qubits:
        for name, spec in DETECTORS.items():
            run = _partial(detect, name, train.rows, train.anomalous, test.rows, qubits=qubits, seed=seed)
            found, seconds = _timed(run)
            yield f"{qubits} qubits", name, spec.quantum, area_under_curve(found.scores, test.anomalous), seconds


def forecasts(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the root mean square error of every forecaster, one and four steps ahead."""
    series, split = draw_traffic(settings.days + 7, seed), settings.days * DAY
    for ahead in (1, 4):
        train, test = windows(series[:split], 8, ahead), windows(series[split - DAY :], 8, ahead)
        for name in FORECASTERS:
            told, seconds = _timed(_partial(predict, name, train, test, seed=seed))
            error = np.sqrt(np.mean((told - test.target) ** 2))
            yield f"{ahead} step{'s' * (ahead > 1)} ahead", name, name in QUANTUM, error, seconds


def surfaces(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the power over the largest of all phases; the surface is small enough to try them all."""
    h, g = ris.draw_channels(14, 4, 1.0, seed)
    best = ris.exhaustive(h, g, 1)
    found, seconds = _timed(lambda: max(ris.power(h, g, ris.coordinate_descent(h, g, 1, s)) for s in range(STARTS)))
    yield "14 elements", f"coordinate descent, {STARTS} starts", False, found / best, seconds
    posed = ris.pose({"direct": _pairs(h), "cascaded": _pairs(g), "bits": 1})
    for name, quantum, answer, seconds in _solved(posed, ("annealing", "qaoa"), seed):
        yield "14 elements", name, quantum, answer["power"] / best, seconds


def admissions(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the value of the admitted slices over HiGHS's bound."""
    problem = draw_slices(settings.slices, 12, seed)
    (chosen, limit), seconds = _timed(_partial(slices.exact, problem, settings.seconds))
    yield f"{settings.slices} requests", "HiGHS", False, problem.value(chosen) / limit, seconds
    chosen, seconds = _timed(_partial(slices.greedy, problem))
    yield f"{settings.slices} requests", "greedy", False, problem.value(chosen) / limit, seconds
    posed = slices.pose(as_request(problem))
    for name, quantum, answer, seconds in _solved(posed, ("annealing", "tabu"), seed):
        yield f"{settings.slices} requests", name, quantum, answer["value"] / limit, seconds


def decodings(settings: ApplicationsSettings, seed: int) -> Iterator[tuple[str, str, bool, float, float]]:
    """Yield the share of words in error, of a code of 12 bits small enough for QAOA."""
    checks = decoding.regular_checks(12, 2, 4, seed)
    words = decoding.codewords(checks, 12)
    wrong: dict[str, list[bool]] = {}
    spent: dict[str, float] = {}
    for frame in range(settings.frames):
        sent = words[(7 * frame + seed) % len(words)]
        ratios = decoding.draw_ratios(sent, 2.0, np.log2(len(words)) / 12, 1000 * seed + frame)
        for name, word, seconds in _decoded(checks, ratios, seed):
            wrong.setdefault(name, []).append(bool((word != sent).any()))
            spent[name] = spent.get(name, 0.0) + seconds
    for name, errors in wrong.items():
        yield "12 bits at 2 dB", name, "QAOA" in name, float(np.mean(errors)), spent[name] / settings.frames


def _decoded(checks: decoding.Checks, ratios: Any, seed: int) -> Iterator[tuple[str, Any, float]]:
    yield "maximum likelihood", *_timed(_partial(decoding.maximum_likelihood, checks, ratios))
    yield "belief propagation", *_timed(_partial(decoding.belief_propagation, checks, ratios))
    posed = decoding.pose({"checks": checks, "llr": ratios.tolist()})
    for name, _, answer, seconds in _solved(posed, ("annealing",), seed):
        yield f"{name} of the penalties", np.array(answer["word"]), seconds
    for name, layers in (("QAOA over information bits", LAYERS), ("random information bits", 0)):
        yield name, *_timed(_partial(_best_drawn, checks, ratios, layers, seed))


def _best_drawn(checks: decoding.Checks, ratios: Any, layers: int, seed: int) -> Any:
    """Return the likeliest of some codewords drawn from the QAOA state of their costs; evenly without layers.

    The table of all codewords' costs is the diagonal of the cost Hamiltonian, so there is neither ancilla nor penalty.
    """
    words, generator = decoding.codewords(checks, len(ratios)), stream(seed, "decoding", "draws")
    costs = words @ ratios
    if not layers:
        drawn = generator.integers(len(words), size=DRAWS)
    else:
        bits = int(np.log2(len(words)))
        reward = -costs.reshape((2,) * bits)
        chosen = sample(reward, *choose_angles(reward, layers, "fixed"), DRAWS, generator)
        drawn = chosen @ (1 << np.arange(bits - 1, -1, -1))
    return words[drawn[costs[drawn].argmin()]]


def _solved(posed: Posed, solvers: tuple[str, ...], seed: int) -> Iterator[tuple[str, bool, dict[str, Any], float]]:
    for name in solvers:
        start = perf_counter()
        reduction = reduce(posed.model, roof_duality=False)
        answer = verify(reduction, solve(reduction.model, name, seed=seed), posed.feasible)
        yield name, name == "qaoa", posed.read(answer.sample), perf_counter() - start


def _pairs(values: Any) -> list[Any]:
    return np.stack([values.real, values.imag], -1).tolist()


def _partial(function: Callable[..., Any], *values: Any, **named: Any) -> Callable[[], Any]:
    return lambda: function(*values, **named)


def _timed(run: Callable[[], Any]) -> Clock:
    start = perf_counter()
    return run(), perf_counter() - start


MEASURES: dict[str, Callable[[ApplicationsSettings, int], Iterator[tuple[str, str, bool, float, float]]]] = {
    "detect": anomalies,
    "predict": forecasts,
    "surfaces": surfaces,
    "slices": admissions,
    "decoding": decodings,
    "learn": codes,
}
