"""What all tests share: how types are checked, how long a property may take, and an environment that has the wheel."""

import gc
import inspect
import subprocess
import sys
import sysconfig
import typing
import venv
import zipfile
from collections import Counter
from functools import partial, wraps
from pathlib import Path

import jaxtyping
import jaxtyping._decorator
import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

# Hypothesis' limits, 0.2 s an example and five times that for the first ten draws, are on the time of the wall, which
# other processes share; without a deadline the draws have 30 s. What must be quick has a test that measures it.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

CALLS = 100  # of one function in one test, whose axes are compared
in_full, calls = jaxtyping.jaxtyped, Counter()


def checked(fn=None, *, typechecker):
    """Return a function whose arguments and result are checked, its axes too where it has arrays; or what makes one.

    jaxtyping wraps every function to compare axes between its arguments, which takes several times what beartype takes
    for the types alone. Most functions have no arrays, and these are beartype's. Those that have are called in loops,
    where the first calls of a test show what the later ones would. (A class comes back here with its functions.)
    """
    if fn is None:
        return partial(checked, typechecker=typechecker)
    if not inspect.isfunction(fn):
        return in_full(fn, typechecker=typechecker)
    if not any(map(has_axes, fn.__annotations__.values())):
        return unless_disabled(typechecker(fn), fn)
    return at_first(in_full(fn, typechecker=typechecker), fn)


def unless_disabled(whole, bare):
    """Return a function that is checked unless a test has jaxtyping disabled."""

    @wraps(bare)
    def call(*given, **named):
        return (bare if jaxtyping.config.jaxtyping_disable else whole)(*given, **named)

    return call


def at_first(whole, bare):
    """Return a function that is checked in the first calls of a test."""

    @wraps(bare)
    def call(*given, **named):
        calls[bare] += 1
        return (whole if calls[bare] <= CALLS else bare)(*given, **named)

    return call


def pytest_runtest_setup() -> None:
    calls.clear()


def has_axes(annotation) -> bool:
    """Tell whether an annotation speaks of axes somewhere; one that is text may."""
    named = isinstance(annotation, str) or getattr(annotation, "__module__", "") == "jaxtyping"
    return named or any(map(has_axes, typing.get_args(annotation)))


jaxtyping.jaxtyped = jaxtyping._decorator.jaxtyped = checked


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over the modules and tests there are by now: they stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def python(tmp_path_factory) -> Path:
    """Return the interpreter of an environment that has the wheel."""
    place = tmp_path_factory.mktemp("installed")
    program = f"from hatchling.build import build_wheel; build_wheel({str(place)!r})"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True)
    venv.create(place / "venv")
    (packages,) = place.glob("venv/lib/python*/site-packages")
    (wheel,) = place.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(packages)
    (packages / "dependencies.pth").write_text("\n".join(dependencies()) + "\n")
    for script in Path(sysconfig.get_path("scripts")).glob("fl*w*r*"):  # Flower's commands
        (place / "venv/bin" / script.name).write_text(
            f"#!{place}/venv/bin/python\n{script.read_text().partition(chr(10))[2]}"
        )
        (place / "venv/bin" / script.name).chmod(0o755)
    return place / "venv/bin/python"


def dependencies() -> list[str]:
    """Return where this environment's packages lie; a folder of a path file has its own path files not read."""
    return [path for path in sys.path if path.endswith("site-packages")]
