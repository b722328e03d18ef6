"""What TensorBoard's own reader finds in the event files of a run that was killed and resumed."""

import pytest

from qfl.tracking.sinks.tensorboard import FOLDER, TensorBoard

pytest.importorskip("tensorboard", reason="the extra tensorboard is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


def read(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
    return found.Reload()


def test_every_number_is_there_once_at_its_round_and_the_settings_are_a_text(through_a_kill_and_a_resume, expected):
    run = through_a_kill_and_a_resume(lambda: {"tensorboard": TensorBoard()})
    found = read(run.folder.path / FOLDER)
    held = {tag: [(event.step, event.value) for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}
    assert held == expected
    assert len(list((run.folder.path / FOLDER).iterdir())) == 2
    (event,) = found.Tensors("settings/text_summary")
    assert b"    train.learning-rate = 0.125\n" in event.tensor_proto.string_val[0]


def test_a_round_is_in_the_file_as_soon_as_it_is_told(played):
    played.play({"tensorboard": TensorBoard()}, (0, 1))
    assert [event.step for event in read(played.folder.path / FOLDER).Scalars("loss")] == [0, 1]
