"""Keys of a simulated link between the server and one client, the same at both ends because both simulate it alike.

Such a key follows from the seed of the run, so it is no secret from anybody who has the settings. It shows what a link
would do to a federation: how many keys there are, and what happens where there are none.
"""

import hashlib
import uuid
from dataclasses import dataclass, field

import numpy as np

from qfl.qkd.exchange import Setup, exchange_keys
from qfl.qkd.key_source import KEY_BYTES, NoKey, QuantumKey

REMARK = "simulated"


@dataclass(frozen=True)
class SimulatedSource:
    """One end of the simulated link between the server and a client, in one round.

    Args:
        setup: What is simulated.
        seed: Of the run.
        client: Whose link it is.
        round_number: 1 or more; an exchange serves some rounds, one key each.
        rounds_per_exchange: How many, 1 or more.
        given: Ids that were handed out here.

    Example:
        >>> setup = Setup("bb84_single", distance_km=1.0, pulses=100_000)
        >>> sender, receiver = (SimulatedSource(setup, 1, client=3, round_number=1) for _ in range(2))
        >>> ours = sender.get_key("qfl-server")
        >>> receiver.get_key_with_id("qfl-client-3", ours.key_id).key == ours.key
        True
    """

    setup: Setup
    seed: int
    client: int
    round_number: int
    rounds_per_exchange: int = 10
    given: set[str] = field(default_factory=set[str], compare=False)

    def get_key(self, peer: str) -> QuantumKey:
        """Return the round's key.

        Raises:
            NoKey: If the exchange left none, if its keys are used up, or if it was given out here.
        """
        session, number = divmod(self.round_number - 1, self.rounds_per_exchange)
        found = exchange_keys(self.setup, self.seed, self.client, session)
        whole = np.packbits(found.key).tobytes()[number * KEY_BYTES : (number + 1) * KEY_BYTES]
        if not found.secure_bits:
            raise NoKey(found.sentence)
        if len(whole) < KEY_BYTES or found.secure_bits < 8 * KEY_BYTES * (number + 1):
            raise NoKey(f"No key: the exchange left {found.secure_bits} bits, and those before have used them up.")
        return self._once(QuantumKey(self._id(session, number), whole, REMARK))

    def get_key_with_id(self, peer: str, key_id: str) -> QuantumKey:
        """Return the round's key, if it has this id.

        Raises:
            NoKey: As `get_key`, or if the id is another's.
        """
        found = self.get_key(peer)
        if found.key_id != key_id:
            raise NoKey(f"No key has the id {key_id[:40]!r} in this round.")
        return found

    def _once(self, key: QuantumKey) -> QuantumKey:
        if key.key_id in self.given:
            raise NoKey("No key: that of this round was given out before.")
        self.given.add(key.key_id)
        return key

    def _id(self, session: int, number: int) -> str:
        name = f"{self.setup}/{self.seed}/{self.client}/{session}/{number}"
        return str(uuid.UUID(bytes=hashlib.sha256(name.encode()).digest()[:16], version=4))
