"""Run files: TOML in, settings or one sentence per fault out."""

import time

import pytest

from qfl.config import parse_override, read_run_file, read_toml
from qfl.errors import ConfigError


@pytest.fixture
def write(tmp_path):
    def write(content: str | bytes):
        path = tmp_path / "run.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path, overrides=()) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_run_file(path, overrides)
    return caught.value.faults


def test_tables_and_dotted_keys_are_the_same(write):
    nested = read_run_file(write("rounds = 3\n[train]\nlocal-steps = 2\n"))
    assert nested == read_run_file(write("rounds = 3\ntrain.local-steps = 2\n"))
    assert nested == read_run_file(write("'train.local-steps' = 2\nrounds = 3\n"))
    assert (nested.rounds, nested.train.local_steps) == (3, 2)


def test_an_override_wins_over_the_file_and_the_last_one_over_the_others(write):
    assert read_run_file(write("rounds = 3"), ["rounds=4", "rounds=5"]).rounds == 5


def test_a_fault_names_the_file_and_the_overrides(write):
    path = write("rounds = 3")
    assert refusal(path, ["seed=x"]) == [
        f"{path} with seed=x: seed = 'x': expected a whole number, for example seed = 1"
    ]


def test_all_faults_of_a_file_come_at_once(write):
    assert len(refusal(write("rounds = 0\nseed = 'a'\nenginge = 'exact'\n[data]\nroots = 'x'"))) == 4


@pytest.mark.parametrize("content", ["", "# only a comment\n", "[data]\n"])
def test_a_file_that_sets_nothing_is_refused(write, content):
    (fault,) = refusal(write(content))
    assert "sets nothing" in fault and "rounds = 30" in fault


@pytest.mark.parametrize(
    "content", [b"\x80\x00\x01", "rounds = ", "rounds 3", "rounds = 1\nrounds = 2", "a = " + "[" * 9999]
)
def test_what_is_no_toml_is_refused_in_one_line(write, content):
    (fault,) = refusal(write(content))
    assert "is not TOML" in fault and "\n" not in fault


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (absent,) = refusal(tmp_path / "absent.toml")
    (folder,) = refusal(tmp_path)
    assert "No such file" in absent and "Is a directory" in folder


def test_toml_is_read_as_utf_8(write):
    assert read_toml(write("# Grüße\nrounds = 3")) == {"rounds": 3}


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("rounds=3", "rounds", 3),
        ("train.learning-rate=1e-2", "train.learning-rate", 0.01),
        ("run.resume=true", "run.resume", True),
        ("data.root=/a b/c=d", "data.root", "/a b/c=d"),
        ('data.root="3"', "data.root", "3"),
        ("data.root=", "data.root", ""),
        (" rounds = 3 ", "rounds", 3),
    ],
)
def test_the_value_of_an_override_is_toml_or_a_bare_word(text, key, value):
    assert parse_override(text) == (key, value)


def test_an_override_without_an_equals_sign_is_refused():
    with pytest.raises(ConfigError, match=r"--set takes key=value, not 'rounds'"):
        parse_override("rounds")


@pytest.mark.parametrize("text", ['"model.layers" = 3\n[model]\nlayers = 2\n', '[model]\nlayers = 2\n"layers" = 2\n'])
def test_a_setting_that_is_written_twice_is_refused(tmp_path, text):
    path = tmp_path / "twice.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"set twice, as \"model\.layers\" = 3 and as model\.layers = 2|is not TOML"):
        read_run_file(path)


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfrounds = 3\r\nseed = 2\r\n", b"rounds = 3\rseed = 2\r"])
def test_a_byte_order_mark_and_the_line_ends_of_any_system_are_read(tmp_path, content):
    path = tmp_path / "foreign.toml"
    path.write_bytes(content)
    settings = read_run_file(path)
    assert (settings.rounds, settings.seed) == (3, 2)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_than_utf8_is_a_sentence(tmp_path, encoding):
    path = tmp_path / "foreign.toml"
    path.write_bytes("rounds = 3".encode(encoding))
    with pytest.raises(ConfigError, match="UTF-16 or UTF-32, expected UTF-8; save it as that"):
        read_run_file(path)


def test_an_override_sets_one_setting():
    with pytest.raises(ConfigError, match="--set rounds holds more than one setting"):
        parse_override("rounds=3\nseed=4")
    assert parse_override("rounds=" + "9" * 5000) == ("rounds", "9" * 5000)  # refused where it is looked at


@pytest.mark.parametrize(
    "text",
    [
        "rounds = " + "[" * 30_000,
        ".".join("a" * 15_000) + " = 1",
        "rounds = " + "9" * 5000,
        f'task = "{"x" * 30_000}"',
        "\n".join(f"kez{k} = 1" for k in range(2500)),
        "r" * 30_000 + " = 1",
        "#" * 40_000,
        'data.root = "\\u0000"',
    ],
    ids=["deep", "dotted", "digits", "long value", "many keys", "long key", "large", "NUL"],
)
def test_what_no_run_file_holds_is_refused_within_a_tenth_of_a_second(tmp_path, text):
    path = tmp_path / "odd.toml"
    path.write_text(text)
    start = time.process_time()
    with pytest.raises(ConfigError) as refused:
        read_run_file(path)
    assert time.process_time() - start < 0.1 and max(map(len, refused.value.faults)) < 600
