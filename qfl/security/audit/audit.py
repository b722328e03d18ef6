"""Compare a run folder with its ledger, and the ledger with what clients were shown; no server and no network needed.

What it cannot see: a run whose server lied to everybody alike from the beginning, and, where neither a client's record
nor keys from elsewhere are given, a folder of which all was signed again by whoever holds the server's key.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from qfl.errors import ConfigError, Damaged, RunFolderError
from qfl.results import RunFolder
from qfl.security.audit.run_rows import end_findings, row_findings
from qfl.security.audit.spendings import library_note, next_is_too_much, spending_findings
from qfl.security.audit.witness import ENDING, contradictions, read
from qfl.security.keystore import load_roster
from qfl.security.ledger import Entry, Link
from qfl.security.ledger_chain import Finding, follow, in_force, read_ledger
from qfl.security.roster import only_key
from qfl.security.signing import PublicKey

CLIENT = re.compile(r"client-(\d+)-[0-9a-f]{16}" + re.escape(ENDING))


@dataclass(frozen=True)
class Audit:
    """What an audit came to.

    Args:
        findings: What is wrong, the first round first; empty where nothing is.
        rounds: The last round in the ledger; -1 where it has none.
        entries: Lines of the ledger that hold.
        server: The key that must have signed it.
        notes: What was not looked at, and why.
    """

    findings: tuple[Finding, ...]
    rounds: int
    entries: int
    server: PublicKey
    notes: tuple[str, ...] = field(default=())

    @property
    def first(self) -> Finding | None:
        """What is wrong with the first round with which anything is."""
        return self.findings[0] if self.findings else None


def audit(folder: RunFolder, keys: Path | None = None, clients: Sequence[Path] = ()) -> Audit:
    """Return what of a run folder is not as its server signed it.

    Args:
        folder: The run's.
        keys: A key folder from elsewhere, whose server must have signed; None takes the run's own.
        clients: Folders of deployed clients, each with its ``keys`` and its ``state``.

    Raises:
        KeyFolderError: If a roster cannot be read.
        ConfigError: If a client's folder has no record of the run.
        RunFolderError: If run.json or a client's record is damaged.
    """
    run_id = _run_id(folder)
    server = _server(folder, keys, clients)
    links, fault = _links(folder, server, run_id)
    counting = {number: link.entry for number, link in in_force(links).items()}
    findings = [fault] if fault else []
    if counting:
        findings += row_findings(folder, counting, whole=not fault, unfinished=_unfinished(folder))
        findings += end_findings(folder, counting, next_is_too_much) if not fault else ()
        findings += spending_findings(folder, links)
    for home in clients:
        findings += _shown(home, run_id, links, server)
    last = max(counting, default=-1)
    return Audit(tuple(sorted(findings)), last, len(links), server, tuple(_notes(folder, keys, clients, counting)))


def verified_entries(folder: RunFolder) -> dict[int, Entry]:
    """Return the entry that counts for each round, of those that the run's own server signed."""
    links = _links(folder, _server(folder, None, ()), _run_id(folder))[0]
    return {number: link.entry for number, link in in_force(links).items()}


def _links(folder: RunFolder, server: PublicKey, run_id: bytes) -> tuple[list[Link], Finding | None]:
    envelopes: list[bytes] = []
    broken = False
    try:
        for envelope in read_ledger(folder):
            envelopes.append(envelope)
    except RunFolderError:
        broken = True
    links, fault = follow(envelopes, partial(only_key, server), run_id)
    if broken and not fault:
        due = links[-1].entry.round + 1 if links else 0
        fault = Finding(due, "altered", "has a line in ledger.jsonl that is no entry")
    if not envelopes and not fault:
        fault = Finding(0, "dropped", "and what follows it are in no ledger: there is no ledger.jsonl, or it is empty")
    return links, fault


def _shown(home: Path, run_id: bytes, links: Sequence[Link], server: PublicKey) -> Iterator[Finding]:
    """Yield what a client's record of the run contradicts.

    Raises:
        ConfigError: If it has none.
    """
    files = [path for path in sorted((home / "state").glob(f"*{ENDING}")) if CLIENT.fullmatch(path.name)]
    seen = [(path, found) for path in files if (found := read(path, run_id, server))]
    if not seen:
        raise ConfigError(
            f"{home / 'state'} has no record of this run; give the folder of a deployed client that took part"
        )
    for path, found in seen:
        named = CLIENT.fullmatch(path.name)
        yield from contradictions(int(named[1]) if named else 0, found, links)


def _server(folder: RunFolder, keys: Path | None, clients: Sequence[Path]) -> PublicKey:
    """Return the server's key, as the clients' rosters have it, or that of a key folder.

    Raises:
        ConfigError: If two of the given folders know different servers.
    """
    given = [home / "keys" for home in clients] + ([keys] if keys else [])
    known = [load_roster(each, now=0).server for each in given or [own_keys(folder)]]  # an old run's roster has expired
    if any(key != known[0] for key in known):
        raise ConfigError(f"{' and '.join(map(str, given))} know different servers; give folders of one federation")
    return known[0]


def own_keys(folder: RunFolder) -> Path:
    """Return the key folder of a run: that within it, or the one that run.json names."""
    within = folder.path / "keys"
    return within if within.exists() else Path(str(folder.header.get("keys", within)))


def _run_id(folder: RunFolder) -> bytes:
    try:
        run_id = bytes.fromhex(str(folder.header.get("run_id")))
    except ValueError:
        run_id = b""
    if len(run_id) != 16:
        raise folder.damaged("run.json", Damaged("has no run_id of 32 hexadecimal digits"))
    return run_id


def _unfinished(folder: RunFolder) -> bool:
    return folder.header.get("status") != "completed"


def _notes(
    folder: RunFolder, keys: Path | None, clients: Sequence[Path], counting: Mapping[int, Entry]
) -> Iterator[str]:
    if not clients and not keys and own_keys(folder).is_relative_to(folder.path):
        yield (
            "the server's key lies in the run folder itself, and whoever has it can sign another ledger; "
            "compare with a client's record (--client) or with keys from elsewhere (--keys)"
        )
    elif not clients:
        yield "no client's record was compared (--client): the server may have shown others another ledger"
    if counting and (begun := min(counting)):
        yield f"the ledger begins with round {begun}: nothing is known of those before it"
    if note := library_note(folder):
        yield note
    if counting and _unfinished(folder):
        yield f"the run was not completed: of round {max(counting)}, its last, rows may be missing"
