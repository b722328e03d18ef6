"""What a reproduction came to, kept beside its run file: the page, its pictures, and the numbers with their origin.

::

    examples/<paper>/x.toml             the run file
    examples/<paper>/x.md, x.png, ...   the page, and the pictures that it shows
    examples/<paper>/results/x.json     command, seed, commit, versions, machine, seconds, and the numbers
"""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from qfl.provenance import host, versions
from qfl.results import write_atomically
from qfl.spread import finite
from qfl.studies.examples import Placed
from qfl.studies.request import Request
from qfl.studies.study import Result

PICTURE = re.compile(r"!\[[^\]]*\]\(([^)/]+)\)")


def keep(placed: Placed, request: Request, result: Result) -> Path:
    """Write page, pictures and numbers beside the example's run file, and return where the numbers are.

    Args:
        placed: The example.
        request: What was asked for.
        result: What it came to.
    """
    folder, name = placed.folder, placed.file.stem
    for picture in PICTURE.findall(result.text):
        shutil.copyfile(request.folder.path / picture, folder / picture)
    if result.page.suffix == ".md":
        write_atomically(folder / f"{name}.md", f"{result.text}\n".encode())
    path = folder / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    told = origin(request) | {"numbers": finite(result.numbers)}
    write_atomically(path, f"{json.dumps(told, indent=1)}\n".encode())
    return path


def origin(request: Request) -> dict[str, Any]:
    """Return where numbers come from: the command that gives them again, and what it ran on."""
    return {
        "command": command(request),
        "seed": request.seed,
        "commit": commit(request.checkout),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(request.folder.header.get("seconds", 0.0), 1),
        "versions": versions(),
        "host": host(),
    }


def command(request: Request) -> str:
    """Return the command line of a request."""
    words = ["qfl reproduce", request.name]
    words += ["--quick"] * request.quick
    words += [f"--seed {request.seed}"] * (request.seed != 1)
    words += [f"--set {key}={_word(request.settings[key])}" for key in request.changed]
    return " ".join(words)


def commit(checkout: Path) -> str:
    """Return the commit that a checkout is at, a plus after it where files differ; empty where git knows none."""
    try:
        at = _git(checkout, "rev-parse", "--short", "HEAD")
        return at + "+" * bool(_git(checkout, "status", "--porcelain", "--", "*.py", "*.toml"))
    except (OSError, subprocess.CalledProcessError):
        return ""


def _git(checkout: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=checkout, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
