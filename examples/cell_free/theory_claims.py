"""The paper's statements, one row each: as published, ours, the set-up, and a verdict that follows from the numbers."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

from qfl.models.cloud_edge.trainability import printed_bounds

Numbers = Mapping[str, Any]
SEARCH, LIMIT, BEST = "algorithm4_mr", "exchangeable_limit", "exhaustive_min_mr"


@dataclass(frozen=True)
class Claim:
    """One statement of the paper.

    Args:
        where: Equation or lemma.
        says: What it states.
        published: What its own circuit comes to.
        ours: What the extended circuit, or the statement set right, comes to.
        setup: On what.
        verdict: In words.
    """

    where: str
    says: str
    published: str
    ours: str
    setup: str
    verdict: str


def claims(numbers: Numbers) -> list[dict[str, str]]:
    """Return all statements as plain rows."""
    return [asdict(claim) for part in (_bounds, _neuron, _size, _counts, _lie, _users) for claim in part(numbers)]


def holds(kept: int, cases: int) -> str:
    """Return a verdict on a statement that was looked at in several cases.

    Example:
        >>> holds(0, 4), holds(4, 4), holds(1, 4)
        ('does not hold: in none of 4 cases', 'holds in all 4 cases', 'does not hold: in 1 of 4 cases')
    """
    if kept == cases:
        return f"holds in all {cases} cases"
    return f"does not hold: in {kept or 'none'} of {cases} cases"


def _bounds(numbers: Numbers) -> Iterator[Claim]:
    rows, here = numbers["gradients"], _largest(numbers)
    setup = f"Eq. (22) expected over shots, {here['neurons']} access points, {here['layers']} layers; {_drawn(numbers)}"
    found = with_interval(here["mean"], ".2g")
    ours = f"{with_interval(numbers['extended']['mean'], '.2g')} (extended, where training starts)"
    for where, squared in (("Eq. (21), lower", False), ("Lemma 3, lower", True)):
        bound = printed_bounds(1, 1, squared)[0]
        above = [row for row in rows if row["mean"]["mean"] >= bound]
        which = f", with {', '.join(dict.fromkeys(row['loss'] for row in above))}" if above else ""
        verdict = holds(len(above), len(rows)) + which
        yield Claim(where, f"mean squared norm of at least {bound:g}", found, ours, setup, verdict)
    kept = sum(row["most"] <= row["layers"] * row["neurons"] for row in rows)
    most = max(rows, key=lambda row: row["most"])
    says = f"at most N_layer N_neuron, here {here['layers'] * here['neurons']}"
    largest = f"{most['most']:.2g} at most, of any draw"
    extended = f"{numbers['extended']['most']:.2g}"
    yield Claim("Eq. (21), upper", says, largest, extended, "every reading, loss and size", holds(kept, len(rows)))
    losses = [row["largest_loss"] for row in numbers["inputs"]]
    yield Claim(
        "Eq. (22)",
        "the normalised loss lies in [0, 1]",
        f"up to {max(losses):.2f}",
        "in [0, 1]: every user is served",
        f"every assignment; {numbers['trials']} channels a seed",
        f"{'holds' if max(losses) <= 1 else 'does not hold'}: the penalty of an unserved user counts",
    )


def _neuron(numbers: Numbers) -> Iterator[Claim]:
    row = numbers["inputs"][-1]
    true, setup = row["single_neuron"], f"{row['neurons']} access points; {numbers['trials']} channels a seed"
    yield Claim(
        "Eqs. (27)-(30)",
        "one neuron has 1/8 (Tr[x]^2 + Tr[Z x Z]^2) = 0.25",
        with_interval(true, ".3f"),
        "cos^2(angle) / 8, at most 0.125",
        setup,
        f"{'does not hold' if true['mean'] < 0.25 else 'holds'}: R_Y is differentiated as a mixture of 1 and Z",
    )
    number, most = row["x_as_a_number"], row["neurons"]
    crossed = number["mean"] > most
    yield Claim(
        "Eq. (21), x read as a number",
        "x^2 / 4 below N_layer N_neuron",
        with_interval(number, ".2f"),
        "",
        f"{setup}, one layer",
        f"the lower bound is {'above' if crossed else 'below'} the upper one, {most}",
    )


def _size(numbers: Numbers) -> Iterator[Claim]:
    rows = [row for row in numbers["gradients"] if row["loss"] == "expectation" and row["reading"] == "operator"]
    first, last = rows[0], max(rows, key=lambda row: row["layers"] * row["neurons"])
    sizes = " to ".join(f"{row['layers']} x {row['neurons']}" for row in (first, last))
    change = last["mean"]["mean"] / first["mean"]["mean"]
    yield Claim(
        "Section IV-D, trainability",
        "the bounds speak for training, at any size",
        f"{first['mean']['mean']:.2g} to {last['mean']['mean']:.2g}",
        "closed form: halves with every qubit but the controls",
        f"f of Eq. (25), layers x neurons {sizes}; {_drawn(numbers)}",
        "the norm shrinks with the register: a plateau" if change < 1 else "no plateau at these sizes",
    )


def _counts(numbers: Numbers) -> Iterator[Claim]:
    here = next(row for row in numbers["counts"] if row["circuit"] == "edge")
    at = numbers["lemma_1"][-1]
    used = at["layers"] * at["neurons"]
    yield Claim(
        "Lemma 1, cloud",
        f"{at['lemma']} qubits; its proof counts {at['proof']}",
        f"{used} of Definition 1",
        "4 in a register, one register for each pair",
        f"{at['layers']} layers, {at['neurons']} neurons",
        "holds" if at["lemma"] == used else "does not hold: gates are given qubits of their own",
    )
    yield Claim("Lemma 1, edge", "N_user = 3 qubits", str(here["qubits"]), "", "3 users", _same(here["qubits"], 3))
    deep = [row for row in numbers["counts"] if "depth_two_rounds" in row]
    for circuit, says in (("operator", "depth grows as N_neuron; in two rounds it does not"), ("appendix", "the same")):
        own = [row for row in deep if row["circuit"] == circuit]
        yield Claim(
            f"Section IV-D, depth, {'Eq. (12)' if circuit == 'operator' else 'Eq. (25)'}",
            says,
            f"{_list(own, 'depth')}; in two rounds {_list(own, 'depth_two_rounds')}",
            f"{numbers['counts'][-1]['depth']}, whatever the network",
            f"N_neuron = {_list(own, 'neurons')}, 2 layers",
            _growth(own),
        )
    exchanges = numbers["exchanges"]
    read = ", ".join(f"{exchanges[name]['used']} ({name})" for name in exchanges if "used" in exchanges[name])
    yield Claim(
        "Section IV-D, parameters",
        "N_layer N_neuron angles",
        f"{exchanges['operator']['angles']}, of which outputs depend on {read}",
        f"{numbers['extended']['entries']:,} numbers",
        "4 access points, 2 layers",
        "holds as a count; most readings do not use them all",
    )


def _lie(numbers: Numbers) -> Iterator[Claim]:
    largest = {row["circuit"]: row for row in numbers["counts"] if "lie" in row}  # the last of each is the largest
    extended = largest.pop("extended")
    for name, row in largest.items():
        whole = 4 ** row["qubits"] - 1
        yield Claim(
            f"Lemma 2, {name}" + (", an angle for each gate" if name == "edge" else ""),
            "expressivity is the dimension of the Lie algebra",
            f"{row['lie']}; without controlled gates, as footnote 19 leaves them out, {row['lie_apart']}",
            f"{extended['lie']} of {4 ** extended['qubits'] - 1} (extended)",
            f"{row['qubits']} qubits: at most {whole:,}",
            "everything" if row["lie"] == whole else "single qubits, nothing between them",
        )


def _users(numbers: Numbers) -> Iterator[Claim]:
    exchanges, rates = numbers["exchanges"], numbers["rates"]
    blind = [name for name, row in exchanges.items() if row["moved"] < 1e-9]
    for rate, name in (("min_rate", "least rate"), ("sum_rate", "sum rate")):
        limit, search = rates[LIMIT][rate], rates[SEARCH][rate]
        below = limit["mean"] < search["mean"]
        best = rates[BEST if rate == "min_rate" else "exhaustive_sum_81_mr"][rate]
        yield Claim(
            f"Section V, {name}",
            f"the circuits outperform Algorithm 4 ({with_interval(search, '.2f')})",
            f"at most {with_interval(limit, '.2f')}, whatever the angles",
            f"{with_interval(best, '.2f')}: best assignment, users told apart",
            f"maximum ratio, 20 dB; {numbers['trials']} channels a seed; readings {', '.join(blind)}",
            "cannot hold: users of an access point are interchangeable" if below else "the limit does not forbid it",
        )


def _largest(numbers: Numbers) -> Mapping[str, Any]:
    rows = [row for row in numbers["gradients"] if (row["reading"], row["loss"]) == ("operator", "loss")]
    return max(rows, key=lambda row: (row["neurons"], row["layers"] == 2))


def _growth(rows: list[Mapping[str, Any]]) -> str:
    serial, rounds = ([row[name] for row in rows] for name in ("depth", "depth_two_rounds"))
    steps = {(b["depth"] - a["depth"]) / (b["neurons"] - a["neurons"]) for a, b in pairwise(rows)}
    grows = "one step for each neuron" if steps == {1.0} else f"from {serial[0]} to {serial[-1]}"
    return f"holds: {grows}" + (", constant in two rounds" if len(set(rounds[1:])) <= 1 else "; not constant in rounds")


def _same(found: int, stated: int) -> str:
    return "holds" if found == stated else f"does not hold: {found}"


def _list(rows: list[Mapping[str, Any]], name: str) -> str:
    return ", ".join(str(row[name]) for row in rows)


def with_interval(value: Mapping[str, float], form: str) -> str:
    """Return a mean with its interval; alone where there is one seed."""
    ends = f" [{value['low']:{form}}, {value['high']:{form}}]" if isfinite(value["low"]) else ""
    return f"{value['mean']:{form}}{ends}"


def _drawn(numbers: Numbers) -> str:
    return f"{numbers['seeds']} seeds of {numbers['draws']} angles and channels"
