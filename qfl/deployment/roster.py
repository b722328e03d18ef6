"""Hand the authority's roster to hosts: after an enrolment, a rotation or a revocation."""

from collections.abc import Callable, Sequence
from pathlib import Path

from qfl.deployment.host import NodeHost, ServerHost, hosts_in
from qfl.deployment.operator import superlink_answers
from qfl.deployment.registration import register, shut_out
from qfl.errors import ConfigError, KeyFolderError
from qfl.results import write_atomically
from qfl.security import keystore


def publish(
    folder: Path, clients: Sequence[int] | None = None, tell: Callable[[str], None] = lambda line: None
) -> tuple[int, list[str]]:
    """Copy the authority's roster to the server and then to clients, each file replaced atomically.

    The order matters: a client refuses broadcasts of a server with an older roster than its own. Clients need the
    roster only to know their own keys and the server's, so a revocation needs the server's copy alone, and a rotation
    the one client's, too.

    Whose every key is revoked from the first round on is also shut out at the front, where its node's key is removed,
    and at the SuperLink, if that answers here.

    Args:
        folder: The deployment, with its ``authority``.
        clients: Which clients; None for all whose folders are here.
        tell: Called with a line for every client that is shut out.

    Returns:
        The roster's version, and where it was copied.

    Raises:
        KeyFolderError: If the authority's folder is not here, or its roster is refused.
    """
    source = folder / "authority" / "keys"
    here = {host.client for _, host in hosts_in(folder) if isinstance(host, NodeHost)}
    if unknown := sorted(set(clients or ()) - here):
        raise KeyFolderError(
            f"client {unknown[0]} is not in {str(folder)!r}; copy {source / 'roster.cbor'} to its host"
        )
    content, places = keystore.roster_content(source), []
    roster = keystore.load_roster(source, content=content)
    for place, host in hosts_in(folder):
        if isinstance(host, ServerHost) or clients is None or host.client in clients:
            write_atomically(place / "keys" / "roster.cbor", content)
            places.append("the server" if isinstance(host, ServerHost) else f"client {host.client}")
        if isinstance(host, ServerHost) and (gone := shut_out(place)):
            _unregister(place, host, gone, tell)
    return roster.version, places


def _unregister(server: Path, host: ServerHost, clients: Sequence[int], tell: Callable[[str], None]) -> None:
    """Let the SuperLink know who is left; where it does not answer here, say what to do on the server."""
    try:
        superlink_answers(server, host, limit_s=1.0)
        register(server, host)
        later = ""
    except ConfigError:
        later = (
            "; no SuperLink answers here: copy keys/roster.cbor to the server's host, run `qfl deploy register` there"
        )
    for client in clients:
        tell(f"client {client} is revoked: its node's key is removed{later or ' and unregistered'}")
