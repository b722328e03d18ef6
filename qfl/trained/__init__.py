"""Trained models as files: exported from a run, signed with its server's key, and used without the run folder."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.trained.export import export_circuit as export_circuit, export_run as export_run
    from qfl.trained.held_out import evaluate_on as evaluate_on, images_of as images_of
    from qfl.trained.model import TrainedModel as TrainedModel, load_model as load_model
    from qfl.trained.own_files import own_digests as own_digests
    from qfl.trained.start import Start as Start, require_trained as require_trained, start_from as start_from

__getattr__, __dir__ = attributes(__name__)
