"""What a comparison's page needs of run.json is looked at before anything is made of it."""

import pytest

from qfl.errors import RunFolderError
from qfl.results import RunFolder
from qfl.studies.folder import check_header

HEADER = {"name": "a", "created": "2026-11-21", "source": "0c", "versions": {"qfl": "0.1"}, "host": {"cores": 2}}


def test_a_header_may_have_a_notice_or_none(tmp_path):
    for number, more in enumerate(({}, {"notice": ""}, {"notice": "The quick form was run."})):
        check_header(RunFolder.create("a", HEADER | more, path=tmp_path / str(number)))


@pytest.mark.parametrize(("key", "value"), [
    ("name", None), ("created", 3), ("source", []), ("versions", {"qfl": ["0.1"]}), ("host", "x"),
    ("notice", ["a", 0.5, {}]), ("notice", {"a": 1}), ("notice", 7),
])  # fmt: skip
def test_another_value_than_there_can_be_is_named(tmp_path, key, value):
    with pytest.raises(RunFolderError, match=f"does not say what {key} is"):
        check_header(RunFolder.create("a", HEADER | {key: value}, path=tmp_path / "a"))
