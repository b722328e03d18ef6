"""Four clients on hosts of their own, sealed, signed and masked: one is killed in each step, and the SuperLink once."""

import os

import numpy as np
import pytest

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.federation.masking.words import words_of
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

pytestmark = [
    pytest.mark.deployment,
    pytest.mark.skipif("QFL_LONG" not in os.environ, reason="up to half an hour: QFL_LONG=1 runs it"),
]
KILLED = {1: "advertise_1", 2: "share_2", 3: "3", 4: "agree_4", 5: "unmask_5"}  # client 3, by round
LIMIT_S = 900.0


@pytest.fixture(scope="module")
def fleet(make_rogue_fleet):
    fleet = make_rogue_fleet(4)
    fleet.up()
    return fleet


def wait_for_file(fleet, path):
    fleet.wait_for(path.exists, LIMIT_S, path.name)


def integer_fedavg(settings, angles, number, clients):
    """Federated Averaging of one round in whole numbers of Python, unmasked, every client trained by itself."""
    federation = build(settings)
    limits = words_of(federation.model.layout, federation.metric.name).point.limit[6:]
    total, samples = [0] * len(angles), 0
    for client in clients:
        (update,) = train_clients(federation, angles, number, [client])
        moved = np.clip(update.angles - angles, -limits, limits)
        total = [t + update.num_examples * round(float(m) * 2**32) for t, m in zip(total, moved, strict=True)]
        samples += update.num_examples
    return angles + np.array([float(t) / samples / 2.0**32 for t in total])


def killed_in_every_step(fleet, name, **changes):
    """Run six rounds; client 3 dies in a step of each of the first five, the SuperLink in the sixth."""
    fleet.hook(3, **{f"r{moment}": {"kind": "wait", "for": "never"} for moment in KILLED.values()})
    held = {number: {"kind": "wait", "for": f"go-{number}"} for number in (1, 2, 3, 4, 6)}
    fleet.hook(0, **{f"r{'agree' if number == 6 else 'unmask'}_{number}": what for number, what in held.items()})
    for path in (
        path for client in range(4) for pattern in ("at-work-*", "go-*") for path in fleet.node(client).glob(pattern)
    ):
        path.unlink()
    masked = {"security__aggregation": "masked", "round__deadline_s": 400, "round__quorum": 0.5}
    run = fleet.run(name, rounds=6, **masked, **changes)
    for number, moment in KILLED.items():
        wait_for_file(fleet, fleet.node(3) / f"at-work-{moment.replace('_', '-')}")
        fleet.kill("node-3")
        fleet.up()
        fleet.wait_for(lambda: "SuperNode ID: " in fleet.log("node-3"), LIMIT_S, "the killed node")
        (fleet.node(0) / f"go-{number}").touch()  # it is back before the next roll call
    wait_for_file(fleet, fleet.node(0) / "at-work-agree-6")
    fleet.kill("superlink")
    fleet.up()
    (fleet.node(0) / "go-6").touch()
    run.end(900)
    return run


def accepted_in(run, number):
    """Return who is in the sum of a round, after seeing that it is who should be."""
    accepted = [client for client, (status, _) in sorted(run.clients(number).items()) if status == "accepted"]
    assert accepted == ([0, 1, 2] if number <= 3 else [0, 1, 2, 3]) or (number, accepted) == (6, [0, 1, 2])
    return accepted


def test_killed_in_every_step_the_sums_are_those_of_the_survivors_bit_for_bit(fleet):
    run = killed_in_every_step(fleet, "masked")
    settings, rows = Settings.from_flat(run.folder.header["settings"]), run.rounds()
    angles = build(settings).model.initial(settings.seed).astype(np.float64)
    for number in range(1, 7):
        angles = integer_fedavg(settings, angles, number, accepted_in(run, number))
        assert rows[number]["angles_sha256"] == angle_digest(angles) and rows[number]["failure"] is None
    steps = [rows[number]["masking"]["phases"] for number in range(1, 7)]
    assert [steps[k - 1][KILLED[k].split("_")[0].replace("3", "train")]["answered"] for k in KILLED] == [3] * 5
    kept = list(fleet.node(1).glob("state/masking/*/client-1.cbor"))
    assert kept and all(path.stat().st_mode & 0o777 == 0o600 for path in kept)


def signed(words):
    """Return words modulo 2^64 as whole numbers of Python, negative ones too."""
    return [word - (word >> 63 << 64) for word in words]


def test_so_are_private_sums_of_which_nobody_knows_the_noise(fleet):
    """Each survivor's words, with its noise from the operating system, are added up in whole numbers of Python."""
    private = {"privacy__mechanism": "distributed", "privacy__epsilon": 500.0, "privacy__clip": 0.5}
    run = killed_in_every_step(fleet, "private", **private)
    settings, rows = Settings.from_flat(run.folder.header["settings"]), run.rounds()
    angles, spent = build(settings).model.initial(settings.seed).astype(np.float64), []
    for number in range(1, 7):
        added = [np.load(fleet.node(client) / f"words-{number}.npy").tolist() for client in accepted_in(run, number)]
        total = signed([sum(column) % 2**64 for column in zip(*added, strict=True)])
        angles = angles + np.array([float(entry) / 4 / 2.0**32 for entry in total[-len(angles) :]])
        assert rows[number]["angles_sha256"] == angle_digest(angles) and rows[number]["failure"] is None
        spent.append(rows[number]["privacy"]["epsilon"])
    assert 0 < spent[0] < spent[-1] <= 500 and spent == sorted(spent)
