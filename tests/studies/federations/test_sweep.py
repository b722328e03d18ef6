"""A grid of settings is a comparison: an axis for each key, refused value by value before anything is run."""

import pytest

from qfl.errors import ConfigError
from qfl.studies.federations.settings import from_tables, members, to_tables
from qfl.studies.federations.sweep import grid_of, parse_axis, values_of

GRID = {"model.layers": [20, 40], "strategy.name": ["fedavg", "median", "krum"]}


def test_every_combination_has_every_seed_and_its_own_settings():
    settings = grid_of({"rounds": 3, "seed": 9, "model.layers": 7}, GRID, 2)
    runs = members(settings)
    assert len(runs) == 12 and {run.seed for run in runs} == {1, 2}
    for run in runs:
        own = values_of(settings, run.names)
        assert (run.settings.model.layers, run.settings.strategy.name) == (own["model.layers"], own["strategy.name"])
        assert run.settings.rounds == 3 and run.label == " + ".join(f"{key}={value}" for key, value in own.items())
    assert len({run.folder for run in runs}) == 12 and all("/" not in run.folder for run in runs)
    assert from_tables(to_tables(settings)) == settings


@pytest.mark.parametrize(
    ("base", "grid", "seeds", "sentences"),
    [
        ({}, {}, 3, ["nothing is swept"]),
        ({}, {"model.layers": []}, 3, ["a sweep takes a list of values"]),
        ({}, {"strategy.name": "median"}, 3, ["strategy.name = 'median': a sweep takes a list of values"]),
        ({}, {"model.layers": [1, 2, 1]}, 3, ["model.layers = 1 is given twice"]),
        ({}, {"seed": [1, 2]}, 3, ["seed is set by the sweep"]),
        ({}, {"run.folder": ["a", "b"]}, 3, ["run.folder is set by the sweep"]),
        ({}, {"model.layers": [1, 2]}, 0, ["seeds = 0: give a whole number from 1"]),
        ({}, {"model.layers": list(range(1, 102))}, 1, ["the choices make 101 combinations"]),
        ({}, {"model.layerz": [1, 2]}, 1, ["unknown setting 'model.layerz'; did you mean 'model.layers'?"]),
        (
            {"roundz": 1},
            {"model.layers": [0, "x"], "strategy.trim": [0.9]},
            1,
            [
                "unknown setting 'roundz'",
                "model.layers = 0: expected a value of at least 1",
                "model.layers = 'x': expected a whole number",
                "strategy.trim = 0.9: expected",
            ],
        ),
        ({}, {"data.root": ["a b", "a_b"]}, 1, ["no run folders of their own"]),
        ({}, {"data.root": ["a" * 300, "b"]}, 1, ["no run folders of their own"]),
    ],
)
def test_what_cannot_be_swept_is_one_sentence_a_fault_in_the_words_of_one_run(base, grid, seeds, sentences):
    with pytest.raises(ConfigError) as caught:
        grid_of(base, grid, seeds)
    assert len(caught.value.faults) == len(sentences), caught.value.faults
    for fault, sentence in zip(caught.value.faults, sentences, strict=True):
        assert sentence in fault


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("model.layers=20,40", [20, 40]),
        ("strategy.name=fedavg,median", ["fedavg", "median"]),
        ("train.learning-rate = 0.1, 1e-2", [0.1, 0.01]),
        ('data.name="a,b","c"', ["a,b", "c"]),
        ("fading=true", [True]),
    ],
)
def test_values_are_toml_or_bare_words(text, values):
    assert parse_axis(text)[1] == values


@pytest.mark.parametrize("text", ["model.layers", "=1,2", "model.layers=", "model.layers= "])
def test_words_without_key_or_values_are_refused(text):
    with pytest.raises(ConfigError, match="--sweep takes key=value,value"):
        parse_axis(text)
