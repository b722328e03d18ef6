"""Which keys a run uses: those of a key folder, or keys made for this run alone inside its folder.

Every process finds its own key by client number, Ray's workers included: they run on the same machine. In a deployment
each client's machine has a key folder with its own key only, named by ``security.keys``.
"""

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from qfl.config import Settings
from qfl.errors import ConfigError, KeyFolderError, Rejection
from qfl.security import keystore
from qfl.security.derived_enrolment import enrol_derived
from qfl.security.keyfile import passphrase_given
from qfl.security.roster import Roster
from qfl.security.roster_blocks import block_path, with_blocks
from qfl.security.signing import Signer

ANY_NUMBER = 2**53  # of samples, where no cap is wanted


def key_folder(settings: Settings) -> Path:
    """Return the folder that this run's keys are in."""
    return Path(settings.security.keys or Path(settings.run.folder) / "keys")


def prepare_keys(settings: Settings) -> Roster:
    """Return the roster, after making the run's own keys where no key folder is given (the server's half).

    These are the authority's, the server's and what clients' keys are derived from; `enrol_asked` enrols clients.

    Raises:
        ConfigError: If a client is not enrolled.
        KeyFolderError: If there is no key folder, or its roster is refused.
    """
    folder, count = key_folder(settings), settings.clients.count
    if not settings.security.keys and not folder.exists():
        keystore.new(folder, settings.security.algorithm, library=settings.security.library, derived=True)
    roster = load_roster(settings)
    if settings.security.keys and (absent := [client for client in range(count) if not roster.enrols(client)]):
        raise ConfigError(
            f"clients.count = {count}, but {len(absent)} of them are not enrolled in {folder} (first of all client "
            f"{absent[0]}); enrol them with `qfl keys enrol`, or leave security.keys empty"
        )
    return roster


def enrol_asked(settings: Settings, clients: Sequence[int]) -> Roster:
    """Return the roster of this moment, after enrolling those of the clients that were never asked before.

    Nobody joins a key folder that was given (the server's half).

    Args:
        settings: The run's.
        clients: Numbers of those that are to be asked.

    Raises:
        KeyFolderError: If the run's key folder is damaged, or its roster is refused.
    """
    roster = load_roster(settings)
    if settings.security.keys or all(roster.enrols(client) for client in clients):
        return roster
    folder, claimed = key_folder(settings), settings.round.max_examples
    bound = keystore.MAX_EXAMPLES if claimed is None else int(min(claimed, ANY_NUMBER))
    made = enrol_derived(folder, clients, partial(load_roster, settings), max_examples=bound)
    known = _signers(folder, None, *_contents(folder))
    for client, signer in made.items():
        known[client] = signer
    return load_roster(settings)


def load_roster(settings: Settings) -> Roster:
    """Return the verified roster of this run's key folder, as it is and as it counts at this moment.

    Raises:
        KeyFolderError: If there is none, or it is refused; also one that was read before and is now out of date.
    """
    folder = key_folder(settings)
    try:
        roster = _roster(folder, settings.security.library, *_contents(folder)).now()
        roster.require_current()
    except Rejection as error:
        raise KeyFolderError(f"the roster of {str(folder)!r} is refused: {error}") from error
    return roster


def client_signers(settings: Settings, clients: list[int], round_number: int | None = None) -> list[Signer]:
    """Return the private keys that the given clients sign with in a round, each loaded once per process.

    Args:
        settings: The run's.
        clients: Their numbers.
        round_number: The round; None takes the newest keys.
    """
    folder = key_folder(settings)
    known = _signers(folder, _rotated(settings, round_number), *_contents(folder))
    if unknown := [client for client in clients if client not in known]:
        roster = load_roster(settings)
        known.update(keystore.load_signers(folder, unknown, passphrase_given(), round_number, roster))
    return [known[client] for client in clients]


def _rotated(settings: Settings, round_number: int | None) -> int | None:
    """Return the last round at which some key took another's place: before it, and from it on, keys are the same."""
    changes = load_roster(settings).beginnings
    return max((start for start in changes if round_number is None or start <= round_number), default=None)


def server_signer(settings: Settings) -> Signer:
    """Return the server's private key."""
    return keystore.load_signer(key_folder(settings), "server", passphrase_given())


class _Newest:
    """A roster that has been read, and the blocks that followed it since: each is read once."""

    def __init__(self, folder: Path, library: str, roster: Roster):
        self._folder, self._library, self._roster = folder, library, roster

    def now(self) -> Roster:
        """Return it with the blocks of this moment."""
        if block_path(self._folder, self._roster.version + 1).exists():
            authority = keystore.authority_key(self._folder)
            self._roster = with_blocks(self._folder, self._roster, authority, library=self._library)
        return self._roster


@lru_cache(maxsize=4)
def _roster(folder: Path, library: str, content: bytes, *others: bytes) -> _Newest:
    return _Newest(folder, library, keystore.load_roster(folder, library=library, content=content))


@lru_cache(maxsize=4)
def _signers(folder: Path, rotated: int | None, *contents: bytes) -> dict[keystore.Who, Signer]:
    return {}


def _contents(folder: Path) -> tuple[bytes, bytes, bytes]:
    """Return what the keys depend on: two rosters may have one time stamp, and an older one may be put back."""
    return keystore.roster_content(folder), keystore.authority_key(folder).raw, keystore.seen_content(folder)
