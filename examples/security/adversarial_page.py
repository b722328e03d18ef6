"""The page of adversarial inputs: accuracies under attack, what training on them costs, and what to take from it."""

from collections.abc import Sequence

from qfl.studies.markdown import table

from .adversarial_settings import AdversarialStudy
from .grouped import Row, chosen

SET_UP = """Digits of 8 x 8 pixels, {clients} clients with equal shares, FedAvg; the circuit encodes amplitudes on
6 qubits and has {layers} layers; `mlp-N` is a perceptron of N hidden units. {rounds}, {seeds}
seed{s}, {samples} test samples. **The attacker knows the model** and pushes a test sample up its loss: FGSM by one
step, PGD by {steps}, from the sample and {restarts} random place{r}; noise is a random place in the same ball. A sample
counts as right if no try misleads the model. In the ball of *pixels* each may change by so much and stays within 0 to
1. In the ball of the *state* the sample keeps its norm and its direction turns: unit states at most so long a chord
apart."""
TRAINING = """## What training on them costs

`train.adversarial = E` has clients train on what PGD of {training_steps} steps makes of their samples, each pixel
changed by at most E. The column *clean* has the price."""
TAKE = """## What to take from it

- **By chance and on purpose**: of the circuit's clean accuracy {clean:.3f}, pixels changed by {size:g} leave
  {noise:.3f} where chance moves them and {pgd:.3f} where PGD does.
- **One step or several**: mean accuracy over models and sizes, without training against it, is {fgsm_mean:.3f} under
  FGSM and {pgd_mean:.3f} under PGD.
- {price}
{failed}- White-box attacks on one data set of small images, in simulation without shots; a defence that holds here need
  not hold against who knows it (Carlini et al., arXiv:1902.06705)."""
WIDE = 0.2  # of a 95 % interval of clean accuracies
KEYS = """`results.json` has a list `accuracy` of rows with `model`, `entries`, `trained`, `ball`, `attack`, `epsilon`,
`accuracy`, `accuracy_low` and `accuracy_high` (95 % interval of the mean over seeds; null for one seed)."""


def adversarial_page(rows: Sequence[Row], study: AdversarialStudy) -> str:
    """Return the page."""
    rounds = f"{study.vqc_rounds} rounds of the circuit, {study.mlp_rounds} of the perceptrons"
    words = {**vars(study), "rounds": rounds, "seeds": len(study.seeds)}
    words |= {"s": "s" * (len(study.seeds) > 1), "r": "s" * (study.restarts > 1)}
    parts = [
        "# Adversarial inputs to a circuit, and training against them",
        SET_UP.format(**words),
        "![accuracy over the size of the perturbation, under PGD](adversarial.png)",
        "## Attacks on clean training",
    ]
    parts += [f"### In the ball of {_name(ball)}\n\n{_attacks(rows, study, ball)}" for ball in ("pixels", "state")]
    parts += [TRAINING.format(**words), _trainings(rows, study), _take(rows, study), KEYS]
    return "\n\n".join(parts)


def _name(ball: str) -> str:
    return {"pixels": "pixels", "state": "the state"}[ball]


def _attacks(rows: Sequence[Row], study: AdversarialStudy, ball: str) -> str:
    sizes = (0.0, *(study.epsilons if ball == "pixels" else study.chords))
    lines = []
    for model in study.models:
        for attack in ("noise", "fgsm", "pgd"):
            own = chosen(rows, model=model, trained=min(study.trained), ball=ball, attack=attack)
            name = f"{model} ({own[0]['entries']})"
            lines.append([name, attack.upper() if attack != "noise" else attack, *map(_cell, own)])
    return table(("model (entries)", "attack", *(f"{size:g}" for size in sizes)), lines, words=2)


def _trainings(rows: Sequence[Row], study: AdversarialStudy) -> str:
    head = ("model", "trained against", "clean", *(f"PGD, {size:g}" for size in study.epsilons))
    lines = [
        [model, f"{trained:g}" if trained else "nothing", *map(_cell, own)]
        for model in study.models
        for trained in study.trained
        if (own := chosen(rows, model=model, trained=trained, ball="pixels", attack="pgd"))
    ]
    return table(head, lines, words=2)


def _cell(row: Row) -> str:
    low, high = row["accuracy_low"], row["accuracy_high"]
    return f"{row['accuracy']:.3f}" if low is None else f"{row['accuracy']:.3f} ± {(high - low) / 2:.3f}"


def _take(rows: Sequence[Row], study: AdversarialStudy) -> str:
    plain, size = min(study.trained), study.epsilons[len(study.epsilons) // 2]
    at = {
        attack: chosen(rows, model="vqc", trained=plain, ball="pixels", attack=attack, epsilon=size)[0]["accuracy"]
        for attack in ("noise", "pgd")
    }
    clean = chosen(rows, model="vqc", trained=plain, ball="pixels", attack="pgd", epsilon=0.0)[0]["accuracy"]
    over = {
        f"{attack}_mean": _mean([row for row in chosen(rows, attack=attack, trained=plain) if row["epsilon"]])
        for attack in ("fgsm", "pgd")
    }
    return TAKE.format(clean=clean, size=size, price=_price(rows, study, size), failed=_failed(rows), **at, **over)


def _price(rows: Sequence[Row], study: AdversarialStudy, size: float) -> str:
    """Return what the strongest training gives and takes, model by model."""
    if len(study.trained) == 1:
        return "Training against one size alone was measured, so no price can be told."
    told = []
    for model in study.models:
        clean, under = (
            [
                chosen(rows, model=model, trained=trained, ball="pixels", attack="pgd", epsilon=epsilon)[0]["accuracy"]
                for trained in (min(study.trained), max(study.trained))
            ]
            for epsilon in (0.0, size)
        )
        told.append(
            f"  {model} from {clean[0]:.3f} to {clean[1]:.3f} clean, from {under[0]:.3f} to {under[1]:.3f} under PGD"
        )
    return f"**Training against {max(study.trained):g}**, PGD of {size:g}:\n" + ";\n".join(told) + "."


def _failed(rows: Sequence[Row]) -> str:
    """Return which trainings did not learn in every seed, going by how far clean accuracies lie apart."""
    wide = [
        row
        for row in chosen(rows, ball="pixels", attack="pgd", epsilon=0.0)
        if row["accuracy_low"] is not None and row["accuracy_high"] - row["accuracy_low"] > WIDE
    ]
    if not wide:
        return ""
    told = ", ".join(f"{row['model']} against {row['trained']:g}" for row in wide)
    return f"- **Not learnt in every seed** (see the intervals): {told}; their means compare with nothing.\n"


def _mean(rows: Sequence[Row]) -> float:
    return sum(row["accuracy"] for row in rows) / len(rows)
