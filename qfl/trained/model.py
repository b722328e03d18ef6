"""A trained model in Python: `load_model` gives it from a file alone, and it predicts without run, data or server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import DataError, QflError
from qfl.security.signing import PublicKey
from qfl.trained.container import read_model
from qfl.trained.kinds import kind_of
from qfl.trained.own_files import require_same_files
from qfl.trained.predictor import Predictor


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained model, as `load_model` returns it.

    Args:
        settings: Of the run that trained it.
        angles: Its entries.
        names: One name per entry.
        predictor: What computes.
        provenance: Run, versions, digests and figures, in plain values.
        signed_by: Thumbprint of the server's key that signed the file, in hexadecimal digits; empty for a model that
            comes from no file.
    """

    settings: Settings
    angles: NDArray
    names: tuple[str, ...]
    predictor: Predictor
    provenance: Mapping[str, Any] = field(default_factory=dict)
    signed_by: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels; empty where there are none."""
        return tuple(getattr(self.predictor, "classes", ()))

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets of a regression, in the order of the columns; empty where there are none."""
        return tuple(getattr(self.predictor, "targets", ()))

    def predict(self, x: Any) -> NDArray:
        """Return labels, targets in their own units, powers in watts, or shares of power, one row per sample.

        Args:
            x: Raw samples, as before the preprocessing that training fitted: `inputs` says what, with axes.

        Raises:
            DataError: If they are not what the model takes, with both shapes.
            InputError: If the model makes no predictions of samples alone.
        """
        return self.predictor.predict(x)

    def probabilities(self, x: Any) -> NDArray:
        """Return the probability of every class, [sample class].

        Raises:
            DataError: As `predict`.
            InputError: If there are no classes.
        """
        return self.predictor.probabilities(x)

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return the task's figures, such as accuracy and loss, on samples.

        Args:
            x: As for `predict`.
            y: Labels or targets, where the task has them.

        Raises:
            DataError: As `predict`, or if there is not one label per sample.
        """
        return self.predictor.evaluate(x, y)

    @property
    def inputs(self) -> str:
        """What the model takes, in words."""
        return self.predictor.inputs

    def __repr__(self) -> str:
        name = f"{self.settings.model.name}, {len(self.angles)} entries, task {self.settings.task}"
        return f"<trained model {name}, takes {self.inputs}>"


def load_model(path: str | Path, *, signed_by: PublicKey | None = None) -> TrainedModel:
    """Return the trained model of a file that `qfl export` wrote.

    Args:
        path: The file.
        signed_by: The server's key that must have signed it; None takes the one that comes with the file.

    Raises:
        DataError: If the file is absent, damaged, forged, or of another version, or needs a file of the user's own that
            is not here; the sentence says which.
    """
    content, key = read_model(path, signed_by)
    header = content.header
    try:
        settings = Settings.from_flat(header["settings"])
        provenance = dict(header["provenance"])
        require_same_files(settings, _digests(provenance), str(path))
        restore = kind_of(settings.task, "restore")
        predictor = restore(settings, header["facts"], content.angles, content.arrays)
        names, digest = tuple(header["layout"]["names"]), header["layout"]["sha256"]
        layout = predictor.model.layout
    except DataError:
        raise
    except (QflError, KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        why = str(error) if isinstance(error, QflError) else f"{type(error).__name__}: {error}"
        raise DataError(f"{path} holds no model of this version ({' '.join(why.split())}); export it again") from None
    if (layout.names, layout.digest()) != (names, digest) or len(content.angles) != len(layout):
        raise DataError(
            f"{path}: its {len(content.angles)} entries are not the {len(layout)} of this version's "
            f"{settings.model.name}; train and export it again"
        )
    return TrainedModel(settings, content.angles, names, predictor, provenance, key.thumbprint.hex())


def _digests(provenance: Mapping[str, Any]) -> Mapping[str, Any]:
    found = provenance.get("own")
    return found if isinstance(found, Mapping) else {}
