import re
from pathlib import Path

import qfl.federation
import qfl.security
from qfl.security.reasons import REASONS, rejection


def test_every_reason_is_used_somewhere_and_every_use_has_its_sentence():
    folders = (Path(qfl.security.__file__).parent, Path(qfl.federation.__file__).parent / "grids")
    files = (path for folder in folders for path in folder.rglob("*.py") if path.name != "reasons.py")
    sources = "\n".join(path.read_text() for path in files)
    words = {word for word in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', sources) if word in REASONS}
    assert set(re.findall(r'rejection\("([^"]+)"', sources)) <= set(REASONS)
    assert words == set(REASONS)


def test_a_rejection_carries_word_and_sentence():
    error = rejection("replay", "round 1")
    assert error.reason == "replay" and REASONS["replay"] in error.detail and "round 1" in error.detail
