"""Every row of the tables makes what it says."""

import subprocess
import sys

import pytest

from qfl.config import Settings
from qfl.extend import load_object
from qfl.specs import DATASETS, MODELS, TASKS, models_of, setting_at


@pytest.mark.parametrize("name", MODELS)
def test_every_setting_of_a_model_is_one_of_a_run(name):
    for argument, key in MODELS[name].settings.items():
        assert argument and setting_at(Settings(), key) is not None


@pytest.mark.parametrize(
    "reference",
    [
        *(spec.maker for spec in MODELS.values()),
        *(reference for spec in TASKS.values() for reference in (spec.builder, spec.memory)),
        *(reference for spec in DATASETS.values() for reference in (spec.loader, spec.files) if reference),
    ],
)
def test_every_reference_names_something_that_can_be_called(reference):
    assert callable(load_object(reference))


def test_every_model_does_a_task_and_every_task_has_models():
    assert {spec.task for spec in MODELS.values()} == set(TASKS)
    assert [name for task in TASKS for name in models_of(task)] == list(MODELS)


def test_titles_tell_models_apart():
    assert len({spec.title for spec in MODELS.values()}) == len(MODELS)


def test_the_tables_are_read_without_torch():
    code = "import sys, qfl.specs, qfl.config; sys.exit('torch' in sys.modules or 'pennylane' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
