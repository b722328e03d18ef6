"""A token comes from a file, the standard input or the environment, in this order, and never silently from nowhere."""

import io

import pytest

from qfl.cli.tokens import LIMIT, VARIABLE, read_token, warn_if_given
from qfl.errors import ConfigError


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(" from-stdin \n"))


def test_what_is_given_counts_first_then_the_file_then_the_environment(monkeypatch, tmp_path):
    (tmp_path / "token").write_text("from-file\n")
    monkeypatch.setenv(VARIABLE, " from-environment ")
    assert read_token("given", "token", "--token") == "given"
    assert read_token(None, "token", "--token") == "from-file"
    assert read_token(None, "-", "--token") == "from-stdin"
    assert read_token(None, None, "--token") == "from-environment"


def test_who_sits_at_a_terminal_is_asked(monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda question: " typed ")
    assert read_token(None, None, "--token") == "typed"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is no file with a token"),
        (b" \n", "it is empty"),
        (b"x" * (LIMIT + 1), "is no file"),
        (b"\xff", "is no"),
    ],
)
def test_a_file_without_a_token_is_a_sentence(tmp_path, content, says):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigError, match=says) as caught:
        read_token(None, "token", "--invitation")
    assert str(caught.value).startswith("--invitation-file 'token'") and "\n" not in str(caught.value)


def test_without_any_the_ways_to_give_one_are_named():
    with pytest.raises(ConfigError, match=r"no token; give it in --token-file FILE .* or in QFL_TOKEN"):
        read_token(None, None, "--token")


def test_a_token_on_the_command_line_is_said_to_be_no_secret(capsys):
    warn_if_given(None, "--token")
    assert capsys.readouterr().err == ""
    warn_if_given("secret", "--token")
    errors = capsys.readouterr().err
    assert "can read --token in the list of processes" in errors and "secret" not in errors
