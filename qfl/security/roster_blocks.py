"""Rows that join a signed roster later, in signed blocks beside it: nothing that is signed already is written again.

::

    keys/roster.cbor        version 1
    keys/enrolled/2.cbor    version 2: a roster of the rows that are new, signed by the same authority
    keys/enrolled/3.cbor    ...

What counts is the roster and the blocks that follow it without a gap. A change of a row (`membership`) writes the whole
into roster.cbor under the next version, which leaves the blocks before it without effect.
"""

import os
from dataclasses import replace
from pathlib import Path

from qfl.errors import Damaged, KeyFolderError
from qfl.reading import read_bytes
from qfl.results import write_atomically
from qfl.security.envelope import ROSTER_ROWS
from qfl.security.roster import Roster, RosterRow, open_roster, sign_roster
from qfl.security.signing import PublicKey, Signer

FOLDER = "enrolled"


def block_path(folder: Path, version: int) -> Path:
    """Return the file of the rows that made a roster's version."""
    return folder / FOLDER / f"{version}.cbor"


def add_block(folder: Path, roster: Roster, rows: tuple[RosterRow, ...], authority: Signer) -> Roster:
    """Sign rows into the next block and return the roster with them.

    Args:
        folder: The authority's key folder, whose lock is held.
        roster: As it is now, with all blocks so far.
        rows: Of clients that have none.
        authority: Its private key.

    Raises:
        Rejection: ``duplicate-client``, ``duplicate-key`` or ``degenerate-key``.
    """
    block = replace(roster, version=roster.version + 1, rows=rows)
    grown = roster.followed_by(block)
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    write_atomically(block_path(folder, block.version), sign_roster(block, authority, ROSTER_ROWS))
    return grown


def with_blocks(
    folder: Path, roster: Roster, authority: PublicKey, *, now: float | None = None, library: str = ""
) -> Roster:
    """Return a roster with the rows of the blocks that follow it; the same object where there is none.

    Args:
        folder: The key folder.
        roster: As `qfl.security.roster.open_roster` returned it, or this function before.
        authority: Its public key.
        now: Unix time in seconds; None reads the clock.
        library: ``"liboqs"`` to verify the clients' signatures with liboqs.

    Raises:
        KeyFolderError: If a block is no file that can be read.
        Rejection: If it is not what the authority signed to follow.
    """
    while os.path.lexists(path := block_path(folder, roster.version + 1)):
        try:
            content = read_bytes(path, ROSTER_ROWS.limit_bytes)
        except Damaged as error:
            raise KeyFolderError(f"{path} {error}; put back the file of the run's key folder") from None
        block = open_roster(content, authority, now=now, library=library, purpose=ROSTER_ROWS)
        roster = roster.followed_by(block)
    return roster
