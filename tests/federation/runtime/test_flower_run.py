"""What Flower's command line answers, and what it means.

Also covers qfl/federation/runtime/superlink.py.
"""

from pathlib import Path

import pytest

from qfl.errors import ConfigError
from qfl.federation.runtime.flower_run import _flower_status
from qfl.federation.runtime.superlink import SuperLink


class Answers(SuperLink):
    """Flower's command line exits with 0 and prints what the environment holds."""

    def command(self, *words: str) -> str:
        return self.environment["answer"]


def answering(text: str) -> SuperLink:
    return Answers(Path(), {"answer": text})


def test_a_refusal_inside_an_answer_is_a_refusal():
    """``flwr ls`` exits with 0 and says ``success: false`` while a SuperLink is away."""
    with pytest.raises(ConfigError, match=r"flwr ls.*connection refused"):
        _flower_status(answering('{"success": false, "error-message": "connection refused"}'), "1")


@pytest.mark.parametrize(
    "text",
    [
        '{"success": true, "run-id": "7"}',
        '\x1b[1m{\x1b[0m\n  \x1b[1;34m"success"\x1b[0m: \x1b[3;92mtrue\x1b[0m, "run-id": "7"\n}\n',
        'note: a {brace}\nUserWarning: {"run-id": "8"}\n{"run-id": "7"}\nbye {}',
        '{"broken": \n{"run-id": "7"}',
    ],
)
def test_an_answer_is_found_among_colours_and_noise(text):
    assert answering(text).answer("run")["run-id"] == "7"


@pytest.mark.parametrize("text", ["", "Error: no", "[1, 2]", "{" * 100_000])
def test_an_answer_without_json_is_a_sentence(text):
    with pytest.raises(ConfigError, match="`flwr run` answered without JSON"):
        answering(text).answer("run")


def test_the_status_of_a_run_is_read():
    found = _flower_status(answering('{"success": true, "runs": [{"status": "running"}]}'), "1")
    assert found == {"status": "running"}
