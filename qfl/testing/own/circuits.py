"""An encoding or an ansatz of somebody's own, judged as the circuit and as the classifier that a run makes of it."""

from collections.abc import Iterator

from qfl.models.vqc import Vqc
from qfl.testing.kits import Check, circuit
from qfl.testing.own.kinds import Case
from qfl.testing.own.models import classifier_checks


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of the circuit, then of the model.

    Raises:
        UserError: If no circuit can be made.
    """
    features, labels = case.sizes()
    model = Vqc(case.settings.model, features, labels)
    yield from circuit.checks(lambda: Vqc(case.settings.model, features, labels).circuit)
    yield from classifier_checks(model, features, labels)
