"""A pool is a TOML file with a table for each backend. Also covers qfl/backbone/infrastructure/backend.py."""

from pathlib import Path

import pytest

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool, read_pool
from qfl.errors import ConfigError

HOST = '[[backend]]\nname = "host"\nkind = "cpu"\nsolver = "annealing"\n'
QPU = """
[[backend]]
name = "q"
kind = "qpu"
solver = "qaoa"
simulated = true
shots = 100
queue-s = 1
shot-s = 0.01
"""


def pool_of(tmp_path: Path, text: str) -> Pool:
    path = tmp_path / "pool.toml"
    path.write_text(text)
    return read_pool(path)


def test_a_pool_has_a_classical_backend_that_always_runs_and_quantum_ones(tmp_path):
    pool = pool_of(tmp_path, QPU + HOST)
    assert pool.fallback.name == "host" and [each.name for each in pool.quantum] == ["q"]
    assert pool.named("q").seconds(0.5) == pytest.approx(1.5)
    assert pool.named("q").queue_s == 1.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the pool has no backend"),
        (QPU, "no classical backend"),
        (HOST + HOST, "'host' more than once"),
        (HOST + "colour = 3\n", "unknown key 'colour'"),
        (HOST + 'shots = "many"\n', "shots = 'many'; expected int"),
        (HOST + "failure = 1.0\n", "failure is 1.0; give a chance below 1"),
        (HOST + "power-w = nan\n", "power_w is nan; give a finite number"),
        (HOST.replace("cpu", "tpu"), "kind is 'tpu'; give one of cpu, gpu, qpu"),
        (HOST.replace("annealing", "magic"), "'magic' is no solver"),
        (HOST.replace("annealing", "absent.py:Mine"), "there is no file absent.py"),
        ('[[backend]]\nname = "a"\n', "kind is missing"),
        ("backend = 3\n", "no list of tables"),
        (HOST + "[other]\nx = 1\n", "unknown table 'other'"),
        ('between-sites-s = "near"\n' + HOST, "between-sites-s = 'near'; give the seconds"),
        ("between-sites-s = true\n" + HOST, "between-sites-s = True; give the seconds"),
        ("between-sites-s = -0.1\n" + HOST, "between_sites_s is -0.1; give a finite number of 0 or more"),
        ("between-sites-s = inf\n" + HOST, "between_sites_s is inf"),
        (HOST + QPU.replace('"q"', '"distributed"'), "give it another name"),
    ],
)
def test_what_is_no_pool_is_refused_in_one_sentence(tmp_path, text, said):
    with pytest.raises(ConfigError) as found:
        pool_of(tmp_path, text)
    assert said in str(found.value) and str(tmp_path) in str(found.value)


def test_a_calibration_ages_and_noise_grows_with_it():
    drifting = Backend("q", "qpu", "qaoa", calibration_s=100.0, drift=0.5)
    assert [drifting.lost(now) for now in (0.0, 50.0, 100.0, 150.0)] == [0.0, 0.25, 0.0, 0.25]
    assert Backend("host", "cpu", "annealing").lost(1e9) == 0.0


def test_a_backend_of_another_site_is_a_message_away_and_one_back(tmp_path):
    pool = pool_of(tmp_path, "between-sites-s = 0.25\n" + HOST + QPU + 'site = "there"\n')
    assert [pool.away_s(each) for each in pool.backends] == [0.0, 0.5]
