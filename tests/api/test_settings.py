"""Keywords, files, mappings and federations become the settings of one run, or a sentence."""

from dataclasses import replace

import numpy as np
import pytest

import qfl
from qfl.api.settings import asked, flat, written
from qfl.errors import ConfigError


def layers(index, angles):
    return ()


def test_keywords_are_settings_by_their_names_in_python():
    found = flat(
        {
            "train": {"local_steps": np.int64(2)},
            "cell_free": {"csi_error": 0.5},
            "strategy": {"name": "fedadam", "my": {"own_name": 1}},
            "model.layers": 3,
            "seed": None,
        }
    )
    assert found == {
        "train.local-steps": 2,
        "cell-free.csi-error": 0.5,
        "strategy.name": "fedadam",
        "strategy.my.own_name": 1,
        "model.layers": 3,
    }
    assert type(found["train.local-steps"]) is int


def test_an_object_becomes_a_reference_where_one_is_taken_and_nowhere_else():
    assert flat({"model": {"ansatz": layers}})["model.ansatz"].startswith("qfl.given:layers")
    with pytest.raises(ConfigError, match=r"rounds = <function .*: expected a number or a word, not a function"):
        flat({"rounds": layers})


def test_a_file_a_mapping_and_settings_are_the_same(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("rounds = 2\n[train]\nlocal-steps = 3\n")
    tables = {"rounds": 2, "train": {"local_steps": 3}}
    made = [asked(what, None, {}) for what in (path, str(path), tables, qfl.Settings.from_flat(written(path)))]
    assert {each.settings for each in made} == {qfl.Settings.from_flat({"rounds": 2, "train.local-steps": 3})}
    assert made[0].name == "own"


@pytest.mark.parametrize(
    ("what", "changes", "sentence"),
    [
        (3, {}, "a int cannot be run; give the path of a run file"),
        ("absent.toml", {}, "cannot read run file 'absent.toml'"),
        ({"roundz": 3}, {}, "unknown setting 'roundz'; did you mean 'rounds'"),
        ({"modle": {"ansatz": layers}}, {}, "unknown setting 'modle.ansatz'"),
        (
            {},
            {"backend": "ray", "strategy.name": "qfl.given:rule"},
            "'ray' trains in other processes, and strategy.name",
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(what, changes, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=sentence):
        asked(what, None, changes)


@pytest.fixture(scope="module")
def federation():
    return qfl.build(qfl.Settings.from_flat({"clients.count": 10, "model.layers": 1}))


def test_an_app_that_is_named_is_one(tmp_path):
    with pytest.raises(ConfigError, match="is no app's folder"):
        asked({}, tmp_path, {})
    (tmp_path / "pyproject.toml").write_text('[tool.flwr.app.components]\nserverapp = "server.app:app"\n')
    assert asked({}, str(tmp_path), {}).app == tmp_path.resolve()


def test_a_federation_that_its_settings_make_is_nobodys_own(federation):
    assert asked(federation, None, {"rounds": 3}).federation is None
    own = asked(replace(federation, baselines={}), None, {"rounds": 3}).federation
    assert own is not None and own.settings.rounds == 3


class Endless:
    layout = qfl.AngleLayout(("a", "b"), (6.28, 6.28))

    def initial(self, seed):
        return np.array([0.0, np.inf])


@pytest.mark.parametrize(
    ("parts", "changes", "sentence"),
    [
        ({}, {"model.layers": 2}, "model.layers is what the Federation was made with, 1"),
        ({}, {"clients.count": 9}, "to 10 clients, but clients.count = 9"),
        ({"parts": tuple(np.zeros(k, int) for k in range(10))}, {}, "client 0 of the Federation holds no sample"),
        ({"model": Endless()}, {}, "begins with an array of shape .2,., but its layout has 2 entries"),
        ({"baselines": {}}, {"backend": "ray"}, "'ray' trains in other processes, and the Federation"),
    ],
)
def test_a_federation_that_cannot_be_run_is_refused_before_anything_is_trained(federation, parts, changes, sentence):
    with pytest.raises(ConfigError, match=sentence):
        asked(replace(federation, **parts), None, changes)
