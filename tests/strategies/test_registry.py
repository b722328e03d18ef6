"""Names, settings and formulas of the strategies."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from flwr.app import ConfigRecord
from flwr.clientapp import ClientApp

import strategies
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.grids.in_process import InProcessGrid
from qfl.federation.records.messages import to_record
from strategies.registry import STRATEGIES, make

START = np.zeros(6)


@pytest.mark.parametrize(
    ("given", "meant"), [("fedavgs", "fedavg"), ("trimmed_mean", "trimmed-mean"), ("noise", "noise-aware")]
)
def test_an_unknown_name_gets_the_nearest_known_one(given, meant, settings, layout):
    with pytest.raises(ConfigError, match=f"there is no such strategy; did you mean '{meant}'"):
        make(settings(given), layout)


def test_a_name_like_no_other_gets_the_whole_list(settings, layout):
    with pytest.raises(ConfigError, match="known are fedavg, fedavgm"):
        make(settings("xyzzy"), layout)


def test_every_recipe_file_is_registered():
    """A recipe is a file with a line in the registry; only the registry itself is none."""
    files = {path.stem for path in Path(strategies.__path__[0]).glob("*.py")} - {"__init__", "registry"}
    assert files == {name.replace("-", "_") for name in STRATEGIES}
    assert all(spec.make.__module__ == f"strategies.{name.replace('-', '_')}" for name, spec in STRATEGIES.items())


@pytest.mark.parametrize(
    ("name", "byzantine", "needed"),
    [("krum", 0, 3), ("krum", 1, 5), ("bulyan", 0, 3), ("bulyan", 1, 7), ("meamed", 1, 3)],
)
def test_too_few_clients_for_the_malicious_ones_are_refused(name, byzantine, needed, layout):
    flat = {"strategy.name": name, "strategy.byzantine": byzantine, "clients.count": 9}
    with pytest.raises(ConfigError, match=f"needs {needed} or more clients per round, but {needed - 1} are asked"):
        make(Settings.from_flat(flat | {"clients.per-round": needed - 1}), layout)
    make(Settings.from_flat(flat | {"clients.per-round": needed}), layout)


def test_qfedavg_refuses_clients_that_do_not_step(layout):
    with pytest.raises(ConfigError, match=r"needs train\.learning-rate above 0"):
        make(Settings.from_flat({"strategy.name": "qfedavg", "train.learning-rate": 0.0}), layout)


def test_a_step_size_that_has_no_effect_is_said_so(settings, layout):
    with pytest.warns(UserWarning, match=r"no effect with strategy\.name = 'median'"):
        make(settings("median", schedule="cosine"), layout)
    with pytest.warns(UserWarning, match=r"no effect with strategy\.name = 'fedavg'"):
        make(settings("fedavg", learning_rate=0.5), layout)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make(settings("fedadam", schedule="cosine", learning_rate=0.5), layout)


def test_fedprox_sends_its_weight_and_averages_as_fedavg_does(settings, layout, run_round):
    config, strategy = ConfigRecord(), make(settings("fedprox", proximal_mu=0.25), layout)
    list(strategy.configure_train(1, to_record(START), config, InProcessGrid(ClientApp(), {}, 3)))
    assert config["proximal-mu"] == 0.25

    def move(received, client):
        return received + client

    first, second = (run_round(make(settings(name), layout), START, 1, move) for name in ("fedprox", "fedavg"))
    np.testing.assert_array_equal(first, second)


def test_fedavg_and_delta_weight_by_samples(settings, layout, run_round):
    samples = 10 + np.arange(7)
    expected = np.average(np.arange(7.0), weights=samples)
    for name in ("fedavg", "delta"):
        result = run_round(make(settings(name), layout), START, 1, lambda received, client: received + client)
        np.testing.assert_allclose(result, expected, rtol=1e-12)


def test_qfedavg_is_the_papers_formula_with_the_loss_at_the_received_angles(settings, layout, run_round):
    moves = np.random.default_rng(1).normal(0, 0.1, (7, 6))
    result = run_round(make(settings("qfedavg", q=2.0), layout), START, 1, lambda received, k: received + moves[k])
    lipschitz, loss, q = 1 / 0.05, 1.0 + np.arange(7) / 10, 2.0
    gradient = -lipschitz * moves
    h = q * loss ** (q - 1) * np.sum(gradient**2, axis=1) + lipschitz * loss**q
    np.testing.assert_allclose(result, -(loss**q @ gradient) / h.sum(), rtol=1e-6)


def test_noise_aware_listens_less_to_noisier_clients(settings, layout, run_round):
    """Client k reports noise k / 10, so a cold temperature leaves almost only client 0, and the floor its share."""
    s = settings("noise-aware", temperature=1e-3, floor=0.0)
    np.testing.assert_allclose(run_round(make(s, layout), START, 1, lambda r, k: r + k), 0.0, atol=1e-12)
    s = settings("noise-aware", temperature=1e-3, floor=1.0)
    fedavg = np.average(np.arange(7.0), weights=10 + np.arange(7))
    np.testing.assert_allclose(run_round(make(s, layout), START, 1, lambda r, k: r + k), fedavg, rtol=1e-12)


def test_fedavgm_with_its_own_step_goes_as_far_as_fedavg_in_the_long_run(settings, layout, run_round):
    s = settings("fedavgm", momentum=0.5)
    strategy, angles = make(s, layout), START
    for number in range(1, 31):
        before, angles = angles, run_round(strategy, angles, number, lambda received, client: received + 0.1)
    np.testing.assert_allclose(angles - before, 0.1, rtol=1e-6)


def first_step(name, s, layout, run_round, step):
    return run_round(make(s, layout), START, 1, lambda received, client: received + step)


def test_fedadams_factor_is_one_round_ahead_of_adams(settings, layout, run_round):
    """The first step is 0.743 eta, where Kingma and Ba's correction would make it eta."""
    s = settings("fedadam", learning_rate=0.2, tau=0.0)
    factor = 0.1 / np.sqrt(0.01) * np.sqrt(1 - 0.99**2) / (1 - 0.9**2)
    assert factor == pytest.approx(0.743, abs=1e-3)
    np.testing.assert_allclose(first_step("fedadam", s, layout, run_round, 0.3), 0.2 * factor, rtol=1e-12)


def test_the_first_steps_of_the_others_are_as_their_pages_say(settings, layout, run_round):
    for name in ("fedyogi", "fedadagrad"):
        s = settings(name, learning_rate=0.2, tau=0.0)
        np.testing.assert_allclose(first_step(name, s, layout, run_round, 0.3), 0.2, rtol=1e-12)
    s = settings("fedavgm", momentum=0.8)
    np.testing.assert_allclose(first_step("fedavgm", s, layout, run_round, 0.3), 0.2 * 0.3, rtol=1e-12)


@pytest.mark.parametrize("name", ["fedadam", "fedyogi", "fedadagrad"])
def test_three_rounds_are_the_formula_of_the_strategys_page(name, settings, layout, run_round):
    moves, s = np.random.default_rng(2).normal(0, 0.1, (3, 6)), settings(name, learning_rate=0.2, tau=1e-3)
    strategy, angles, theta, m, v = make(s, layout), START, START, 0.0, 0.0
    for number in (1, 2, 3):
        move, factor = moves[number - 1], 1.0
        angles = run_round(strategy, angles, number, lambda received, client, move=move: received + move)
        m = move if name == "fedadagrad" else 0.9 * m + 0.1 * move
        if name == "fedadam":
            v = 0.99 * v + 0.01 * move**2
            factor = np.sqrt(1 - 0.99 ** (number + 1)) / (1 - 0.9 ** (number + 1))
        elif name == "fedyogi":
            v = v - 0.01 * move**2 * np.sign(v - move**2)
        else:
            v = v + move**2
        theta = theta + 0.2 * factor * m / (np.sqrt(v) + 1e-3)
        np.testing.assert_allclose(angles, theta, rtol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["fedadam", "fedyogi", "fedadagrad"])
def test_with_tau_zero_an_angle_that_never_moves_stays(name, dtype, settings, layout, run_round):
    step = np.array([0.0, 0.1, 1e-30, 0.0, 1e-25, -0.1])
    strategy, angles = make(settings(name, tau=0.0), layout), START.astype(dtype)
    for number in (1, 2):
        angles = run_round(strategy, angles, number, lambda received, client: (received + step).astype(dtype))
    assert np.isfinite(angles).all() and angles[0] == angles[3] == 0 and abs(angles[1]) > 1e-3


@pytest.mark.parametrize("q", [0.0, 0.1, 5.0, 1000.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_qfedavg_stays_finite_and_ends_at_the_worst_client(q, dtype, settings, layout, run_round):
    step = run_round(make(settings("qfedavg", q=q), layout), START.astype(dtype), 1, lambda r, k: r + (k + 1) / 100)
    assert np.isfinite(step).all() and np.all(step > 0)
    if q == 1000.0:  # the loss of client 6 is the highest; its gradient is 1.4 in each of six angles
        norm, loss = 6 * 1.4**2, 1.6
        np.testing.assert_allclose(step, 1.4 / (q * norm / loss + 20), rtol=1e-5)


OWN = """
from strategies.fedavg import make as fedavg

def halved(settings, layout, share=0.5):
    strategy = fedavg(settings, layout)
    strategy.share = share
    return strategy

def number(layout):
    return len(layout)
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)


def test_a_strategy_of_ones_own_is_called_with_what_it_asks_for_and_its_own_settings(own, layout):
    flat = {"strategy.name": "mine.py:halved", "strategy.my.share": 0.25}
    strategy = make(Settings.from_flat(flat), layout)
    assert type(strategy).__name__ == "FedAvg" and vars(strategy)["share"] == 0.25


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"strategy.name": "mine.py:halvd"}, r"mine\.py has no 'halvd'; did you mean 'halved'"),
        ({"strategy.name": "mine.py:number"}, r"gives a int, expected a Strategy of Flower's"),
        ({"strategy.name": "mine.py:halved", "strategy.my.shar": 1.0}, r"strategy\.my\.shar is no setting of halved"),
        ({"strategy.name": "none.py:make"}, r"there is no file none\.py in the app's folder"),
    ],
)
def test_what_is_no_strategy_of_ones_own_is_refused_in_a_sentence(own, layout, flat, said):
    with pytest.raises(ConfigError, match=said):
        make(Settings.from_flat(flat), layout)
