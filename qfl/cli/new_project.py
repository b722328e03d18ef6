"""The pyproject.toml of an app of one's own: what Flower asks for, with every setting at its default."""

from collections.abc import Iterator

import qfl
from qfl.config import KEYS, read_toml
from qfl.config.fields import as_toml
from qfl.shipped import shipped

PROJECT = """\
[project]
name = "{name}"
version = "0.1.0"                        # Flower refuses a dynamic version
description = "A federation of quantum clients."
license = {{file = "LICENSE"}}             # Flower refuses any other form
requires-python = ">=3.11"
dependencies = ["qfl-wireless=={version}", "{flower}"]

[tool.uv]
package = false

[tool.flwr.app]
publisher = "{name}"
fab-format-version = 1
flwr-version-target = "{target}"
fab-include = [                          # what travels to the clients' hosts; the library is installed there
  "/*.py", "/server/**/*.py", "/clients/**/*.py", "/strategies/**/*.py", "/README.md", "/LICENSE",
]

[tool.flwr.app.components]
serverapp = "server.app:app"
clientapp = "clients.app:app"

[tool.pytest.ini_options]
pythonpath = ["."]
testpaths = ["tests"]
addopts = ["--import-mode=importlib"]

# every setting at its default: Flower refuses keys that are not listed here
{config}"""


def project(name: str) -> str:
    """Return the text of the pyproject.toml of an app.

    Args:
        name: Of the app; Flower takes letters, digits and hyphens.

    Example:
        >>> project("thesis").splitlines()[1]
        'name = "thesis"'
    """
    ours = read_toml(shipped() / "pyproject.toml")
    (flower,) = (line for line in ours["project"]["dependencies"] if line.startswith("flwr"))
    target = ours["tool"]["flwr"]["app"]["flwr-version-target"]
    config = "\n".join(_config()) + "\n"
    return PROJECT.format(name=name, version=qfl.__version__, flower=flower, target=target, config=config)


def _config() -> Iterator[str]:
    yield "[tool.flwr.app.config]"
    table = ""
    for key, setting in KEYS.items():
        subject, _, name = key.rpartition(".")
        if subject != table:
            yield from ("", f"[tool.flwr.app.config.{subject}]")
            table = subject
        yield f"{name} = {as_toml(setting.written)}"
