"""The reference pages are drawn from the code: every setting, every command, every module."""

import pkgutil

import pytest

import qfl
import strategies
from docs import reference
from qfl.cli import COMMANDS
from qfl.config import KEYS


@pytest.fixture(scope="module")
def pages():
    return reference.pages()


def test_every_setting_is_there_with_its_meaning(pages):
    page = pages["reference/settings.md"]
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(KEYS)
    assert "| `local-steps` | `5` | gradient steps per round; at least 1 |" in rows


def test_every_command_is_there(pages):
    page = pages["reference/commands.md"]
    for command in COMMANDS:
        assert f"## qfl {command.__name__.rpartition('.')[2]}" in page
    assert "## qfl deploy init" in page and "usage: qfl deploy init" in page


def test_every_module_is_on_a_page(pages):
    found = {line.removeprefix("::: ") for page in pages.values() for line in page.splitlines() if line[:4] == "::: "}
    walked = {
        module.name
        for package in (qfl, strategies)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.ispkg and "__main__" not in module.name
    }
    assert found == walked


def test_the_navigation_has_every_page(pages):
    class Config:
        nav = [{"Reference": ["reference/settings.md", "reference/commands.md"]}]  # noqa: RUF012

    nav = reference.on_config(Config).nav[0]["Reference"]
    api = [path for page in nav[2]["Python"] for path in page.values()]
    assert {"reference/settings.md", "reference/commands.md", *api} == pages.keys()
