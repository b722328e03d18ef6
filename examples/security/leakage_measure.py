"""What an attacker finds of one model's update of one seed, beside what it would have guessed without it."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy import ndarray

from qfl.models.vqc import Vqc
from qfl.quantum.devices import on_device
from qfl.seeds import stream
from qfl.tasks.federation import Federation
from qfl.testing.attacks.leakage import Sent, count_equations, psnr_db, reconstruct, squared_errors

from .federated import federation_of
from .leakage_settings import Case, LeakageStudy

Row = dict[str, Any]
GUESSES = 256  # by chance, and as many of other digits
RECOVERED_DB = 30.0  # a pixel is off by 3 % of its range


def attacked(study: LeakageStudy, seed: int, model: str, case: Case) -> Row:
    """Return counts, the attacker's error, and the errors of two guesses that see no update.

    Args:
        study: Its sizes.
        seed: Of data, angles, protection and attacker.
        model: A name in ``study.models``.
        case: What is attacked.
    """
    given = study.models[model] | {"clients.count": 10, "precision": "double", "data.side": study.side}
    federation = federation_of(given, seed)
    index = _victims(federation, case, seed)
    pixels, labels = federation.samples.train.inputs, federation.samples.train.labels  # pyright: ignore[reportAttributeAccessIssue]
    sent = Sent(federation.model, federation.model.initial(seed), labels[index], study.rate, case.steps)  # pyright: ignore[reportArgumentType]
    observed = _observed(sent, pixels[index], case, seed)
    guesses = _first_guesses(pixels, labels, index, seed)
    found = reconstruct(sent, observed, guesses, restarts=study.restarts, evaluations=study.evaluations)
    scaled = "amplitude" in model
    truth = pixels[index].reshape(-1, pixels.shape[1])
    counted = count_equations(sent, pixels[index], scaled)
    errors = squared_errors(found.inputs.reshape(truth.shape), truth, scaled)
    about = {"seed": seed, "model": model, "protection": case.protection, "batch": case.batch, "steps": case.steps}
    return about | vars(counted) | _told(errors, found.residual) | _guesses(pixels, index, truth, scaled)


def _victims(federation: Federation, case: Case, seed: int) -> ndarray:
    """Return indices of training samples, [client sample]; the same first ones for every batch."""
    drawn = stream(seed, "victims").permutation(len(federation.samples.train))  # pyright: ignore[reportAttributeAccessIssue]
    return drawn[: case.clients * case.batch].reshape(case.clients, case.batch)


def _first_guesses(pixels: ndarray, labels: ndarray, index: ndarray, seed: int) -> ndarray:
    """Return what the attacker begins with: as many guesses by chance as other training digits of the right labels."""
    draw = stream(seed, "guesses")
    others = np.setdiff1d(np.arange(len(labels)), index)
    alike = [draw.choice(others[labels[others] == label], GUESSES) for label in labels[index].ravel()]
    own = pixels[np.stack(alike, axis=1)].reshape(GUESSES, *index.shape, -1)
    return np.concatenate([draw.uniform(size=own.shape), own])


def _observed(sent: Sent, inputs: ndarray, case: Case, seed: int) -> ndarray:
    """Return the update as it is sent, with its protection."""
    if case.shots:
        assert isinstance(sent.model, Vqc)
        device = on_device(shots=case.shots, seed=(seed, case.shots))
        return replace(sent, model=sent.model.on(device)).update(inputs[None])[0]
    update = sent.update(inputs[None])[0]
    draw = stream(seed, "leakage noise", str(case.noise))
    return update + case.noise * float(np.linalg.norm(update)) * draw.normal(size=len(update))


def _told(errors: ndarray, residual: float) -> Row:
    decibels = [psnr_db(float(error)) for error in errors]
    recovered = float(np.mean([each >= RECOVERED_DB for each in decibels]))
    return {"psnr_db": float(np.mean(decibels)), "recovered": recovered, "residual": residual}


def _guesses(pixels: ndarray, index: ndarray, truth: ndarray, scaled: bool) -> Row:
    """Return the errors of the mean of the other training samples, and of whichever of them is nearest."""
    others = np.delete(pixels, index.ravel(), axis=0)
    mean = squared_errors(np.repeat(others.mean(0)[None], len(truth), axis=0), truth, scaled)
    nearest = [min(_each(others, sample, scaled)) for sample in truth]
    return {
        "mean_db": float(np.mean([psnr_db(float(error)) for error in mean])),
        "nearest_db": float(np.mean([psnr_db(float(error)) for error in nearest])),
    }


def _each(others: ndarray, sample: ndarray, scaled: bool) -> ndarray:
    factor = (others @ sample) / (others**2).sum(1) if scaled else np.ones(len(others))
    return ((factor[:, None] * others - sample) ** 2).mean(1)
