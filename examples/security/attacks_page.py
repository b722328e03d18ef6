"""The page of attacks and defences: the set-up, both tables, what screens took out, and what to take from it."""

from collections.abc import Iterable, Mapping

from qfl.report.formatting import UNKNOWN
from qfl.specs import ATTACKS
from qfl.studies.markdown import table

from .attacks_picture import title
from .attacks_settings import DEFENCES, NOBODY, AttackStudy

Found = Mapping[str, Mapping[str, Mapping[str, float | None]]]
BAD, GOOD = 0.1, 0.05  # accuracy lost, or share of samples gained, from which an attack has worked; below which not
SET_UP = """{clients} clients share scikit-learn's digits (Dirichlet {alpha:g}), {validation:g} % held out; a circuit of
6 qubits and {layers} layers, {rounds} rounds of {steps} steps of SGD (batches of {batch}), {seeds} seed{s}.
{bad} clients attack, all of them from the first round: enrolled, with keys of their own, so that every signature is
good. Attackers have the strength that the attack has by itself (`qfl.specs.ATTACKS`); colluding ones know each other's
updates, not those of others. Krum, Bulyan, MeaMed and the trimmed means are told how many attack, which no server
knows; learning rate and rounds are the same for all, and none was tuned against an attack. The last round counts.

**Success** is, where samples were altered, the share of altered test samples that get the label that attackers want
(an honest model sends {chance} of the triggered ones there by chance); for all other attacks, the accuracy lost against
the same defence without attack."""
MASKED = """Masked sums hide every update, so nothing can be screened: `security.aggregation = "masked"` with any
strategy that judges single updates is refused before the run, with the reason. The column shows what that costs: it
is FedAvg's up to fixed-point rounding, attackers included. A cap on updates (`round.max-norm`) cannot be had there,
either."""
STOPPED = """**Stopped**: where admission refuses so many updates that a rule has too few left, rounds fail, and three
in a row end the run. Its last model counts:"""
SCREENED = """## Who was left out

Share of attackers' updates, and of honest ones in the same runs, that a screen or FLTrust left out. What admission
refused before (numbers that are not finite, or too far off) is counted as not accepted."""


def attacks_page(found: Found, study: AttackStudy) -> str:
    """Return the page.

    Args:
        found: Means by attack and defence.
        study: Sizes, attacks and defences.
    """
    masked = [MASKED] if "masked" in study.defences else []
    parts = (
        "# Attacks by clients, and what stops them",
        _set_up(found, study),
        "![accuracy and attackers' success](attacks.png)",
        "## Accuracy, %",
        _table(found, study.attacks, study.defences, "accuracy"),
        "## Attackers' success, %",
        _table(found, _attacked(study), study.defences, "success"),
        *masked,
        *_stopped(found, study),
        *_screens(found, study),
        "## Which defence fails where",
        _verdicts(found, study),
    )
    return "\n\n".join(parts)


def _attacked(study: AttackStudy) -> tuple[str, ...]:
    return tuple(attack for attack in study.attacks if attack != NOBODY)


def _set_up(found: Found, study: AttackStudy) -> str:
    base = study.base
    count, share = int(base["clients.count"]), float(base["attack.share"])
    chances = [cell["chance"] for cell in found[NOBODY].values() if cell["chance"] is not None]
    return SET_UP.format(
        clients=count,
        alpha=base["data.alpha"],
        validation=100 * float(base["data.validation"]),
        layers=base["model.layers"],
        rounds=base["rounds"],
        steps=base["train.local-steps"],
        batch=base["train.batch-size"],
        seeds=len(study.seeds),
        s="s" * (len(study.seeds) > 1),
        bad=round(share * count),
        chance=f"{100 * min(chances):.0f} to {100 * max(chances):.0f} %" if chances else "none",
    )


def _table(found: Found, attacks: Iterable[str], defences: Iterable[str], key: str) -> str:
    names = list(defences)
    lines = [[title(attack), *(_percent(found[attack][each], key) for each in names)] for attack in attacks]
    return table(("", *(DEFENCES[each] for each in names)), lines, words=1)


def _percent(cell: Mapping[str, float | None], key: str) -> str:
    value, spread = cell[key], cell.get(f"{key}_deviation")
    if value is None:
        return UNKNOWN
    return f"{100 * value:.1f}" + (f" ± {100 * spread:.1f}" if spread is not None else "")


def _screens(found: Found, study: AttackStudy) -> list[str]:
    """Return the table of what was left out, for defences that say it."""
    attacks = _attacked(study)
    own = [each for each in study.defences if found[attacks[0]][each]["attackers_out"] is not None]
    head = ("attack", "accepted", *(f"{DEFENCES[each]}: attackers, honest" for each in own))
    lines = []
    for attack in attacks:
        cells = found[attack]
        known = [cell["accepted"] for cell in cells.values() if cell["accepted"] is not None]
        accepted = f"{100 * sum(known) / len(known):.0f} %" if known else UNKNOWN
        lines.append([title(attack), accepted, *(_out(cells[each]) for each in own)])
    return [SCREENED, table(head, lines, words=1)] if own else []


def _stopped(found: Found, study: AttackStudy) -> list[str]:
    """Return which runs failed rounds stopped, if any."""
    told = [
        f"{DEFENCES[defence]} against {title(attack)} ({100 * share:.0f} % of seeds)"
        for attack in study.attacks
        for defence in study.defences
        if (share := found[attack][defence].get("stopped"))
    ]
    return [f"{STOPPED} {'; '.join(told)}."] if told else []


def _out(cell: Mapping[str, float | None]) -> str:
    shares = [cell[key] for key in ("attackers_out", "honest_out")]
    return ", ".join(UNKNOWN if share is None else f"{100 * share:.0f} %" for share in shares)


def _verdicts(found: Found, study: AttackStudy) -> str:
    """Return one line a defence: what it costs without attack, which attacks get through, and which it stops."""
    lines = []
    best = max(cell["accuracy"] or 0.0 for cell in found[NOBODY].values())
    for defence in study.defences:
        through, stopped = [], []
        for attack in _attacked(study):
            gained = _gained(found, attack, defence)
            (through if gained >= BAD else stopped if gained < GOOD else []).append(title(attack))
        cost = best - (found[NOBODY][defence]["accuracy"] or 0.0)
        lines.append(
            [DEFENCES[defence], f"{100 * cost:.1f}", ", ".join(through) or UNKNOWN, ", ".join(stopped) or UNKNOWN]
        )
    told = (
        f"An attack gets through where it costs {100 * BAD:.0f} points of accuracy or brings {100 * BAD:.0f} % more "
        f"altered samples to its label than an honest model does; below {100 * GOOD:.0f} it is stopped. Cost is what "
        "the defence loses to the best one where nobody attacks."
    )
    head = ("defence", "cost, points", "gets through", "stopped")
    return f"{told}\n\n{table(head, lines, words=4)}"


def _gained(found: Found, attack: str, defence: str) -> float:
    """Return the larger of accuracy lost and samples won over chance."""
    cell, honest = found[attack][defence], found[NOBODY][defence]
    lost = (honest["accuracy"] or 0.0) - (cell["accuracy"] or 0.0)
    if not ATTACKS[attack].samples or attack == "label-flip":
        return lost
    return max(lost, (cell["success"] or 0.0) - (honest["chance"] or 0.0))
