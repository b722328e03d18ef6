"""A damaged application is refused in a sentence, and nobody is taken in by one."""

import json
from argparse import Namespace

import pytest

from qfl.cli import keys
from qfl.errors import KeyFolderError
from qfl.security import keystore, membership
from qfl.seeds import stream
from qfl.testing.mutations import budget, findings, mutants


@pytest.fixture
def invited(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", 1)
    key, proof = membership.apply(tmp_path / "mine", 1, membership.invite(tmp_path / "keys", 1), "ML-DSA-44")
    fields = {"client": 1, "key": key.hex(), "proof": proof.hex()}
    return tmp_path, json.dumps(fields).encode()


def test_no_mutant_of_an_application_is_admitted_or_raises_anything_else(invited, share):
    folder, honest = invited
    path = folder / "application"
    options = Namespace(folder=str(folder / "keys"), client=1, application=str(path), max_examples=10)

    def read(data):
        path.write_bytes(data)
        keys.enrol(options)

    def differs(data):
        """Leave out those that are the same application in other white space."""
        try:
            return json.loads(data) != json.loads(honest)
        except (ValueError, RecursionError):
            return True

    made = filter(differs, mutants(stream(15, "fuzz"), [honest], budget(share)))
    assert findings(read, made, KeyFolderError) == []
    assert [row.client for row in keystore.load_roster(folder / "keys").rows] == [0]
    path.write_bytes(honest)
    assert keys.enrol(options) == 0
