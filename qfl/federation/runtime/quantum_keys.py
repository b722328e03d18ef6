"""Where both ends of a run ask for quantum keys, as ``security.qkd`` says: a simulated link, or a real device."""

from functools import lru_cache
from pathlib import Path

from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.etsi_client import EtsiSource, open_source
from qfl.qkd.exchange import Setup
from qfl.qkd.key_source import SERVER, KeySource, client_name
from qfl.qkd.simulated_source import SimulatedSource


def quantum_link(settings: Settings) -> Setup:
    """Return what is simulated between the server and each client.

    Raises:
        ConfigError: If the protocol has no such eavesdropper.
    """
    own = settings.qkd
    hers = Eavesdropper(own.eavesdropper, own.tapped)
    return Setup(own.protocol, own.channel, own.distance_km, own.pulses, own.depolarising, hers)


def require_link(settings: Settings) -> None:
    """Return if keys can be had at all, as far as that is known before the run.

    Raises:
        ConfigError: If the simulated link leaves none even where nobody listens, or the device's folder is not usable.
    """
    if settings.security.qkd == "simulated":
        quantum_link(settings).require_possible()
    if settings.security.qkd == "etsi":
        _opened(settings.qkd.folder, SERVER)


def client_source(settings: Settings, client: int, round_number: int) -> KeySource:
    """Return where a client asks for the key of a round.

    Args:
        settings: The run's, with the client's own paths.
        client: Its number.
        round_number: The round.

    Raises:
        ConfigError: If the device's folder is not usable.
    """
    return _source(settings, client_name(client), client, round_number)


def server_source(settings: Settings, client: int, round_number: int) -> KeySource:
    """Return where the server asks for the key that a client has got in a round.

    Args:
        settings: The run's, whose ``security.qkd`` names a source.
        client: The client's number.
        round_number: The round.
    """
    return _source(settings, SERVER, client, round_number)


def _source(settings: Settings, sae: str, client: int, round_number: int) -> KeySource:
    if settings.security.qkd == "etsi":
        return _opened(settings.qkd.folder, sae)
    if settings.security.qkd != "simulated":
        raise ConfigError(f"security.qkd = {settings.security.qkd!r} has no keys; use 'simulated' or 'etsi'")
    rounds = settings.qkd.rounds_per_exchange
    return SimulatedSource(quantum_link(settings), settings.seed, client, round_number, rounds)


@lru_cache(maxsize=1024)
def _opened(folder: str, sae: str) -> EtsiSource:
    return open_source(Path(folder), sae)
