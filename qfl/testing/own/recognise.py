"""What kind of thing an object of somebody's own is, by what it is or by the names of its arguments."""

from typing import Any

from flwr.serverapp.strategy import Strategy
from torch.nn import Module

from qfl.models import own_model
from qfl.own_calls import taken
from qfl.scheduling.own import is_sampler

MARKS: tuple[tuple[str, frozenset[str]], ...] = (
    ("rule", frozenset({"updates"})),
    ("solver", frozenset({"problem"})),
    ("channel", frozenset({"distance_m"})),
    ("links", frozenset({"num_pairs"})),
    ("links", frozenset({"scenario", "generator"})),
    ("ansatz", frozenset({"qubits", "layers"})),
    ("encoding", frozenset({"qubits"})),
    ("strategy", frozenset({"layout"})),
    ("model", frozenset({"num_labels"})),
    ("model", frozenset({"num_features"})),
    ("task", frozenset({"settings"})),
    ("dataset", frozenset({"root"})),
    ("dataset", frozenset({"seed"})),
)
"""Kinds, with arguments that only their functions ask for; the first whose arguments are all there."""


def kind_of(thing: Any, key: str) -> str:
    """Return the kind of an object; empty where its shape does not tell.

    Args:
        thing: A function, a class, or another object.
        key: What names it, for the sentence.

    Raises:
        ConfigError: If it is neither a thing that is known nor one that can be called by names.

    Example:
        >>> kind_of(lambda angles, updates: updates.mean(0), "NAME"), kind_of(lambda x: x, "NAME")
        ('rule', '')
    """
    if is_sampler(thing):
        return "solver"
    if _is(thing, Strategy):
        return "strategy"
    if _is(thing, Module) or hasattr(thing, "logits") or own_model.kind_of(thing) != "maker":
        return "model"
    asked = set(taken(thing, key))
    return next((kind for kind, marks in MARKS if marks <= asked), "")


def _is(thing: Any, kind: type) -> bool:
    return isinstance(thing, kind) or (isinstance(thing, type) and issubclass(thing, kind))
