"""Clients that the run names, and those of a function of the user's own."""

import sys
from pathlib import Path

import numpy as np
import pytest

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.grids.named_selection import among, chooser
from qfl.federation.runtime.launch import run_app
from qfl.tasks.build import build

RULES = """
import numpy as np

def by_turns(round_number, clients, per_round):
    start = round_number * per_round % len(clients)
    return [clients[(start + k) % len(clients)] for k in range(per_round)]

def drawn(rng, clients, share=0.5): return rng.permutation(clients)[: max(1, int(share * len(clients)))]
def tagged(tags, name): return tags[name]
def too_many(clients): return clients
def none(): return []
def twice(): return [1, 1]
def absent(clients): return [len(clients)]
def words(): return ["0"]
def number(): return 3
def breaks(): raise ValueError("no such site")
def later(round_number): return [0] if round_number < 3 else []
"""


@pytest.fixture
def choose(tmp_path, monkeypatch):
    (tmp_path / "rules.py").write_text(RULES)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def make(selection, **flat):
        settings = {"clients.count": 12, "clients.selection": selection}
        settings |= {key.replace("__", "."): value for key, value in flat.items()}
        return chooser(build(Settings.from_flat(settings | {"model.name": "logistic"})))

    return make


def test_all_who_are_named_are_asked_or_as_many_as_the_run_asks(choose):
    assert choose([9, "2-4"])(1) == [2, 3, 4, 9]
    some = choose([9, "2-4"], **{"clients__per-round": 2})
    rounds = [some(number) for number in range(1, 200)]
    assert all(len(chosen) == 2 and set(chosen) <= {2, 3, 4, 9} and chosen == sorted(chosen) for chosen in rounds)
    shares = np.bincount(np.concatenate(rounds), minlength=12)[[2, 3, 4, 9]] / 199
    assert shares == pytest.approx([0.5] * 4, abs=0.15)
    assert some(7) == some(7) == among((2, 3, 4, 9), 1, 2, 7)


def test_a_function_gets_what_it_asks_for(choose):
    turns = choose("rules.py:by_turns", **{"clients__per-round": 5})
    assert turns(1) == [5, 6, 7, 8, 9] and turns(2) == [0, 1, 2, 10, 11]
    drawn = choose("rules.py:drawn", clients__my__share=0.25)
    assert len(drawn(4)) == 3 and drawn(4) == drawn(4) != drawn(5)
    assert drawn(4) == choose("rules.py:drawn", clients__my__share=0.25)(4)
    assert choose("rules.py:tagged", clients__my__name="roof", clients__tags__roof=[7, "1-2"])(1) == [1, 2, 7]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("too_many", "returned 12 clients; return 1 to 5"),
        ("none", "returned 0 clients"),
        ("twice", "a client twice"),
        ("absent", "'12', which is no client; return numbers from 0 to 11"),
        ("words", "which is no client"),
        ("number", "returned int; return a list"),
        ("breaks", "raised ValueError: no such site"),
        ("missing", "has no 'missing'"),
    ],
)
def test_what_is_wrong_with_a_function_is_said_before_anybody_trains(choose, rule, said):
    with pytest.raises(ConfigError, match=said) as caught:
        choose(f"rules.py:{rule}", **{"clients__per-round": 5})
    assert "clients.selection" in str(caught.value)


def test_and_what_goes_wrong_later_names_the_round(choose):
    with pytest.raises(ConfigError, match="in round 3 returned 0 clients"):
        choose("rules.py:later")(3)


def test_a_run_asks_whom_it_names(small):
    flat = {"clients__count": 6, "clients__per_round": 2, "clients__selection": "1, tag:far"}
    settings = small("named", clients__tags='{"far": ["3-4"]}', **flat)
    folder = run_app(settings, Path(__file__).parents[3])
    asked = {row["client"] for row in folder.clients()}
    assert asked <= {1, 3, 4} and all(row["asked"] == 2 for row in folder.rounds()[1:])
