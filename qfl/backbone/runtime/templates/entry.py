"""An entry of the registry: a name, a kind, plain facts and numbers, in a signed file of its own, ``NAME@VERSION.npz``.

Name and version are signed, too: a file that was given another entry's name is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import ConfigError, Damaged, DataError, Rejection
from qfl.security.envelope import TEMPLATE
from qfl.security.signed_arrays import as_fault, read_signed, write_signed
from qfl.security.signing import PublicKey, Signer

FORMAT = "qfl-template-1"
KINDS = ("qubo", "angles", "checkpoint")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
FILE = re.compile(rf"({NAME.pattern})@([1-9][0-9]{{0,8}})\.npz")


@dataclass(frozen=True, eq=False)
class Template:
    """An entry.

    Args:
        name: Small letters, digits, full stops, hyphens and underscores, 100 at most.
        kind: One of `KINDS`.
        facts: Plain values: what it is for, and how it was found.
        arrays: Its numbers by name, all finite.
        version: From 1 on; 0 where it is not registered yet.

    Raises:
        ConfigError: If name or kind are none, or a number is not finite.

    Example:
        >>> Template("ramp", "angles", {"layers": 1}, {"gammas": np.array([0.8]), "betas": np.array([0.5])}).label
        'ramp@0'
    """

    name: str
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray] = field(default_factory=dict)
    version: int = 0

    def __post_init__(self):
        if not NAME.fullmatch(self.name):
            raise ConfigError(f"{self.name[:60]!r} is no name of a template; give small letters, digits and . - _")
        if self.kind not in KINDS:
            raise ConfigError(f"{self.kind!r} is no kind of template; give one of {', '.join(KINDS)}")
        if bad := [name for name, each in self.arrays.items() if each.dtype.kind not in "biuf" or not _finite(each)]:
            raise ConfigError(f"template {self.name!r}: {bad[0]} has what is no finite number; give finite numbers")

    @property
    def label(self) -> str:
        """Name and version, as requests and rows have them."""
        return f"{self.name}@{self.version}"

    def same(self, other: "Template") -> bool:
        """Return whether another entry says the same, whatever its version."""
        equal = self.arrays.keys() == other.arrays.keys() and dict(self.facts) == dict(other.facts)
        return equal and all(np.array_equal(each, other.arrays[name]) for name, each in self.arrays.items())


def write_template(folder: Path, template: Template, signer: Signer) -> None:
    """Write an entry's file into a folder, signed.

    Args:
        folder: The registry's.
        template: With the version that it is to have.
        signer: Whose signature stands in it.
    """
    header = {
        "format": FORMAT,
        "name": template.name,
        "kind": template.kind,
        "version": template.version,
        "facts": dict(template.facts),
    }
    write_signed(folder / f"{template.label}.npz", header, template.arrays, signer, TEMPLATE)


def read_template(path: Path, signed_by: PublicKey | None) -> tuple[Template, PublicKey]:
    """Return the entry of a file, and the key that signed it.

    Args:
        path: What `write_template` wrote.
        signed_by: The key that must have signed it; None takes the one that comes with the file.

    Raises:
        DataError: If the file is damaged or altered, signed by another, or another entry's under this name.
    """
    try:
        header, arrays, key = read_signed(path, TEMPLATE, signed_by)
        template = _template(header, arrays)
    except (Damaged, Rejection) as error:
        raise DataError(f"{path} is refused as a template: it {as_fault(error)}; register it again") from None
    except ConfigError as error:
        raise DataError(f"{path} is refused as a template: {error}") from None
    if path.name != f"{template.label}.npz":
        raise DataError(f"{path} is refused as a template: it holds {template.label}; give it its own name again")
    return template, key


def _template(header: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> Template:
    match header:
        case {
            "format": str(written),
            "name": str(name),
            "kind": str(kind),
            "version": int(version),
            "facts": {**facts},
        }:
            if written == FORMAT:
                return replace(Template(name, kind, facts, arrays), version=version)
    raise Damaged(f"is of another version than {FORMAT}")


def _finite(array: NDArray) -> bool:
    return bool(np.isfinite(array).all())
