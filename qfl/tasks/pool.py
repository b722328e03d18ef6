"""Circuits of a federation's clients on a pool of simulated QPUs: values by cuts and shots, and the jobs that they are.

Values are computed here and now, each of a circuit's pieces by the exact engine or with shots drawn from it; when and
where they would have been had, and at which price, `qfl.backbone.orchestration.round_jobs` says on the virtual clock.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import count
from math import inf
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import angle_digest
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool, read_pool
from qfl.backbone.orchestration.jobs import Job
from qfl.backbone.orchestration.round_jobs import PoolRound, run_round, training_job
from qfl.backbone.runtime.cutting.fitted import FittedCircuit, PieceLoad, fit
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.extend import find_file
from qfl.quantum.circuit import Circuit
from qfl.quantum.client_noise import SERVER
from qfl.seeds import stream
from qfl.tasks.federation import DeviceTest, Task
from qfl.tasks.local_steps import local_steps

UNSHOT = 1000  # shots that a circuit is charged whose values are exact (device.shots = 0)
Execute = Callable[[Circuit, Tensor, Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class PoolPlan:
    """A run's pool, and the circuit that its clients run there.

    Args:
        settings: The run's.
        pool: Of ``device.pool``.
        fitted: The circuit, cut for the widest QPU.
        samples: Training samples of each client.
        tested: Samples of a test, those that are held out for validation included.
    """

    settings: Settings
    pool: Pool
    fitted: FittedCircuit
    samples: Sequence[int]
    tested: int

    @cached_property
    def loads(self) -> list[PieceLoad]:
        """What each piece takes for one value of the circuit."""
        return self.fitted.load(self.settings.device.shots or UNSHOT)

    def round(self, number: int, clients: Sequence[int]) -> PoolRound:
        """Return what the pool makes of a round.

        Args:
            number: The round.
            clients: Who is asked.
        """
        deadline_s = self.settings.device.deadline_s
        jobs = {client: self._training(client, inf if deadline_s is None else deadline_s) for client in clients}
        return self._run(jobs, number)

    def test(self, number: int) -> PoolRound:
        """Return what the pool makes of the test after a round: one job without a deadline."""
        return self._run({SERVER: training_job("the test", self.loads, [self.tested])}, number)

    def check(self) -> None:
        """Return if every QPU is simulated and every piece has one that takes it.

        Raises:
            ConfigError: If not.
        """
        timed = [each.name for each in self.pool.running if not each.simulated or not each.shot_s]
        if timed:
            raise ConfigError(
                f"device.pool: {timed[0]!r} has no virtual time, without which no seed repeats a run; give it "
                "simulated = true and a shot-s above 0"
            )
        drifts = [each.name for each in self.pool.running if each.drift]
        if drifts:
            raise ConfigError(
                f"device.pool: {drifts[0]!r} drifts, and circuits here run without noise; leave drift out"
            )
        self._run({0: self._training(0, inf)}, 0)

    def _training(self, client: int, deadline_s: float) -> Job:
        held, most = self.samples[client], self.settings.train.batch_size
        each = min(held, most) * self.fitted.whole.evaluations
        steps = local_steps(self.settings, held)
        return training_job(f"client {client}", self.loads, [each] * steps, deadline_s)

    def _run(self, jobs: dict[int, Job], number: int) -> PoolRound:
        return run_round(self._qpus, jobs, self.settings.device.scheduler, self.settings.seed, (number,))

    @cached_property
    def _qpus(self) -> list[Backend]:
        """The QPUs; one at another site is held while messages go there and back."""
        return [replace(each, setup_s=each.setup_s + self.pool.away_s(each)) for each in self.pool.running]


def pool_tasks(
    settings: Settings, circuit: Circuit, samples: Sequence[int], tested: int, task_of: Callable[[Execute], Task]
) -> dict[str, Any]:
    """Return what a federation has of a pool: ``on_device``, ``device_test`` and ``pool``.

    Args:
        settings: A run's, with engine = "pool".
        circuit: That is trained.
        samples: Training samples of each client.
        tested: Samples of a test.
        task_of: Makes the task from what executes circuits.

    Raises:
        ConfigError: If the pool cannot be read, has no QPU, or the circuit does not fit it by any cut.
    """
    pool = pool_of(settings.device.pool)
    width = max(each.qubits for each in pool.running)
    plan = PoolPlan(settings, pool, fit(circuit, width), samples, tested)
    plan.check()

    def on_device(client: int, round_number: int) -> Task:
        return task_of(on_pool(plan.fitted, settings.device.shots, (settings.seed, client, round_number)))

    def test_of(angles: NDArray[Any]) -> Task:
        path = (settings.seed, SERVER, int(angle_digest(angles)[:8], 16))
        return task_of(on_pool(plan.fitted, settings.device.shots, path))

    return {"on_device": on_device, "device_test": DeviceTest(_name(plan), test_of), "pool": plan}


def on_pool(fitted: FittedCircuit, shots: int | None, path: tuple[int, ...]) -> Execute:
    """Return what executes a circuit by its pieces; every call draws new shots, and the same calls the same ones.

    Args:
        fitted: The circuit, cut where it had to be.
        shots: Of every circuit that is run; None for exact values.
        path: What the shots are drawn from, such as (seed, client, round).
    """
    calls, (seed, *rest) = count(), path

    def execute(circuit: Circuit, angles: Tensor, samples: Tensor) -> Tensor:
        if angles.ndim == 1:
            return execute(circuit, angles[None], samples[None])[0]
        rows = fitted.whole.rows(angles, samples)
        if shots is None:
            values = fitted.values(rows)
        else:
            values = fitted.values_of_shots(rows, shots, stream(seed, "shots", *rest, next(calls)))
        return values.unflatten(0, samples.shape[:2])

    return execute


def pool_of(given: str) -> Pool:
    """Return the pool of ``device.pool``, which has a QPU that takes circuits.

    Args:
        given: Its file, relative to the app's folder.

    Raises:
        ConfigError: If there is no such file, it is no pool, or has no such QPU.
    """
    path = find_file(given)
    if path is None:
        raise ConfigError(f"device.pool = {given!r}: there is no such file; give a path relative to the app's folder")
    pool = _read(path, path.stat().st_mtime_ns)
    if not pool.running:
        raise ConfigError(
            f"device.pool = {given!r} has no QPU that takes circuits; give a [[backend]] of kind qpu its qubits, "
            "shot-s and simulated = true"
        )
    return pool


def pool_digest(given: str) -> str:
    """Return the SHA-256 of a pool's file; empty where no pool is given or there is no such file."""
    path = find_file(given) if given else None
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""


@lru_cache(maxsize=4)
def _read(path: Path, changed_ns: int) -> Pool:
    return read_pool(path, solvers=None)


def _name(plan: PoolPlan) -> str:
    """Return the device for people, such as ``pool of 3 QPUs (1 cut, 200 shots)``."""
    count, cuts, shots = len(plan.pool.running), plan.fitted.cuts, plan.settings.device.shots
    parts = [f"{cuts} cut{'s' if cuts > 1 else ''}"] if cuts else []
    parts += [f"{shots} shots"] if shots else []
    return f"pool of {count} QPU{'s' if count > 1 else ''}" + (f" ({', '.join(parts)})" if parts else "")
