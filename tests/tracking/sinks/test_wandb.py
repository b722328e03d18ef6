"""What is in the offline files of Weights & Biases after a run that was killed and resumed.

The files are read here by what is known of their form (LevelDB's log: blocks of 32 KiB, records with checksum, length
and type) and by W&B's own messages.
"""

import json
import struct
import time

import pytest

from qfl.tracking.sinks.wandb import WandB, has_key

pytest.importorskip("wandb", reason="the extra wandb is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")
BLOCK, HEAD = 2**15, 7
LONGEST_S = 60.0


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_PROJECT", "WANDB_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def records(path):
    """Yield the messages of an offline file."""
    from wandb.proto import wandb_internal_pb2 as messages

    content, at, whole = path.read_bytes(), HEAD, b""
    while at + HEAD <= len(content):
        if BLOCK - at % BLOCK < HEAD:
            at += BLOCK - at % BLOCK
        _, length, kind = struct.unpack("<IHB", content[at : at + HEAD])
        if at + HEAD + length > len(content):
            return  # not yet written
        whole += content[at + HEAD : at + HEAD + length]
        at += HEAD + length
        if kind in (1, 4):  # whole, or the last part
            yield messages.Record.FromString(whole)
            whole = b""


def files(run):
    """Return the offline files once each holds its end: W&B's own process writes them, and may be behind."""
    found, end = sorted(run.folder.path.glob("wandb/offline-run-*/*.wandb")), time.monotonic() + LONGEST_S
    while not all(any(record.HasField("exit") for record in records(path)) for path in found):
        assert time.monotonic() < end, "W&B did not end its files"
        time.sleep(0.1)
    return found


def values(items):
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def history(run):
    """Return steps and values by name, of all offline files together."""
    found = {}
    for record in (record for path in files(run) for record in records(path) if record.HasField("history")):
        for name, value in values(record.history.item).items():
            if not name.startswith("_"):
                found.setdefault(name, []).append((record.history.step.num, value))
    return found


class Finishing(WandB):
    """Closes its file where the process of a killed run would have ended, so that it can be read."""

    def row(self, row):
        super().row(row)
        if row["round"] == 2:
            self._run.finish(exit_code=1)


def test_every_number_is_there_once_under_one_id(through_a_kill_and_a_resume, expected):
    run = through_a_kill_and_a_resume(lambda: {"wandb": Finishing()})
    assert history(run) == expected
    assert [path.name for path in files(run)] == [f"run-{'0123456789abcdef' * 2}.wandb"] * 2
    first, last = records(files(run)[0]), list(records(files(run)[1]))
    begun = next(record.run for record in first if record.HasField("run"))
    assert values(begun.config.update)["train.learning-rate"] == 0.125 and begun.project == "qfl"
    summary = {}
    for record in last:
        summary |= values(record.summary.update) if record.HasField("summary") else {}
    assert summary["status"] == "completed" and summary["angles_sha256"] == "b" * 64


def test_a_key_is_that_of_the_environment_or_of_the_login(monkeypatch, tmp_path):
    assert not has_key()
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password key\n")
    (tmp_path / "netrc").chmod(0o600)
    assert has_key()
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert not has_key()
    monkeypatch.setenv("WANDB_API_KEY", "key")
    assert has_key()
