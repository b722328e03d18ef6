"""Whatever a run file is turned into, it is read or refused in sentences, within a tenth of a second."""

from qfl.config import Settings, read_run_file
from qfl.errors import ConfigError
from qfl.seeds import stream
from qfl.testing.mutations import budget, findings, mutants

ORIGINALS = [
    b'rounds = 3\nseed = 1\ntask = "classify"\n[model]\nlayers = 2\nname = "vqc"\n[train]\nlearning-rate = 0.05\n',
    b'precision = "double"\n[radio]\non = true\nsolver = "auto"\nbandwidth-hz = 180000.0\n[run]\nfolder = ""\n',
    b'[strategy]\nname = "trimmed"\ntrim = 0.2\n[clients]\ncount = 20\nper-round = 5\n[data]\nname = "digits"\n',
]


def test_mutated_run_files_are_settings_or_sentences(tmp_path, share):
    path = tmp_path / "mutant.toml"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        settings = read_run_file(path)
        assert Settings.from_flat(settings.to_flat()) == settings  # what is accepted is what can be written down
        raise ConfigError("read")  # a mutant may well be a run file

    assert findings(read, mutants(stream(1, "fuzz"), ORIGINALS, budget(share)), ConfigError) == []
