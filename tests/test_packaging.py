"""What is installed, what travels to Flower, and that the lists of settings, versions and files agree."""

import ast
import io
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import qfl
from qfl.config import Settings, flatten_toml
from qfl.federation.runtime.environment import OFFLINE

ROOT = Path(qfl.__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FLOWER = PROJECT["tool"]["flwr"]["app"]
FOLDERS = {"qfl", "strategies", "clients", "server"}
OWN = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("examples/own_*")]


def test_flower_is_told_every_setting_with_its_default():
    """Flower refuses keys that pyproject.toml does not list; the types count too (0 and 0.0 are different there)."""
    listed, expected = flatten_toml(FLOWER["config"]), Settings().to_flat()
    assert listed == expected
    assert {key: type(value) for key, value in listed.items()} == {key: type(value) for key, value in expected.items()}


def test_the_version_is_one():
    assert PROJECT["project"]["version"] == qfl.__version__
    assert f"## {qfl.__version__}" in (ROOT / "CHANGELOG.md").read_text()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> zipfile.ZipFile:
    """Return the Flower app bundle (FAB) that `flwr build` makes of this tree."""
    out = tmp_path_factory.mktemp("fab")
    command = [sys.executable, "-c", "from flwr.cli.app import app; app()", "build", "--app", str(ROOT)]
    environment = os.environ | OFFLINE | {"FLWR_HOME": str(out / "home"), "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=out, env=environment, check=True, capture_output=True)
    (path,) = out.glob("*.fab")
    return zipfile.ZipFile(io.BytesIO(path.read_bytes()))


def tree(folder: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*.py")}


def test_the_bundle_holds_the_sources_of_the_four_folders_and_no_others(bundle):
    names = set(bundle.namelist())
    sources = {name for name in names if name.endswith(".py")}
    assert sources == set().union(*map(tree, FOLDERS))
    assert {name for name in names - sources if "/" in name and not name.startswith(".info")} == set()
    assert {"pyproject.toml", "README.md", "LICENSE"} <= names


def test_the_bundle_is_far_below_flower_s_limit_of_10_mb(bundle):
    assert sum(entry.compress_size for entry in bundle.infolist()) < 5e6


def test_the_apps_stand_in_the_modules_that_pyproject_names():
    """Flower's check is static: the app must be assigned in the named module itself."""
    for reference in FLOWER["components"].values():
        module, name = reference.split(":")
        body = ast.parse((ROOT / (module.replace(".", "/") + ".py")).read_text()).body
        assigned = [
            t.id for node in body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)
        ]
        assert name in assigned


def test_init_files_of_the_app_folders_are_empty():
    """Flower executes them when it builds the bundle, and namespace packages would lose against any other `server`."""
    for folder in FOLDERS - {"qfl"}:
        path = ROOT / folder / "__init__.py"
        assert path.is_file() and not ast.parse(path.read_text()).body


def test_there_are_no_init_files_under_tests():
    assert list((ROOT / "tests").rglob("__init__.py")) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> zipfile.ZipFile:
    place = tmp_path_factory.mktemp("wheel")
    program = f"from hatchling.build import build_wheel; print(build_wheel({str(place)!r}))"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
    (path,) = place.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_wheel_holds_the_package_qfl_and_under_it_an_app(wheel):
    names = wheel.namelist()
    assert {name.split("/")[0] for name in names} == {"qfl", f"qfl_wireless-{qfl.__version__}.dist-info"}
    app = {name.removeprefix("qfl/app/") for name in names if name.startswith("qfl/app/")}
    assert {name for name in names if name.endswith(".py") and not name.startswith("qfl/app/")} == tree("qfl")
    sources = {name for name in app if name.endswith(".py")}
    assert sources == set().union(*map(tree, FOLDERS - {"qfl"})).union(*map(tree, OWN))
    rest = {name for name in app - sources if not name.startswith("examples/own_")}
    assert {name for name in rest if "/" not in name} == {"pyproject.toml", "README.md", "LICENSE"}
    assert {name for name in rest if "/" in name} == {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.glob("examples/*/*.toml")
        if not path.parent.name.startswith("own_")
    }


def test_the_app_in_the_wheel_is_that_of_this_tree_and_its_bundles_are_without_the_library(wheel):
    for name in ("server/app.py", "strategies/registry.py", "examples/quickstart/quickstart.toml"):
        assert wheel.read(f"qfl/app/{name}") == (ROOT / name).read_bytes()
    project = tomllib.loads(wheel.read("qfl/app/pyproject.toml").decode())
    assert project["tool"]["flwr"]["app"] == FLOWER | {
        "fab-include": [one for one in FLOWER["fab-include"] if not one.startswith("/qfl")]
    }


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {normal(name): version for name, version in (line.split("==") for line in lines)}


def test_constraints_pin_registered_versions_only():
    for name, version in pins().items():
        assert re.fullmatch(r"[a-z0-9-]+", name) and re.fullmatch(r"[0-9][0-9a-z.]*", version), (name, version)


def test_constraints_cover_everything_the_project_and_its_tests_need_here():
    """The dependencies of the installed distributions, followed from ours; what is not installed is not needed here."""
    groups = PROJECT["dependency-groups"]
    todo = [
        *PROJECT["project"]["dependencies"],
        *groups["test"],
        *groups["docs"],
        *groups["lint"],
        "flwr[simulation]",
        "mkdocstrings-python",
    ]
    seen: set[str] = set()
    while todo:
        name = normal(re.match(r"[\w.-]+", todo.pop())[0])  # type: ignore[index]
        if name in seen or not installed(name):
            continue
        seen.add(name)
        todo += [line for line in metadata.requires(name) or [] if "extra ==" not in line]
    assert len(seen) > 50
    assert seen - pins().keys() == set()


def installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_the_makefile_installs_the_dependency_groups():
    (line,) = (line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("TOOLS :="))
    groups = PROJECT["dependency-groups"]
    assert line.partition(":=")[2].replace("'", "").split() == [*groups["test"], *groups["docs"], *groups["lint"]]


def test_no_file_names_a_package_index():
    """Where packages come from is the user's configuration of pip."""
    for name in ("Makefile", ".ci/run", "constraints.txt", "pyproject.toml", "README.md"):
        assert not re.search(r"--(extra-)?index-url|--find-links|pypi\.org", (ROOT / name).read_text()), name


def test_the_ci_script_calls_make_test_last_and_is_executable():
    path = ROOT / ".ci" / "run"
    assert os.access(path, os.X_OK)
    assert path.read_text().splitlines()[-2:] == ["make test", "exec make test-deploy"]
