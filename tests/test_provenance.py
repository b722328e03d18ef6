"""Provenance: the digest sees every source that travels and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import qfl
from qfl.provenance import host, source_digest, versions

ROOT = Path(qfl.__file__).parent.parent
PROGRAM = "from qfl.provenance import source_digest; print(source_digest())"


def digest_of(tree: Path) -> str:
    """Return the source digest that a fresh process reads from another copy of the tree."""
    return subprocess.check_output(
        [sys.executable, "-c", PROGRAM], cwd=tree, text=True, env={"PYTHONPATH": str(tree)}
    ).strip()


@pytest.fixture
def copy(tmp_path):
    for folder in ("qfl", "strategies", "clients", "server"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_digest_does_not_depend_on_where_the_tree_lies(copy):
    assert len(digest_of(copy)) == 64
    moved = copy / "elsewhere"
    for folder in ("qfl", "strategies", "clients", "server"):
        shutil.copytree(copy / folder, moved / folder)
    assert digest_of(moved) == digest_of(copy)


def test_caches_and_other_files_do_not_change_the_digest(copy):
    before = digest_of(copy)
    (copy / "qfl" / "notes.txt").write_text("x")
    (copy / "tests").mkdir()
    (copy / "tests" / "test_x.py").write_text("x = 1\n")
    assert digest_of(copy) == before


@pytest.mark.parametrize("folder", ["qfl", "strategies", "clients", "server"])
def test_one_changed_byte_or_one_renamed_file_changes_the_digest(copy, folder):
    extra = copy / folder / "extra.py"
    seen = [digest_of(copy)]
    for content in ("x = 1\n", "x = 2\n"):
        extra.write_text(content)
        seen.append(digest_of(copy))
    extra.rename(copy / folder / "extra2.py")
    seen.append(digest_of(copy))
    assert len(set(seen)) == 4


def test_the_digest_of_this_process_is_stable():
    assert source_digest() == source_digest()


def test_versions_are_those_of_the_imported_libraries():
    found = versions()
    assert found["qfl"] == qfl.__version__
    assert found["python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["numpy"] == np.__version__
    assert torch.__version__.startswith(found["torch"].split("+")[0])


def test_the_host_is_described_but_not_named():
    import platform

    described = host()
    assert described["cores"] >= 1
    assert platform.node() not in str(described["system"]).split()
