"""One encrypted round as the server plays it: a key, the updates under it, their sum, and what it says."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flwr.app import ConfigRecord
from numpy.typing import NDArray

from qfl.errors import ConfigError, Rejection, RoundFailed
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.homomorphic.records import CKKS_RECORD, KEY, OPEN, key_record
from qfl.federation.masking.records import SESSION
from qfl.federation.masking.steps import Steps, again
from qfl.federation.masking.sums import Keep
from qfl.federation.masking.words import Words
from qfl.federation.records.messages import CONFIG, own_copy
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import clocked
from qfl.security.envelope import CKKS_OPENED
from qfl.security.homomorphic.ckks import ROOM, encrypted_bytes, read_key, read_vector, sum_of, tenseal
from qfl.security.homomorphic.statements import EncryptedSum, KeyCall, KeyOffer, OpenedSum
from qfl.security.session import FEWEST, NO_SEAL, packed, signed
from qfl.security.signing import Signer
from qfl.seeds import stream

CANDIDATES = 3  # clients that are asked for a key, one after another, until one has made it
FEWEST_BITS = 12  # behind the point of an angle that moved: 2.4e-4 rad


@dataclass(frozen=True)
class Encrypting:
    """What all encrypted rounds of a run have in common.

    Args:
        seed: The run's: it says whose turn it is to hold the key.
        words: How updates become words, where there is room for all their bits.
        caps: Say how many samples a client has at most.
    """

    seed: int
    words: Words
    caps: Caps
    mode = "ckks"
    longest_statement = CKKS_OPENED.limit_bytes

    @property
    def upload_form(self) -> NDArray[np.uint8]:
        """An array as an encrypted update has it."""
        return np.zeros(encrypted_bytes(self.words.count), dtype=np.uint8)

    def session(
        self, identity: ServerIdentity, number: int, asked: Sequence[Asked], control: ReplyGrid, upload: ReplyGrid
    ) -> "Session":
        """Return a round at its beginning.

        Args:
            identity: The server's.
            number: The round.
            asked: The broadcast, for each client.
            control: Carries the steps' messages.
            upload: Carries the broadcast and the encrypted updates.
        """
        clients, seal = sorted(each.client for each in asked), identity.seal
        call = KeyCall(
            identity.run_id,
            number,
            os.urandom(16),
            identity.started,
            identity.roster.version,
            packed(clients),
            int(max(self.caps.claim(client) for client in clients)),
            seal.algorithm if seal else NO_SEAL,
            seal.public if seal else b"",
        )
        turns = stream(self.seed, "ckks", number).permutation(clients).tolist()[:CANDIDATES]
        steps = Steps(call, identity.roster, control, {each.client: Reply(each) for each in asked})
        return Session(call, turns, identity.signer, upload, steps, self.words.count)

    def require_precision(self, clients: Iterable[int], asked: int) -> None:
        """Return if TenSEAL is there, and an angle of a sum has at least `FEWEST_BITS` bits.

        Args:
            clients: All of the run.
            asked: How many of them take part in a round.

        Raises:
            MissingExtra: If TenSEAL is not installed.
            ConfigError: With how many samples there are.
        """
        tenseal()
        most = int(max(self.caps.claim(client) for client in clients))
        try:
            bits = self.words.within(ROOM, asked, most).point.bits[len(self.words.names) :].min()
        except Rejection:
            bits = -1
        if bits < FEWEST_BITS:
            raise ConfigError(
                f"security.aggregation = 'ckks' with {asked} clients of up to {most} samples leaves fewer than "
                f"{FEWEST_BITS} bits for a movement; use 'masked', which has 32"
            )

    def words_of(self, report: Mapping[str, Any]) -> Words:
        """Return how the updates of a round became words: with as many bits as its clients left room for."""
        return self.words.within(ROOM, report["clients"], report["samples"])


@dataclass
class Session:
    """An encrypted round in progress.

    Args:
        call: What the server announced.
        turns: The clients that may hold the key, in the order of asking.
        signer: The server's key.
        upload: Carries the broadcast and the encrypted updates.
        steps: Carry everything else, and keep what is known of each client.
        count: Words of an update.
        keyholder: Who made the key; None before anybody has.
    """

    call: KeyCall
    turns: Sequence[int]
    signer: Signer
    upload: ReplyGrid
    steps: Steps
    count: int
    keyholder: int | None = None

    def play(self, asked: Sequence[Asked], keep: Keep) -> tuple[NDArray[np.uint64], Exchange]:
        """Return the sum of the updates' words, and the exchange that carried them.

        Args:
            asked: The broadcast, for each client.
            keep: Is given the sum as soon as it is opened.

        Raises:
            RoundFailed: If nobody makes a key, too few clients send an update, or the keyholder opens no sum.
        """
        offered = self._offered()
        key, vectors = read_key(offered.public), dict[int, list[Any]]()

        def read(reply: Reply) -> Reply:
            vectors[reply.client] = read_vector(reply.angles.tobytes(), self.count, key)
            return reply

        stamped = key_record(signed(self.call, self.signer), self.steps.envelopes[KEY][offered.client])
        going = [self._with_key(each, stamped) for each in asked]
        found = self.steps.train(lambda: self.upload.exchange(going).verified(read))
        self.steps.require(len(vectors), FEWEST, "sent an encrypted update")
        total, seconds = clocked(lambda: sum_of(vectors.values()))
        self.steps.phases["add"] = {"seconds": seconds}
        words = self._opened(offered.client, total).view(np.uint64)
        keep(words, found)
        return words, found

    def report(self) -> dict[str, Any]:
        """Return what the round's row says of it."""
        return {
            "keyholder": self.keyholder,
            "clients": len(self.call.members),
            "samples": self.call.most,
            "phases": self.steps.phases,
        }

    def _offered(self) -> KeyOffer:
        told = signed(self.call, self.signer)
        for client in self.turns:
            said = self.steps.ask(KEY, KeyOffer, {client: (told,)}, check=lambda offered: read_key(offered.public))
            if said:
                self.keyholder = client
                return said[client]
        why = self.steps.replies[self.turns[0]].status
        raise RoundFailed(f"no key for the round from {len(self.turns)} clients; the first: {why.reason}: {why.detail}")

    def _with_key(self, asked: Asked, key: ConfigRecord) -> Asked:
        content = own_copy(asked.message.content)
        content[CKKS_RECORD] = key
        content.config_records[CONFIG][SESSION] = self.call.nonce
        return again(asked, content)

    def _opened(self, keyholder: int, total: bytes) -> NDArray[np.int64]:
        asked = EncryptedSum(self.call.run_id, self.call.round, self.call.nonce, self.count, total)
        told = {keyholder: (signed(asked, self.signer),)}
        said = self.steps.ask(OPEN, OpenedSum, told, check=lambda opened: opened.of(total, self.count), loses=False)
        if not said:
            raise RoundFailed(f"client {keyholder}, which holds the key of the round, did not open the sum")
        return said[keyholder].of(total, self.count)
