"""QAOA's angles for a family of problems, learned from problems that were solved before.

A family is an application and a degree: the mean number of couplings of a variable, to a power of two. The angles
maximise the mean normalised expected reward over half of the problems; on the other half they are held against the
fixed ones, and where they do not draw better, nothing is registered.

Reference:
    Brandao et al., For fixed control parameters the QAOA's objective value concentrates for typical instances, 2018,
    arXiv:1812.04170; Akshay et al., Parameter concentration in QAOA, Phys. Rev. A 104, L010401 (2021).
"""

from collections.abc import Sequence
from math import log2

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.templates.entry import Template
from qfl.backbone.runtime.templates.folder import Templates
from qfl.errors import ConfigError
from qfl.quantum.one_hot import expected_reward, normalised
from qfl.quantum.qaoa_angles import QaoaAngles, fixed_angles, value_and_gradient
from qfl.scheduling.solvers.qubit_qaoa import state_rewards

LAYERS = 3  # of the solver `qaoa`
MOST_QUBITS, MOST_MODELS, LEAST_MODELS = 12, 40, 4  # of what is learned from
Reward = Float64[ndarray, "*option"]


def family(application: str, model: dimod.BinaryQuadraticModel, layers: int = LAYERS) -> str:
    """Return the name of the angles that fit a reduced model.

    Args:
        application: Whose model it is.
        model: With one variable or more.
        layers: Depth of the QAOA.

    Example:
        >>> family("ris", dimod.BinaryQuadraticModel({}, {"ab": 1.0, "bc": 1.0}, "BINARY"))
        'qaoa.ris.degree1.layers3'
    """
    degree = 2 * model.num_interactions / max(1, model.num_variables)
    size = 2 ** round(log2(degree)) if degree >= 1 else 0
    return f"qaoa.{application.replace('_', '-')}.degree{size}.layers{layers}"


def angles_for(templates: Templates | None, application: str, model: dimod.BinaryQuadraticModel) -> Template | None:
    """Return the registered angles that fit a reduced model, None where there are none.

    Args:
        templates: Of the registry; None where there is none.
        application: Whose model it is.
        model: The reduced problem.
    """
    return templates.find(family(application, model), "angles") if templates is not None else None


def read_angles(template: Template) -> QaoaAngles:
    """Return the angles of an entry.

    Raises:
        ConfigError: If it holds none.
    """
    gammas, betas = (template.arrays.get(name, np.zeros(0)) for name in ("gammas", "betas"))
    if gammas.ndim != 1 or gammas.shape != betas.shape or not gammas.size:
        raise ConfigError(f"template {template.label} holds no angles of layers; register it again")
    return QaoaAngles(tuple(gammas.tolist()), tuple(betas.tolist()))


def learn_angles(
    application: str, models: Sequence[dimod.BinaryQuadraticModel], layers: int = LAYERS
) -> tuple[Template | None, dict[str, float]]:
    """Return the angles of one family, None where they are no better than the fixed ones, and what was measured.

    What is measured: the mean expected normalised reward on the models that were held out, by the ``learned`` and by
    the ``fixed`` angles, 0 being a uniform draw; and how many ``models`` there were.

    Args:
        application: Whose models they are.
        models: Reduced problems of one family, of 1 to 12 variables; every second one is held out.
        layers: Depth.

    Raises:
        ConfigError: If they are fewer than 4, or of more than one family.
    """
    names = {family(application, model, layers) for model in models}
    if len(models) < LEAST_MODELS or len(names) != 1:
        raise ConfigError(
            f"{len(models)} problems of {len(names)} families are no family to learn from; give {LEAST_MODELS} of one"
        )
    rewards = [normalised(state_rewards(model)) for model in models[:MOST_MODELS]]
    start = fixed_angles(2, round(float(np.mean([each.ndim for each in rewards]))), layers)
    angles = _best(rewards[::2], start)
    held = rewards[1::2]
    measured = {name: _mean_reward(held, given) for name, given in (("learned", angles), ("fixed", start))}
    facts = {"application": application, "layers": layers, "models": len(rewards), **measured}
    arrays = {"gammas": np.array(angles.gammas), "betas": np.array(angles.betas)}
    better = measured["learned"] > measured["fixed"]
    return (Template(names.pop(), "angles", facts, arrays) if better else None), measured | {"models": len(rewards)}


def _best(rewards: Sequence[Reward], start: QaoaAngles) -> QaoaAngles:
    """Return the angles of the largest mean reward, by L-BFGS with exact gradients from the fixed ones."""
    from scipy.optimize import minimize

    layers = len(start.gammas)

    def loss(angles: ndarray) -> tuple[float, ndarray]:
        parts = [value_and_gradient(reward, angles[:layers], angles[layers:]) for reward in rewards]
        return -float(np.mean([value for value, _ in parts])), -np.mean([slope for _, slope in parts], axis=0)

    found = minimize(loss, np.concatenate(start), jac=True, method="L-BFGS-B", options={"maxiter": 60})
    best = found.x.tolist()
    return QaoaAngles(tuple(best[:layers]), tuple(best[layers:]))


def _mean_reward(rewards: Sequence[Reward], angles: QaoaAngles) -> float:
    return float(np.mean([expected_reward(reward, *angles) for reward in rewards]))
