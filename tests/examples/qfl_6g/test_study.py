"""What the 6G paper says of Fig. 4a: numbers and sentence are the same, and `qfl compare` takes them as they are."""

from pathlib import Path

import qfl
from qfl.studies.examples import load, member
from qfl.studies.schedulers.claims import Paper

FOLDER = Path(qfl.__file__).parent.parent / "examples" / "qfl_6g"


def test_the_sentence_has_the_numbers():
    paper = Paper(**member(FOLDER, ":PAPER"))
    assert f"{paper.gain_percent:.0f} % more sum rate" in paper.says
    assert f"converges {paper.faster_percent:.0f} % faster" in paper.says


def test_the_quotation_has_the_numbers_too():
    said = load(FOLDER).__doc__
    assert '"almost 35% increase in sum-rate and converges 40% faster"' in said
