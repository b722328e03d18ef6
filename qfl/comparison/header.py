"""The header of a comparison's folder: what its page needs of run.json."""

from collections.abc import Mapping

from qfl.errors import Damaged
from qfl.results import RunFolder
from qfl.tables import Check, or_null, table_of, text

NEEDED: Mapping[str, Check] = {
    **dict.fromkeys(("name", "created", "source"), text),
    **dict.fromkeys(("versions", "host"), table_of(lambda value: not isinstance(value, dict | list))),
    "notice": or_null(text),  # only a comparison of federations has one
}


def check_header(folder: RunFolder) -> None:
    """Return if a comparison's run.json has what its page needs.

    Raises:
        RunFolderError: If it has not.
    """
    header = folder.header
    absent = [key for key, check in NEEDED.items() if not check(header.get(key))]
    if absent:
        raise folder.damaged("run.json", Damaged(f"does not say what {absent[0]} is"))
