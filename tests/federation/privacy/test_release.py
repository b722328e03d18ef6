"""What a client sends that adds noise itself: a noisy movement alone, and sums with as much noise as was promised."""

import numpy as np
import pytest

from qfl.angles import TWO_PI, AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError, Rejection, RoundFailed
from qfl.federation.client import train
from qfl.federation.masking.words import words_of
from qfl.federation.privacy.plan import plan_of, releases
from qfl.federation.privacy.release import noisy_angles, noisy_words
from qfl.federation.records.reply_status import failed
from qfl.privacy.accountant import epsilon
from qfl.privacy.discrete_sum import whole_sensitivity
from qfl.security.audit.audit import audit
from qfl.security.masking.statements import Start
from qfl.security.session import packed
from qfl.tasks.build import build
from qfl.tasks.local import ClientUpdate, train_clients

pytest.importorskip("dp_accounting")
LOCAL = {"privacy--mechanism": "local", "privacy--noise-multiplier": 3.0, "privacy--clip": 0.02}
MASKED = {**LOCAL, "privacy--mechanism": "distributed", "security--aggregation": "masked"}
LAYOUT = AngleLayout(tuple(f"a{k}" for k in range(400)), (TWO_PI,) * 400)
START = Start(b"r" * 16, 1, b"n" * 16, 1, 1, packed(range(6)), 0, 5, "none", b"")


def plan(flat, layout=LAYOUT):
    settings = {key.replace("--", "."): value for key, value in flat.items()}
    return plan_of(Settings.from_flat({"clients.count": 6, **settings}), layout)


def update(client, moved):
    return ClientUpdate(client, np.asarray(moved, dtype=np.float64), 40, 0.5, 0.4, 0.3)


def sum_of(own, moved):
    """What the server decodes of some clients' words."""
    words = words_of(LAYOUT, "accuracy")
    total = sum(noisy_words(own, words, update(k, each), np.zeros(400), START) for k, each in enumerate(moved))
    return words.noisy_mean(total, np.zeros(400), 1)


def test_a_client_sends_its_clipped_movement_and_all_of_its_noise():
    own = plan(LOCAL)
    sent = np.array([noisy_angles(own, update(k, np.full(400, 0.5)), np.zeros(400), 1) for k in range(30)])
    noise = sent - 0.02 / np.sqrt(400)
    assert own.deviation == pytest.approx(3.0 * 2 * 0.02)
    assert noise.std() == pytest.approx(own.deviation, rel=0.03)
    assert abs(noise.mean()) < 4 * own.deviation / np.sqrt(noise.size)
    assert np.abs(np.corrcoef(noise[:5])[np.triu_indices(5, 1)]).max() < 0.25


def test_the_noise_of_a_sum_of_the_fewest_survivors_is_what_is_accounted_for():
    moved = [np.full(400, 0.5)] * 5
    angles, metrics = sum_of(plan(MASKED), moved)
    noise = angles - 5 * 0.02 / np.sqrt(400)
    assert noise.std() == pytest.approx(3.0 * 0.02, rel=0.12) and metrics == {"num-examples": 5}


def test_what_the_server_knows_of_some_clients_leaves_as_much_noise_of_the_others():
    own = plan({**MASKED, "privacy--colluding": 2})
    angles, _ = sum_of(own, [np.zeros(400)] * 3)
    assert angles.std() == pytest.approx(3.0 * 0.02, rel=0.12)


def test_one_clients_words_by_themselves_carry_a_share():
    angles, _ = sum_of(plan(MASKED), [np.zeros(400)])
    assert angles.std() == pytest.approx(3.0 * 0.02 / np.sqrt(5), rel=0.12)


def test_a_round_of_masked_words_is_the_noisy_mean_and_tells_no_loss(small, federate):
    settings = small(rounds=1, **MASKED)
    folder, federation = federate(settings), build(settings)
    start, own = federation.model.initial(settings.seed).astype(np.float64), plan_of(settings, federation.model.layout)
    total = np.zeros(len(start))
    for each in train_clients(federation, start, 1, range(6)):
        moved = each.angles - start
        total += moved * min(1, 0.02 / np.linalg.norm(moved))
    noise = 6 * (np.array(folder.header["final"]["angles"]) - start) - total
    assert 0 < np.abs(noise).max() < 5 * own.deviation * np.sqrt(6 / 5)
    row = folder.rounds()[-1]
    assert row["train_loss"] is None and row["train_accuracy"] is None and row["loss"] is not None
    assert row["privacy"]["noise_rad"] == pytest.approx(own.deviation * np.sqrt(6 / 5) / 6)
    assert row["privacy"]["epsilon"] == pytest.approx(epsilon({3.0: 1}, 1e-5)) and audit(folder).findings == ()


def test_a_round_with_a_client_that_is_lost_still_divides_by_those_asked(small, federate):
    def absent(messages, contexts):
        replies = zip(messages, contexts, train(messages, contexts), strict=True)
        return [failed(m, "ill") if c.node_config["partition-id"] == 2 else r for m, c, r in replies]

    settings = small(rounds=1, **{**MASKED, "privacy--noise-multiplier": 1e-3})
    folder, federation = federate(settings, absent), build(settings)
    start, total = federation.model.initial(settings.seed).astype(np.float64), 0.0
    for each in train_clients(federation, start, 1, [0, 1, 3, 4, 5]):
        moved = each.angles - start
        total = total + moved * min(1, 0.02 / np.linalg.norm(moved))
    np.testing.assert_allclose(np.array(folder.header["final"]["angles"]) - start, total / 6, atol=1e-4)


def test_a_local_round_tells_no_loss_no_samples_and_goes_with_a_median(small, federate):
    folder = federate(small(rounds=2, strategy__name="median", **LOCAL))
    row = folder.clients()[-1]
    assert row["num_examples"] == 1
    assert [row[name] for name in ("train_loss", "loss", "accuracy", "noise", "shots")] == [None] * 5
    last = folder.rounds()[-1]
    assert (last["accepted"], last["train_loss"], last["worst_decile"]) == (6, None, None)
    assert last["privacy"]["epsilon"] == pytest.approx(epsilon({3.0: 2}, 1e-5))


@pytest.mark.parametrize("base", [LOCAL, MASKED], ids=["local", "distributed"])
def test_the_same_seed_gives_the_same_run(small, federate, base):
    ends = [federate(small(name, rounds=1, **base)).header["final"]["angles_sha256"] for name in "ab"]
    assert ends[0] == ends[1]


def test_a_client_that_tells_more_than_its_movement_is_not_what_was_asked_for(small, federate):
    """One of another version, which signs its metrics as well."""
    plain = small(rounds=1)

    def telling(messages, contexts):
        for context in contexts:
            context.run_config = {**context.run_config, "privacy.mechanism": "none", "privacy.noise-multiplier": 0.0}
        return train(messages, contexts)

    with pytest.raises(RoundFailed, match="wrong-mode"):
        federate(small("other", rounds=1, **LOCAL), telling)
    assert plain.privacy.mechanism == "none"


def test_angles_that_are_not_finite_are_not_released():
    bad = np.full(400, np.nan)
    with pytest.raises(Rejection, match="not-finite"):
        noisy_angles(plan(LOCAL), update(0, bad), np.zeros(400), 1)
    with pytest.raises(Rejection, match="not-finite"):
        noisy_words(plan(MASKED), words_of(LAYOUT, "accuracy"), update(0, bad), np.zeros(400), START)


def test_more_colluding_clients_than_a_sum_is_sure_to_have_are_refused():
    with pytest.raises(ConfigError, match="no more than 5 clients are sure to be in a sum"):
        plan({**MASKED, "privacy--colluding": 5})


def test_a_clip_as_fine_as_the_grid_is_refused():
    noise = np.sqrt(4.99) / whole_sensitivity(1e-9, 400)  # shares of variance 1
    with pytest.raises(ConfigError, match="too fine for noise on whole numbers"):
        plan({**MASKED, "privacy--clip": 1e-9, "privacy--noise-multiplier": float(noise)})


@pytest.mark.parametrize(("flat", "most"), [({}, 9), ({"clients.per-round": 2}, 6), ({"clients.selection": "0,3"}, 9)])
def test_the_rounds_in_which_a_client_is_asked_follow_from_the_settings(flat, most):
    found = releases(Settings.from_flat({"rounds": 9, "clients.count": 6, **flat}))
    assert found == most if most == 9 else 3 <= found <= most
