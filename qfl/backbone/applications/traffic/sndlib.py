"""Networks of SNDlib as requests of traffic engineering, from files in its native format or in XML.

SNDlib's instances are downloaded by whoever wants them, for they come without a licence of their own; what is shipped
is the reader. A link is undirected there, so that it becomes one in each direction; its capacity is what is installed
already, or else its largest module. Measured matrices have demands alone: give the network's file and the matrix's.

Reference:
    Orlowski, Pioro, Tomaszewski and Wessaely, SNDlib 1.0: Survivable network design library, Networks 55, 276 (2010).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from qfl.errors import ConfigError, Damaged
from qfl.reading import read_text

MOST_BYTES = 20_000_000
NATIVE = "?SNDlib native format"
LINK = re.compile(r"(\S+) \( (\S+) (\S+) \) (\S+) \S+ \S+ \S+ \(((?: \S+)*) \)")
DEMAND = re.compile(r"(\S+) \( (\S+) (\S+) \) \S+ (\S+) \S+")
Flows = dict[tuple[str, str], float]


def read_sndlib(network: str | Path, matrix: str | Path | None = None, *, k: int = 4) -> dict[str, Any]:
    """Return a request for ``"traffic"``: links with capacities, demands above 0, and the paths of each.

    Args:
        network: File in the native format or in XML.
        matrix: File with the demands, such as one of the measured ones; None takes those of the network.
        k: Shortest paths of each demand.

    Raises:
        ConfigError: If a file cannot be read, has another format, a link without a capacity, a number that is none, or
            no link or demand at all.

    Example:
        >>> import tempfile
        >>> text = '''?SNDlib native format; type: network; version: 1.0
        ... LINKS (
        ...   L1 ( A B ) 40.00 0.00 0.00 0.00 ( )
        ... )
        ... DEMANDS (
        ...   D1 ( A B ) 1 7.00 UNLIMITED
        ... )'''
        >>> with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        ...     _ = file.write(text), file.flush()
        ...     read_sndlib(file.name)
        {'links': [['A', 'B', 40.0], ['B', 'A', 40.0]], 'demands': [['A', 'B', 7.0]], 'k': 4}
    """
    links, demands = _read(Path(network))
    if matrix is not None:
        _, demands = _read(Path(matrix))
    volumes = {pair: volume for pair, volume in demands.items() if volume}
    for what, found, file in (("link", links, network), ("demand above 0", volumes, matrix or network)):
        if not found:
            raise ConfigError(f"{file} has no {what}; give a network of SNDlib with links, and its demands")
    if lacking := [pair for pair, capacity in links.items() if not capacity]:
        a, b = lacking[0]
        raise ConfigError(f"{network}: the link {a}-{b} has no capacity; give one installed, or a module")
    both = [[*pair, c] for (a, b), c in links.items() for pair in ((a, b), (b, a))]
    return {"links": both, "demands": [[a, b, volume] for (a, b), volume in volumes.items()], "k": k}


def _read(path: Path) -> tuple[Flows, Flows]:
    """Return capacities of undirected links and volumes of demands; several between the same nodes are added up."""
    try:
        text = read_text(path, MOST_BYTES)
    except Damaged as fault:
        raise ConfigError(f"{path} {fault}; give a file of SNDlib") from None
    rows = _of_native if text.lstrip().startswith(NATIVE) else _of_xml
    capacities, volumes = Flows(), Flows()
    for kind, source, target, number in rows(text, path):
        if source == target:
            raise ConfigError(f"{path}: a {kind} leads from {source} to itself; give different nodes")
        flows = capacities if kind == "link" else volumes
        pair = (target, source) if kind == "link" and (target, source) in flows else (source, target)
        flows[pair] = flows.get(pair, 0.0) + number
    return capacities, volumes


def _of_native(text: str, path: Path) -> Iterator[tuple[str, str, str, float]]:
    """Yield whether it is a link or a demand, its ends, and capacity or volume."""
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        words = " ".join(line.replace("(", " ( ").replace(")", " ) ").split())
        if words in ("LINKS (", "DEMANDS (", ")"):
            section = words.rstrip(" ()").lower()
        elif words and not words.startswith("#") and section:
            row = (LINK if section == "links" else DEMAND).fullmatch(words)
            where = f"{path}, line {number}"
            if row is None:
                raise ConfigError(
                    f"{where}: {line.strip()[:60]!r} is none of the {section}; give SNDlib's native format"
                )
            if section == "links":
                yield "link", row[2], row[3], _capacity(_number(row[4], where), row[5].split()[::2], where)
            else:
                yield "demand", row[2], row[3], _number(row[4], where)


def _of_xml(text: str, path: Path) -> Iterator[tuple[str, str, str, float]]:
    """Yield the same from XML; one that declares entities of its own is not looked at."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ConfigError(f"{path} declares a document type; give one of SNDlib's files as it is")
    try:
        root = ElementTree.fromstring(text.encode())
    except (ElementTree.ParseError, ValueError) as fault:
        raise ConfigError(f"{path} is no file of SNDlib, native or XML ({fault}); give one") from None
    for each in root.iter():
        kind = each.tag.rpartition("}")[2]
        if kind not in ("link", "demand"):
            continue
        where = f"{path}: {kind} {each.get('id', '')}"
        source, target = (_text(each, name, where) for name in ("source", "target"))
        if kind == "demand":
            yield kind, source, target, _number(_text(each, "demandValue", where), where)
            continue
        installed = _text(each, "preInstalledModule/{*}capacity", where, "0")
        modules = [module.text or "" for module in each.findall("{*}additionalModules/{*}addModule/{*}capacity")]
        yield kind, source, target, _capacity(_number(installed, where), modules, where)


def _text(element: ElementTree.Element, name: str, where: str, otherwise: str | None = None) -> str:
    found = element.findtext(f"{{*}}{name}", otherwise)
    if not (found or "").strip():
        raise ConfigError(f"{where} has no {name}; give SNDlib's XML")
    return str(found).strip()


def _capacity(installed: float, modules: list[str], where: str) -> float:
    return installed or max((_number(module, where) for module in modules), default=0.0)


def _number(text: str, where: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < float("inf"):
        raise ConfigError(f"{where}: {text[:20]!r} is no capacity or volume; give a finite number of 0 or more")
    return found
