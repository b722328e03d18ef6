"""Whatever a run file is turned into, it is read or refused in sentences, within a tenth of a second.

So is the file of a comparison, be it of schedulers or of federations.
"""

from pathlib import Path

from qfl.config import Settings, read_run_file, read_toml
from qfl.errors import ConfigError
from qfl.seeds import stream
from qfl.studies.federations.settings import TABLE, learning_from
from qfl.studies.schedulers.settings import read_comparison
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


def test_mutated_files_of_comparisons_are_settings_or_sentences(tmp_path, share):
    """A fifth of the budget: they are read by what reads run files, and then once for each combination."""
    path, examples = tmp_path / "mutant.toml", Path(__file__).parents[2] / "examples" / "qfl_6g"

    def read(content: bytes) -> None:
        path.write_bytes(content)
        if TABLE in (tables := read_toml(path)):
            learning_from(tables, {})
        else:
            read_comparison(path)
        raise ConfigError("read")

    originals = [(examples / f"{name}.toml").read_bytes() for name in ("fig4a", "fig4b", "coverage", "warm")]
    assert findings(read, mutants(stream(2, "fuzz"), originals, budget(share / 5)), ConfigError) == []
