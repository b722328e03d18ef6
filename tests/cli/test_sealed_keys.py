"""A run with sealed keys asks for the passphrase, and has it from the environment."""

from qfl.cli import main

WORDS = ["run", "small.toml", "--set", "security.keys=keys", "--set", "rounds=1", "--json"]


def test_a_sealed_key_folder_is_opened_by_the_passphrase_of_the_environment(small, monkeypatch, capsys):
    monkeypatch.setenv("QFL_PASSPHRASE", "correct horse")
    assert main(["keys", "new", "keys", "--clients", "10", "--algorithm", "ML-DSA-44"]) == 0
    assert main(WORDS) == 0
    capsys.readouterr()
    for given, says in (
        (None, "is sealed; give its passphrase in QFL_PASSPHRASE"),
        ("wrong", "passphrase does not open"),
    ):
        monkeypatch.delenv("QFL_PASSPHRASE") if given is None else monkeypatch.setenv("QFL_PASSPHRASE", given)
        assert main(WORDS) == 2
        assert says in capsys.readouterr().err
