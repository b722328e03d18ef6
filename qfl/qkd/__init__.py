"""Quantum key distribution, simulated: channels, eavesdroppers, what is distilled, and where keys are asked for."""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.qkd.eavesdropper import Eavesdropper as Eavesdropper
    from qfl.qkd.etsi_client import EtsiSource as EtsiSource, FILE as FILE, open_source as open_source
    from qfl.qkd.exchange import ATTACKS as ATTACKS, Setup as Setup, exchange_keys as exchange_keys
    from qfl.qkd.key_rate import one_way_threshold as one_way_threshold
    from qfl.qkd.key_source import (
        ID_CHARACTERS as ID_CHARACTERS,
        KEY_BYTES as KEY_BYTES,
        KeySource as KeySource,
        NoKey as NoKey,
        SERVER as SERVER,
        client_name as client_name,
    )
    from qfl.qkd.simulated_source import SimulatedSource as SimulatedSource

__getattr__, __dir__ = attributes(__name__)
