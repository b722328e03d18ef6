"""The folder of the registry: versions of an entry are counted up, the newest is used, and none is changed.

Who reads it names the key that must have signed every newest entry, and may ask for a version at least, as
``NAME@VERSION``: whoever can write into the folder can take a newer file away, but cannot pass an older one off as it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qfl.backbone.runtime.templates.entry import FILE, Template, read_template, write_template
from qfl.errors import ConfigError, DataError
from qfl.security.signing import PublicKey, Signer
from qfl.writing import alone

MOST_ENTRIES = 10_000


@dataclass(frozen=True)
class Templates:
    """The newest version of every entry, verified.

    Args:
        newest: By name.

    Example:
        >>> Templates({}).find("ramp", "angles") is None
        True
    """

    newest: Mapping[str, Template]

    def find(self, name: str, kind: str) -> Template | None:
        """Return the entry of a name, None where there is none.

        Raises:
            ConfigError: If it is of another kind.
        """
        found = self.newest.get(name)
        if found is not None and found.kind != kind:
            raise ConfigError(f"template {found.label} is of the kind {found.kind}; name one of the kind {kind}")
        return found

    def need(self, wanted: str, kind: str) -> Template:
        """Return the entry that somebody asks for.

        Args:
            wanted: ``NAME``, or ``NAME@VERSION`` for that version or a newer one.
            kind: Of `qfl.backbone.runtime.templates.entry.KINDS`.

        Raises:
            ConfigError: If there is none, it is older than asked, or of another kind.
        """
        name, _, version = wanted.partition("@")
        if version and not (version.isascii() and version.isdigit()):
            raise ConfigError(f"{wanted[:60]!r} names no template; give NAME, or NAME@VERSION with a whole number")
        found = self.find(name, kind)
        if found is None:
            raise ConfigError(f"there is no template {name[:60]!r}; give one of {', '.join(self.newest) or 'none'}")
        if version and found.version < int(version):
            raise ConfigError(f"template {found.label} is older than {wanted}, which was asked for; register it again")
        return found


def read_templates(folder: Path, signed_by: PublicKey) -> Templates:
    """Return the newest version of every entry of a folder.

    Args:
        folder: The registry's.
        signed_by: The key that must have signed each.

    Raises:
        ConfigError: If there is no such folder.
        DataError: If a newest entry is altered, or signed by another; an older one is not taken in its place.
    """
    versions = versions_in(folder)
    return Templates(
        {name: read_template(folder / f"{name}@{max(found)}.npz", signed_by)[0] for name, found in versions.items()}
    )


def register(folder: Path, template: Template, signer: Signer) -> Template:
    """Write the next version of an entry, and return it; one that says nothing new is not written again.

    Args:
        folder: The registry's; it is made if there is none.
        template: Whatever its version.
        signer: The project's key.

    Raises:
        UserError: If another process is writing, or the newest version was signed by another, or is of another kind.
    """
    with alone(folder):
        versions = versions_in(folder).get(template.name, [0])
        if max(versions):
            before = read_template(folder / f"{template.name}@{max(versions)}.npz", signer.key)[0]
            if before.kind != template.kind:
                raise ConfigError(f"template {before.label} is of the kind {before.kind}; give this one another name")
            if before.same(template):
                return before
        found = replace(template, version=max(versions) + 1)
        write_template(folder, found, signer)
    return found


def list_templates(folder: Path, signed_by: PublicKey | None = None) -> list[dict[str, Any]]:
    """Return a row for every version of every entry, verified: plain values, with ``fault`` where it is refused.

    Args:
        folder: The registry's.
        signed_by: The key that must have signed each; None shows whose signature each has.

    Raises:
        ConfigError: If there is no such folder.
    """
    rows: list[dict[str, Any]] = []
    for name, versions in sorted(versions_in(folder).items()):
        for version in sorted(versions):
            about = {"name": name, "version": version}
            try:
                found, key = read_template(folder / f"{name}@{version}.npz", signed_by)
            except DataError as error:
                rows.append(about | {"fault": str(error)})
                continue
            rows.append(about | {"kind": found.kind, "signed_by": key.thumbprint.hex(), "facts": dict(found.facts)})
    return rows


def versions_in(folder: Path) -> dict[str, list[int]]:
    """Return the versions of every entry of a folder, by the names of its files alone.

    Raises:
        ConfigError: If it is no folder, or has more than 10,000 files.
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise ConfigError(
            f"{folder} is no folder of templates ({error.strerror}); `qfl backbone register` makes one"
        ) from None
    if len(names) > MOST_ENTRIES:
        raise ConfigError(f"{folder} has {len(names):,} files; give a folder of at most {MOST_ENTRIES:,} templates")
    found: dict[str, list[int]] = {}
    for match in filter(None, map(FILE.fullmatch, names)):
        found.setdefault(match[1], []).append(int(match[2]))
    return found
