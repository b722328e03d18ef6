"""Every row of the tables makes what it says.

Also covers qfl/extend.py and qfl/spec_rows.py.
"""

import subprocess
import sys

import pytest

from qfl.config import KEYS, Settings
from qfl.config.setting import settings_of
from qfl.extend import load_object
from qfl.spec_rows import setting_at
from qfl.specs import D2D_CHANNELS, DATASETS, MODELS, TASKS, UPLINK_CHANNELS, models_of
from qfl.wireless.d2d import D2dScenario
from qfl.wireless.scenario import UplinkScenario


@pytest.mark.parametrize("name", MODELS)
def test_every_setting_of_a_model_is_one_of_a_run(name):
    for argument, key in MODELS[name].settings.items():
        assert argument and any(each == key or each.startswith(f"{key}.") for each in KEYS)
        setting_at(Settings(), key)


@pytest.mark.parametrize(
    "reference",
    [
        *(spec.maker for spec in MODELS.values()),
        *(reference for spec in TASKS.values() for reference in (spec.builder, spec.memory)),
        *(reference for spec in DATASETS.values() for reference in (spec.loader, spec.files) if reference),
        *(spec.maker for table in (UPLINK_CHANNELS, D2D_CHANNELS) for spec in table.values()),
    ],
)
def test_every_reference_names_something_that_can_be_called(reference):
    assert callable(load_object(reference))


@pytest.mark.parametrize(("table", "scenario"), [(UPLINK_CHANNELS, UplinkScenario()), (D2D_CHANNELS, D2dScenario())])
def test_a_channel_names_its_own_parameters_and_they_are_the_scenarios(table, scenario):
    for spec in table.values():
        assert spec.title and all(hasattr(scenario, name) for name in spec.settings)
    if table is UPLINK_CHANNELS:
        assert settings_of(UplinkScenario)["path_loss"].choices == tuple(table)
    assert KEYS["d2d.channel"].choices == tuple(D2D_CHANNELS)


def test_every_model_does_a_task_and_every_task_has_models():
    assert {task for spec in MODELS.values() for task in spec.tasks} == set(TASKS)
    assert list(dict.fromkeys(name for task in TASKS for name in models_of(task))) == list(MODELS)


def test_titles_tell_models_apart():
    assert len({spec.title for spec in MODELS.values()}) == len(MODELS)


def test_the_tables_are_read_without_torch():
    code = "import sys, qfl.specs, qfl.config; sys.exit('torch' in sys.modules or 'pennylane' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
