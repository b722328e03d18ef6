"""Clients by number, range and tag, and every way to name one that is not there."""

import pytest

from qfl.config import ClientsSettings, Settings, read_run_file
from qfl.config.named_clients import named_clients
from qfl.errors import ConfigError

TAGS = {"clients.tags.indoor": [0, 2, "10-12"], "clients.tags.roof": [12, 20]}


def of(selection, **flat):
    return Settings.from_flat({"clients.selection": selection, **TAGS, **flat}).clients


@pytest.mark.parametrize(
    ("selection", "clients"),
    [
        ([3], (3,)),
        ([7, "1-3"], (1, 2, 3, 7)),
        ("tag:indoor", (0, 2, 10, 11, 12)),
        (["tag:indoor", "tag:roof", 5], (0, 2, 5, 10, 11, 12, 20)),
        ("uniform", None),
        ("mine.py:choose", None),
    ],
)
def test_who_is_named(selection, clients):
    found = of(selection)
    assert named_clients(found) == clients
    assert found.asked == (len(clients) if clients else 200)


def test_a_run_file_has_tags_in_a_table_and_they_travel_as_text(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('[clients]\nselection = ["tag:indoor", 4]\n[clients.tags]\nindoor = [1, "7-8"]\n')
    settings = read_run_file(path)
    assert named_clients(settings.clients) == (1, 4, 7, 8)
    assert Settings.from_flat(settings.to_flat()) == settings
    assert ClientsSettings().tags == ""


@pytest.mark.parametrize(
    ("flat", "says"),
    [
        ({"clients.selection": [0, 0]}, "names client 0 twice"),
        ({"clients.selection": [2, "1-3"]}, "names client 2 twice"),
        ({"clients.selection": [200]}, "names client 200; clients.count = 200 numbers them 0 to 199"),
        ({"clients.selection": ["150-999999"]}, "names client 999999"),
        ({"clients.selection": "9-3"}, "names no client with '9-3'"),
        ({"clients.selection": "tag:garden"}, "there are indoor, roof"),
        ({"clients.selection": ["tag:roof", "tag:roof"]}, "names a tag twice"),
        ({"clients.selection": []}, "expected one of full"),
        ({"clients.selection": [-1]}, "expected one of full"),
        ({"clients.selection": "random"}, "a list such as [0, 3"),
        ({"clients.selection": [1, 2], "clients.per-round": 3}, "clients.selection names 2 clients; ask at most these"),
        ({"clients.tags.empty": []}, "clients.tags.empty names no client"),
        ({"clients.tags.half": [1.5]}, "clients.tags.half holds '1.5'"),
        ({"clients.tags.far": [500]}, "clients.tags.far names client 500"),
        ({"clients.tags": "indoor"}, "expected a table of lists"),
    ],
)
def test_what_is_wrong_is_one_sentence(flat, says):
    with pytest.raises(ConfigError) as caught:
        Settings.from_flat(flat if flat.get("clients.tags") else TAGS | flat)
    (fault,) = caught.value.faults
    assert says in fault
