"""Conformance kits for anybody's objects, and what tests share: circuits, references, damage, mutants."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.testing.attacks.adversarial import ATTACKS as ATTACKS, robust_accuracy as robust_accuracy
    from qfl.testing.attacks.leakage import (
        Sent as Sent,
        count_equations as count_equations,
        psnr_db as psnr_db,
        reconstruct as reconstruct,
        squared_errors as squared_errors,
    )
    from qfl.testing.attacks.membership import confidence as confidence, judged as judged, lira_scores as lira_scores
    from qfl.testing.attacks.shadows import Shadows as Shadows, Trained as Trained, train_shadows as train_shadows
    from qfl.testing.own.cases import (
        Named as Named,
        Place as Place,
        of_file as of_file,
        of_folder as of_folder,
        of_object as of_object,
    )
    from qfl.testing.own.kinds import KINDS as KINDS

__getattr__, __dir__ = attributes(__name__)
