"""A run without a client's updates is the run that there would have been had its key been revoked."""

import numpy as np
import pytest

import qfl
from qfl.api.unlearn import plan, rerun
from qfl.errors import ConfigError, RunFolderError
from qfl.results import RunFolder
from qfl.security.audit.audit import audit

FLAT = {
    "rounds": 4,
    "clients.count": 4,
    "model.layers": 1,
    "train.local-steps": 1,
    "strategy.name": "fedadam",
    "security.algorithm": "ML-DSA-44",
    "round.archive-every": 2,
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Return the folder of a run that keeps every second checkpoint."""
    path = tmp_path_factory.mktemp("unlearn") / "run"
    qfl.run(FLAT, folder=path, progress=False)
    return RunFolder(path)


def accepted(folder, client):
    return [row["round"] for row in folder.clients() if row["client"] == client and row["status"] == "accepted"]


def test_from_a_kept_checkpoint_it_is_the_same_run_as_from_the_beginning(original, tmp_path):
    asked = plan(original, 1, 3)
    assert (list(asked.accepted), asked.base, asked.checkpoint.name) == ([3, 4], 2, "round-2.npz")
    whole = plan(original, 1, 3).__class__(1, 3, asked.accepted)
    short, full = (
        rerun(original, each, tmp_path / name, progress=False) for each, name in ((asked, "a"), (whole, "b"))
    )
    np.testing.assert_array_equal(short.summary["angles"], full.summary["angles"])
    assert short.summary["angles_sha256"] != original.header["final"]["angles_sha256"]
    for done in map(RunFolder, (short.folder, full.folder)):
        assert accepted(done, 1) == [1, 2] and accepted(done, 2) == [1, 2, 3, 4]
        assert audit(done).findings == ()
        assert done.header["unlearned"]["updates"] == {str(n): d.hex() for n, d in asked.accepted.items()}
    reasons = {row["reason"] for row in RunFolder(short.folder).clients() if row["client"] == 1 and row["round"] > 2}
    assert reasons == {"revoked"}


def test_what_counted_before_the_round_stays_and_the_beginning_is_where_all_goes(original):
    assert plan(original, 1, 1).base == 0 and list(plan(original, 1, 1).accepted) == [1, 2, 3, 4]
    assert plan(original, 1, 4).base == 2


def test_a_checkpoint_that_was_not_signed_is_not_begun_from(original):
    path = original.archived()[2]
    before = path.read_bytes()
    number, arrays, state = original.load_checkpoint(path)
    original.archive_checkpoint(number, arrays | {"angles": arrays["angles"] + np.float32(1)}, state)
    assert plan(original, 1, 3).base == 0
    path.write_bytes(before)


@pytest.mark.parametrize(("client", "from_round"), [(4, 1), (0, 0), (0, 5)])
def test_a_client_or_a_round_that_there_is_not_is_refused(original, client, from_round):
    with pytest.raises(ConfigError, match="the run has"):
        plan(original, client, from_round)


def test_an_altered_run_is_not_learned_from(original):
    rows = original.rounds()
    original.replace("rounds", rows[:-1])
    with pytest.raises(RunFolderError, match="was altered: round 4 "):
        plan(original, 1, 3)
    original.replace("rounds", rows)


def test_a_folder_that_holds_a_run_is_refused(original):
    with pytest.raises(RunFolderError, match="holds a run already"):
        rerun(original, plan(original, 1, 3), original.path)
