"""The page of all studies: how long each took, what each says of its paper, and where its own page is."""

from collections.abc import Mapping
from typing import Any

from qfl.report.formatting import duration
from qfl.studies.claims import section
from qfl.studies.markdown import table

HEAD = ("study", "took", "rows", "state")


def page(numbers: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    """Return the page.

    Args:
        numbers: As `qfl.studies.everything.write_all` makes them.
        header: run.json: when, with which versions, and where.
    """
    studies, quick = numbers["studies"], " in their quick form" if numbers["quick"] else ""
    rows = sum(len(row["rows"]) for row in studies.values())
    parts = [
        f"# All figures and tables{quick}",
        f"{len(studies)} studies took {duration(numbers['seconds'])}; {rows} rows beside papers' claims. Begun "
        f"{header['created']}, source {header['source'][:12]}, {header['host'].get('cores', '?')} cores.",
        table(HEAD, [_line(name, row) for name, row in studies.items()], words=1),
    ]
    if numbers["missing"]:
        parts.append(f"Not run yet: {', '.join(numbers['missing'])}.")
    parts += [_study(name, row) for name, row in studies.items() if row["rows"]]
    return "\n\n".join(parts)


def _line(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    link = f"[{name}]({row['folder']}/README.md)" if row["status"] == "completed" else name
    return link, duration(row["seconds"]), str(len(row["rows"])), row["error"].replace("\n", " ") or row["status"]


def _study(name: str, row: Mapping[str, Any]) -> str:
    return f"## {name}\n\n{section(row['rows']).partition(chr(10) * 2)[2]}"
