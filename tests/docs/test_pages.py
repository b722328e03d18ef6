"""Every code block of the site runs, in the order of its page, in a folder of its own.

A block with a title is written to the file of that name. The others are run: Python in one namespace a page, shell line
by line. What stands after the language says what is special: ``notest`` needs another machine, ``deployment`` starts
real processes and is run with the tests of deployments, ``exit=2`` is refused.
"""

import os
import re
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import yaml

from docs.draw import ROOT
from qfl.cli import main

DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md") if path.name != "architecture.md")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
NO_CODE = {"text", "tex", "mermaid"}


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return language, what is special, and content of every block of a page that is code."""
    return [block for block in BLOCK.findall((DOCS / page).read_text()) if block[0] not in NO_CODE]


def run_shell(content: str, expected: int) -> None:
    """Run a shell block line by line; ``qfl`` in this process, for speed, but once an app's folder is entered."""
    for line in content.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["cd"]:
            os.chdir(words[1])
        elif words[:1] == ["qfl"] and Path("server").is_dir():
            assert subprocess.run([sys.executable, "-m", *words]).returncode == expected, line
        elif words[:1] == ["qfl"]:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert main(words[1:]) == expected, line
        elif words:
            assert words[0] == "python", f"{line}: expected qfl, cd or python"
            subprocess.run([sys.executable, *words[1:]], check=True)


def play(page: str, marks: set[str]) -> None:
    """Do what a page says, with the blocks of these marks."""
    space: dict = {}
    for language, special, content in blocks(page):
        title, mark = re.search(r'title="([^"]+)"', special), special.split(" title=")[0].strip()
        if title:
            Path(title[1]).parent.mkdir(parents=True, exist_ok=True)
            Path(title[1]).write_text(content)
        elif mark in marks and language == "python":
            exec(compile(content, page, "exec"), space)
        elif mark in marks:
            run_shell(content, int(mark[-1]) if mark.startswith("exit=") else 0)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("qfl_own_"):
            del sys.modules[name]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_runs(page, place):
    play(page, {"", "exit=1", "exit=2"})


@pytest.mark.deployment
@pytest.mark.parametrize("page", [page for page in PAGES if any(mark == " deployment" for _, mark, _ in blocks(page))])
def test_every_block_with_real_processes_runs(page, place):
    play(page, {"deployment"})


def test_no_block_is_of_a_kind_that_nobody_runs():
    marks = {(language, special.split(" title=")[0].strip()) for page in PAGES for language, special, _ in blocks(page)}
    kinds = {
        ("sh", "exit=1"),
        ("sh", "exit=2"),
        ("sh", "notest"),
        ("sh", "deployment"),
        ("sh", ""),
        ("python", ""),
        ("toml", ""),
    }
    assert marks <= kinds


def test_toml_blocks_have_titles():
    assert not [
        page
        for page in PAGES
        for language, special, _ in blocks(page)
        if language == "toml" and "title=" not in special
    ]


def test_every_page_is_in_the_navigation():
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
    nav = yaml.load((ROOT / "mkdocs.yml").read_text(), Loader)["nav"]
    listed = re.findall(r"[\w/]+\.md", str(nav))
    assert set(PAGES) | {"architecture.md", "reference/settings.md", "reference/commands.md"} == set(listed)


def test_the_site_is_built_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "site/reference/settings/index.html").is_file()
