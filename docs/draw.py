"""Draw what of the architecture page follows from the code: the diagram of imports, and the list of files.

``.venv/bin/python docs/draw.py`` (or ``make architecture``) writes both into architecture.md, between its markers; a
test fails where the page is older than the code. In the diagram a row is a layer of the import contract in
pyproject.toml, a node a package; single files of a layer share a node, and arrows that follow from others are left out.
In the list every file has the first sentence of its docstring.
"""

import ast
import tomllib
from pathlib import Path

import grimp
import networkx

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
OUTER = ("server", "clients", "strategies")


def layers() -> list[list[str]]:
    """Return the names in each layer inside ``qfl``, the highest first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    rows = next(contract["layers"] for contract in contracts if contract.get("containers") == ["qfl"])
    return [[name.strip() for name in row.split("|")] for row in rows]


def nodes() -> dict[str, str]:
    """Return the node of each name: itself if it is a package, else the layer's single files together."""
    found = {name: name for name in OUTER}
    for row in layers():
        files = [name for name in row if (ROOT / "qfl" / f"{name}.py").is_file()]
        found |= {name: " · ".join(files) if name in files else name for name in row}
    return found


def arrows() -> list[tuple[str, str]]:
    """Return who imports whom among the nodes, without what follows."""
    graph = grimp.build_graph("qfl", *OUTER, exclude_type_checking_imports=True)
    node, found = nodes(), networkx.DiGraph()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            one, two = (node.get(_name(each)) for each in (module, other))
            if one and two and one != two:
                found.add_edge(one, two)
    return sorted(networkx.transitive_reduction(found).edges)


def diagram() -> str:
    """Return the diagram in Mermaid."""
    several = [name for name in dict.fromkeys(nodes().values()) if " · " in name]
    lines = [f'  {_first(name)}["{name}"]' for name in several]
    lines += [f"  {_first(one)} --> {_first(two)}" for one, two in arrows()]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def file_list() -> str:
    """Return every file of the program with the first sentence of its docstring, folder by folder."""
    lines: list[str] = []
    for name in (*OUTER, "qfl"):
        for folder in [ROOT / name, *sorted(path for path in (ROOT / name).rglob("*") if path.is_dir())]:
            files = sorted(path for path in folder.glob("*.py") if path.name not in ("__init__.py", "__main__.py"))
            lines += [f"\n**{folder.relative_to(ROOT)}/**\n"] * bool(files)
            lines += [f"- `{path.name}`: {sentence(path)}" for path in files]
    return "\n".join(lines).strip()


def sentence(path: Path) -> str:
    """Return the first sentence of a file's docstring, on one line."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    return " ".join(said.split("\n\n")[0].split())


def drawn(page: str) -> str:
    """Return the page with diagram and list drawn anew."""
    for name, content in (("diagram", diagram()), ("files", file_list())):
        before, begin, rest = page.partition(f"<!-- {name}: drawn by docs/draw.py -->\n")
        _, end, after = rest.partition(f"<!-- {name}: end -->")
        page = before + begin + content + "\n" + end + after
    return page


def _first(node: str) -> str:
    return node.partition(" · ")[0]


def _name(module: str) -> str:
    parts = module.split(".")
    return parts[1] if parts[0] == "qfl" and len(parts) > 1 else parts[0]


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text()))
