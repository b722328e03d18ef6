"""The exception tree: what is a user's mistake, what callers may catch as, and what each says of itself."""

import pytest

from qfl import errors
from qfl.errors import ConfigError, Damaged, InputError, QflError, Rejection, UserError


def test_every_exception_is_qfls_and_only_users_mistakes_are_user_errors():
    kinds = {
        name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and kind.__module__ == "qfl.errors"
    }
    assert all(issubclass(kind, QflError) for kind in kinds.values())
    ours = {name for name, kind in kinds.items() if not issubclass(kind, UserError)}
    assert ours == {"QflError", "Damaged", "SecurityError", "Rejection", "RoundFailed", "JobFailed"}
    assert issubclass(InputError, ValueError)


@pytest.mark.parametrize(("faults", "text"), [("one", "one"), (["one", "two"], "one\ntwo")])
def test_faults_are_reported_at_once(faults, text):
    error = ConfigError(faults)
    assert str(error) == text and error.faults == text.split("\n")


def test_a_rejection_is_its_word_and_its_sentence():
    assert (str(Rejection("replay")), str(Rejection("replay", "round 1"))) == ("replay", "replay: round 1")
    assert Rejection("replay", "round 1").reason == "replay" and Damaged("is torn", 3).line == 3
