"""Pages of the site that follow from the code: settings, commands, and the API; ``mkdocs`` calls this as a hook."""

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from qfl.cli import _parser
from qfl.cli.settings_page import settings_rows
from qfl.config.fields import as_toml

ROOT = Path(__file__).resolve().parent.parent


def on_files(files: Files, config: Any) -> Files:
    """Add the generated pages."""
    for name, content in pages().items():
        files.append(File.generated(config, name, content=content))
    return files


def on_config(config: Any) -> Any:
    """Add a page for each package to the navigation."""
    api = [{name: f"reference/api/{name}.md"} for name in packages()]
    reference = next(part["Reference"] for part in config.nav if "Reference" in part)
    reference.append({"Python": api})
    return config


def pages() -> dict[str, str]:
    """Return every generated page by its path."""
    api = {f"reference/api/{name}.md": api_page(name) for name in packages()}
    return {"reference/settings.md": settings_page(), "reference/commands.md": commands_page(), **api}


def settings_page() -> str:
    """Return a table of all settings for each subject, as `qfl run --settings` has them."""
    lines, table = ["# Settings", "", "What a run file may say; `qfl run --settings` prints the same as a file."], None
    for row in settings_rows():
        subject, _, name = row["key"].rpartition(".")
        if subject != table:
            lines += [
                "",
                f"## {f'[{subject}]' if subject else 'the run'}",
                "",
                "| setting | default | meaning |",
                "|-|-|-|",
            ]
            table = subject
        lines.append(f"| `{name}` | `{as_toml(row['default'])}` | {_accepted(row)} |")
    return "\n".join(lines) + "\n"


def _accepted(row: dict[str, Any]) -> str:
    limits = {"at least": row["low"], "at most": row["high"]}
    said = [f"{word} {value:g}" for word, value in limits.items() if value is not None]
    if row["choices"]:
        said = ["one of " + ", ".join(f"`{word}`" for word in row["choices"])]
    return "; ".join([row["about"], *said]).replace("|", "\\|")


def commands_page() -> str:
    """Return the help of every command."""
    lines = ["# Commands", ""]
    for words, command in _commands(_parser()):
        lines += [f"## qfl {words}", "", "```text", command.format_help().strip(), "```", ""]
    return "\n".join(lines)


def _commands(above: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    inner = [action for action in above._actions if isinstance(action, argparse._SubParsersAction)]
    for action in inner:
        for name, below in action.choices.items():
            yield from _commands(below, (*words, name))
    if not inner:
        yield " ".join(words), above


def packages() -> dict[str, list[str]]:
    """Return the modules of the API reference by the page that they are on: a package's, or the library's own."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for top in ("qfl", "strategies") for path in (ROOT / top).rglob("*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if not any(part.startswith("__") for part in parts):
            found.setdefault(".".join(parts[:2]) if len(parts) > 2 else parts[0], []).append(".".join(parts))
    return found


def api_page(package: str) -> str:
    """Return the page of a package: what it is, and every module with its public names."""
    path = ROOT / Path(*package.split(".")) / "__init__.py"
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    lines = [f"# {package}", "", said.split("\n\n")[0], ""]
    return "\n".join([*lines, *(f"::: {module}\n" for module in packages()[package])])
