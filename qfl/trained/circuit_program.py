"""A trained circuit as a program that needs no qfl: PennyLane source that predicts, or OpenQASM 3."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.data.transform import Preprocessing
from qfl.errors import ConfigError
from qfl.models.vqc import Vqc
from qfl.quantum.pennylane_writing import pennylane_source
from qfl.quantum.qasm_writing import to_qasm
from qfl.quantum.state_preparation import prepared

FORMATS = ("pennylane", "qasm")


@dataclass(frozen=True, eq=False)
class TrainedCircuit:
    """A classifier's circuit with its numbers.

    Args:
        model: The classifier.
        entries: Its trained entries, angles first.
        classes: Names of the labels.
        preprocessing: What training fitted.
        about: Where it is from, in one line.
    """

    model: Vqc
    entries: NDArray
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    about: str

    @property
    def angles(self) -> NDArray[np.float64]:
        """The circuit's angles."""
        return self.entries[: self.model.circuit.num_angles].astype(np.float64)

    def to_pennylane(self) -> str:
        """Return a Python program that needs PennyLane alone: ``circuit``, ``features``, ``logits``, ``predict``."""
        factor, shift = self.model.head(self.entries)
        source = pennylane_source(self.model.circuit)
        return "\n".join(
            [
                f'"""{self.about}.\n\n    python THIS_FILE SAMPLES.npz     prints the class of each row of x\n"""\n',
                "import sys\n\nimport numpy as np\nimport pennylane as qml\n",
                f"WEIGHTS = np.array({self.angles.tolist()})",
                f"FACTOR = {factor!r}",
                f"SHIFT = np.array({shift.tolist()})",
                f"CLASSES = {list(self.classes)!r}",
                source[source.index("dev = ") :] + "\n",
                _features(self.preprocessing),
                PREDICT,
            ]
        )

    def to_qasm(self, sample: NDArray[np.float64] | None = None) -> str:
        """Return OpenQASM 3 with the trained angles.

        Args:
            sample: A raw sample, whose features are written as numbers (and as gates that prepare its amplitudes);
                None declares each feature as an input.

        Raises:
            ConfigError: If amplitudes are to be inputs, which OpenQASM has not.
        """
        circuit = self.model.circuit
        if sample is None:
            if circuit.amplitudes:
                raise ConfigError(
                    "the circuit's sample is its initial state (model.encoding = 'amplitude'), which is no input of "
                    "OpenQASM; write that of one sample with --sample N"
                )
            return f"// {self.about}\n{to_qasm(circuit, self.angles)}"
        features = self.preprocessing.apply(sample[None])[0]
        circuit = prepared(circuit, features) if circuit.amplitudes else circuit
        bound = features if circuit.num_features else None
        return f"// {self.about}\n{to_qasm(circuit, self.angles, bound)}"


PREDICT = '''
def logits(x):
    """Return the logit of each class for one raw sample."""
    return FACTOR * np.array(circuit(features(x), WEIGHTS)).reshape(-1) + SHIFT


def predict(x):
    """Return the class of one raw sample."""
    return CLASSES[int(np.argmax(logits(x)))]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: python {sys.argv[0]} SAMPLES.npz")
    for sample in np.load(sys.argv[1])["x"]:
        print(predict(sample))
'''


def circuit_of_model(model: Any, name: str) -> Vqc:
    """Return a model that is one circuit, for a program of it.

    Args:
        model: Of any task.
        name: Of the model, for the sentence.

    Raises:
        ConfigError: If it is no circuit that turns samples into logits.
    """
    if not isinstance(model, Vqc):
        raise ConfigError(
            f"model.name = {name!r} has no circuit that could be written; --format {' and '.join(FORMATS)} write those "
            "of vqc, and `qfl export RUN` without it a model file"
        )
    return model


def _features(fitted: Preprocessing) -> str:
    """Return the source of ``features``: from a raw sample to what the circuit takes."""
    head = 'def features(x):\n    """Return what the circuit takes of one raw sample."""\n'
    head += "    x = np.asarray(x, float).reshape(-1)\n"
    if fitted.side is not None:
        return head + (
            f"    side, size = {fitted.side}, int(round(len(x) ** 0.5))\n"
            "    framed = size if size % side == 0 else 1 << (size - 1).bit_length()  # a frame of zeros around it\n"
            "    block, frame = framed // side, (framed - size) // 2\n"
            "    mean = ((np.arange(size) + frame) // block == np.arange(side)[:, None]) / block\n"
            "    return (mean @ x.reshape(size, size) @ mean.T).reshape(-1)\n"
        )
    if fitted.mean is not None and fitted.components is not None:
        numbers = f"MEAN = np.array({fitted.mean.tolist()})\nCOMPONENTS = np.array({fitted.components.tolist()})\n\n\n"
        return f"{numbers}{head}    return COMPONENTS @ (x - MEAN)\n"
    return f"{head}    return x\n"
