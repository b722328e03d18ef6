"""What a run carries from round to round, and how a checkpoint holds it."""

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from qfl.best_round import Best
from qfl.best_round import load as load_best
from qfl.best_round import save as save_best
from qfl.errors import RunFolderError
from qfl.federation.grids.radio import AirState, load_air, save_air
from qfl.federation.kept import load_taken, save_taken
from qfl.federation.records.messages import ANGLES
from qfl.federation.strategy.state import Memory
from qfl.results import RunFolder

MAX_FAILURES = 3


@dataclass(frozen=True)
class State:
    """What changes from round to round, and what a checkpoint holds.

    Args:
        round: Rounds done.
        angles: The global angles, float32 or float64.
        memory: What the strategy carries on (`Player.memory`).
        failures: Failed rounds in a row.
        air: What the radio carries on.
        best: The best round by the samples that are held out for validation; None where there are none.
        taken: The last round whose update went into the angles, by client, where clients keep things.
        pool_clock_s: The virtual clock of the pool of QPUs; 0 without one.
    """

    round: int
    angles: NDArray
    memory: Memory
    failures: int = 0
    air: AirState = field(default_factory=AirState)
    best: Best | None = None
    taken: dict[int, int] = field(default_factory=dict[int, int])
    pool_clock_s: float = 0.0


def contents(state: State) -> tuple[int, dict[str, NDArray], dict[str, Any]]:
    """Return what a checkpoint of a state holds: the round, arrays by name, and plain values."""
    arrays, plain = state.memory
    named = {ANGLES: state.angles} | {f"strategy/{name}": array for name, array in arrays.items()}
    allocation, air = save_air(state.air)
    kept, best = save_best(state.best)
    own = {"strategy": plain, "failures": state.failures, "air": air} | best
    own |= {"pool_clock_s": state.pool_clock_s} if state.pool_clock_s else {}
    return state.round, named | allocation | kept | save_taken(state.taken), own


def save(folder: RunFolder, state: State) -> None:
    """Replace the checkpoint."""
    folder.save_checkpoint(*contents(state))


def load(folder: RunFolder) -> State | None:
    """Return the state of the checkpoint, or None before the first."""
    found = folder.load_checkpoint()
    if found is None:
        return None
    number, arrays, plain = found
    own = {name: array for name, array in arrays.items() if name.startswith("strategy/")}
    memory = {name.removeprefix("strategy/"): array for name, array in own.items()}
    try:
        failures, air = plain["failures"] % MAX_FAILURES, load_air(arrays, plain.get("air", {}))
        best, taken, pool_clock_s = load_best(arrays, plain), load_taken(arrays), float(plain.get("pool_clock_s", 0.0))
        return State(number, arrays[ANGLES], (memory, plain["strategy"]), failures, air, best, taken, pool_clock_s)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RunFolderError(
            f"{folder.path / 'checkpoint.npz'} lacks what a run goes on from ({error}); delete it to start over"
        ) from None
