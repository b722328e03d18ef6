"""``qfl new NAME``: a folder with an app of one's own: its apps, a strategy, a model, a data loader, and a test."""

import os
import re
import shutil
from argparse import Namespace
from pathlib import Path

from qfl.cli.new_project import project
from qfl.cli.parsing import Commands, add_command
from qfl.errors import ConfigError
from qfl.shipped import shipped

EXAMPLES = """
qfl new thesis
cd thesis && qfl run quickstart.toml
"""

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")  # what Flower takes as the name of an app
TEMPLATE = Path("examples/own_app")
AS_THEY_ARE = ("server/__init__.py", "server/app.py", "clients/__init__.py", "clients/app.py", "LICENSE")
QUICKSTART = "examples/quickstart/quickstart.toml"
IGNORED = "runs/\n__pycache__/\n.pytest_cache/\nfleet/\nkeys/\n*.key\ncontrol.token\ntasks.secret\n"
NEXT = """{name}/ is an app of your own; README.md there says what is in it
  cd {name}
  qfl run quickstart.toml     200 quantum clients, as they come
  qfl run own.toml            your own data and strategy
  qfl check .                 what must be true of them, in words
  python -m pytest            the same as tests"""


def register(commands: Commands) -> None:
    """Declare ``qfl new``."""
    about = "make a folder with an app of your own: strategy, model, data, run files, a test"
    parser = add_command(commands, "new", about, EXAMPLES, new)
    parser.add_argument("name", metavar="NAME", help="of the app and its folder: letters, digits, hyphens; at most 32")


def new(options: Namespace) -> int:
    """Make the folder, and say what to do next."""
    name = options.name
    if not NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is no name for an app; Flower takes letters, digits and hyphens, at most 32, a letter first"
        )
    folder = Path(name)
    if os.path.lexists(folder):
        raise ConfigError(f"{name} is there already; give another name, or work in it")
    try:
        _write(folder, name)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ConfigError(f"cannot make {name} ({error.strerror}); choose a place where you can write") from None
    print(NEXT.format(name=name))
    return 0


def _write(folder: Path, name: str) -> None:
    source = shipped()
    own = [path for path in (source / TEMPLATE).rglob("*.*") if path.is_file() and path.suffix != ".pyc"]
    copies = {path.relative_to(source / TEMPLATE): path for path in own}
    copies |= {Path(each): source / each for each in AS_THEY_ARE} | {Path("quickstart.toml"): source / QUICKSTART}
    for place, path in copies.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / place)
    page = (folder / "README.md").read_text(encoding="utf-8")
    (folder / "README.md").write_text(page.replace("# own-app", f"# {name}", 1), encoding="utf-8")
    (folder / "pyproject.toml").write_text(project(name), encoding="utf-8")
    (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
