"""What all tests share: how long a property may take, and an environment that has the wheel and no checkout."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent

# Hypothesis' limits, 0.2 s an example and five times that for the first ten draws, are on the time of the wall, which
# other processes share; without a deadline the draws have 30 s. What must be quick has a test that measures it.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


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
