"""A data set, ours or somebody's own, read as a run reads it, by the data sets' kit."""

from collections.abc import Iterator

from qfl.data.dataset import Dataset
from qfl.data.load import load, read
from qfl.data.own import Labelled, Labels, load_labelled
from qfl.specs import DATASETS, TASKS
from qfl.testing.kits import Check, dataset
from qfl.testing.own.kinds import Case


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a data set.

    Raises:
        UserError: If it cannot be read.
    """
    settings, seed, clients = case.settings.data, case.settings.seed, case.settings.clients.count
    kind, ours = TASKS[case.settings.task].labels or "classes", settings.name in DATASETS

    def found() -> Labelled:
        return read(settings, seed, kind) if ours else load_labelled(settings, seed, kind)

    def sets() -> tuple[Dataset, Dataset]:
        again = found()
        return again.train, again.test

    first = found()
    num_labels = None if kind == "targets" else len(first.classes)
    yield from dataset.checks(sets, first.train.inputs.shape[1], num_labels=num_labels, unit=ours)
    yield f"{clients} clients can share it as the settings say", lambda: _shared(case, kind)


def _shared(case: Case, kind: Labels) -> None:
    parts = load(case.settings.data, case.settings.clients.count, case.settings.seed, kind).parts
    empty = [number for number, part in enumerate(parts) if not len(part)]
    assert not empty, f"client {empty[0]} holds no sample"
