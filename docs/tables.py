"""Write the tables of READMEs whose numbers are committed results: ``python docs/tables.py`` fills them in again.

A table stands between two comments; the first says where its numbers are and how a line looks::

    <!-- results: results/fig4a.json methods
    | method | Mbit/s |
    |---|---|
    each: | `{method}` | {value_mbps.mean:.2f} |
    -->
    ...
    <!-- end of results -->

A line with ``each:`` is written for every row of the table that the first line names, or for ``each(a, b):`` for
these; the others once. ``{a.b}`` is a number of that row, and ``.`` all of a file's numbers. A test fails where what
stands there is not what the results say, and where a table with numbers is neither written so nor listed in
``docs/unkept.toml`` with the command that measures it.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"<!-- results: (\S+) (\S+)\n(.*?)\n-->\n(.*?)<!-- end of results -->", re.S)
FIELD = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
EACH = re.compile(r"each(?:\((.*?)\))?: (.*)")
NUMBER = re.compile(r"\d[.,]\d|\d\s*%|±|\d+ (?:ms|s|MB|J)\b")
PART = re.compile(r"\[[^\]]*\]|[^.]+")
TABLE = re.compile(r"(?:^\|.*\n)+", re.M)


def readmes() -> list[Path]:
    """Return the pages that people write: not those that ``qfl reproduce NAME --keep`` wrote, with their numbers."""
    pages = [ROOT / "README.md", *sorted((ROOT / "examples").glob("*/*.md"))]
    return [page for page in pages if not (page.parent / "results" / f"{page.stem}.json").is_file()]


def written(path: Path) -> str:
    """Return a page with its tables as the results have them."""

    def block(found: re.Match[str]) -> str:
        file, place, template, _ = found.groups()
        rows = _follow(json.loads((path.parent / file).read_text())["numbers"], place)
        lines = "\n".join(_lines(template, rows))
        return f"<!-- results: {file} {place}\n{template}\n-->\n\n{lines}\n\n<!-- end of results -->"

    return BLOCK.sub(block, path.read_text())


def by_hand(path: Path) -> list[str]:
    """Return the first line of every table that has numbers and that no results write."""
    text = BLOCK.sub("", path.read_text())
    tables = [found.group() for found in TABLE.finditer(text)]
    return [table.splitlines()[0] for table in tables if NUMBER.search("\n".join(table.splitlines()[1:]))]


def _lines(template: str, rows: Any) -> Iterator[str]:
    for line in template.splitlines():
        if found := EACH.fullmatch(line):
            names = [name.strip() for name in (found[1] or "").split(",") if name.strip()]
            yield from (_filled(found[2], row) for row in _chosen(rows, names))
        else:
            yield _filled(line, rows) if FIELD.search(line) else line


def _chosen(rows: Any, names: list[str]) -> list[Any]:
    if names:
        return [_follow(rows, name) for name in names]
    return list(rows.values()) if isinstance(rows, Mapping) else list(rows)


def _filled(line: str, row: Any) -> str:
    return FIELD.sub(lambda found: format(_follow(row, found[1]), found[2] or ""), line)


def _follow(node: Any, place: str) -> Any:
    """Return what stands at a place: keys joined by dots, ``[a=b,c=d]`` for the row that says so, ``.`` for all."""
    for part in PART.findall(place) if place != "." else ():
        node = _row(node, part) if isinstance(node, list) else node[part]
    return node


def _row(rows: list[Any], part: str) -> Any:
    wanted = [each.partition("=")[::2] for each in part[1:-1].split(",")]
    return next(row for row in rows if all(str(row[key]) == value for key, value in wanted))


if __name__ == "__main__":
    for page in readmes():
        if (text := written(page)) != page.read_text():
            page.write_text(text)
            print(page.relative_to(ROOT), file=sys.stderr)
