"""A whole masked round in memory: honest clients and server, and every place where somebody may drop out or lie."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from qfl.errors import Rejection
from qfl.security.masking.member import advertise, agree, join, mask, packed_member, share, unmask, unpacked_member
from qfl.security.masking.recovery import Collected, boxes_for, recover
from qfl.security.masking.statements import Advert, Boxes, Shares, Start, Survivors
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow
from qfl.security.session import from_client, from_server, packed, signed
from qfl.security.signing import generate

RUN, NONCE = b"r" * 16, b"n" * 16


@dataclass
class Round:
    """One masked round; `gone` says at which step a client is no longer there."""

    start: Start
    signers: dict
    roster: Roster
    vectors: dict[int, np.ndarray]
    gone: dict[int, str] = field(default_factory=dict)
    members: dict = field(default_factory=dict)
    adverts: dict = field(default_factory=dict)
    boxes: dict = field(default_factory=dict)
    masked: dict = field(default_factory=dict)
    agreements: dict = field(default_factory=dict)
    shares: dict = field(default_factory=dict)

    def there(self, among, step):
        return [client for client in sorted(among) if self.gone.get(client) != step]

    def written_down(self, client, member):
        """What a killed client would go on from."""
        self.members[client] = unpacked_member(packed_member(member))

    def hear(self, kind, statement):
        return from_client(kind, signed(statement, self.signers[statement.client]), self.roster, self.start)

    def advertise(self):
        told = from_server(Start, signed(self.start, self.signers["server"]), self.roster)
        for client in self.there(told.members, "advertise"):
            self.written_down(client, join(told, client, self.roster))
            self.adverts[client] = signed(advertise(self.members[client]), self.signers[client])

    def share(self):
        for client in self.there(self.adverts, "share"):
            known = [self.adverts[k] for k in self.start.holders(client) if k in self.adverts and k != client]
            member, boxes = share(self.members[client], known, self.roster)
            self.written_down(client, member)
            self.boxes[client] = self.hear(Boxes, boxes)

    def upload(self):
        for client in self.there(self.boxes, "upload"):
            given = boxes_for(self.start, self.boxes, client)
            member, self.masked[client] = mask(self.members[client], self.vectors[client], given)
            self.written_down(client, member)

    def survivors(self, clients=None):
        named = sorted(self.masked) if clients is None else clients
        return Survivors(RUN, self.start.round, NONCE, packed(named))

    def agree(self):
        for client in self.there(self.masked, "agree"):
            member, agreement = agree(self.members[client], self.survivors())
            self.written_down(client, member)
            self.agreements[client] = signed(agreement, self.signers[client])

    def unmask(self):
        for client in self.there(self.agreements, "unmask"):
            alike = [self.agreements[k] for k in self.start.holders(client) if k in self.agreements]
            member, shares = unmask(self.members[client], alike, self.roster)
            self.written_down(client, member)
            self.shares[client] = self.hear(Shares, shares).by_owner()

    def collected(self):
        adverts = {k: from_client(Advert, each, self.roster, self.start) for k, each in self.adverts.items()}
        return Collected(self.start, adverts, self.boxes, sorted(self.masked))

    def recover(self):
        total = sum(self.masked.values(), np.zeros_like(next(iter(self.vectors.values()))))
        return recover(self.collected(), total, self.shares)

    def played(self, until="recover"):
        for step in ("advertise", "share", "upload", "agree", "unmask"):
            if step == until:
                return self
            getattr(self, step)()
        return self

    @property
    def plain_sum(self):
        return sum((self.vectors[k] for k in self.masked), np.zeros_like(self.vectors[min(self.vectors)]))


@pytest.fixture(scope="session")
def many_signers():
    return {who: generate(ML_DSA_44) for who in ("server", *range(12))}


@pytest.fixture(scope="session")
def new_round(many_signers):
    rows = tuple(RosterRow(client, many_signers[client].key, max_examples=500) for client in range(12))
    roster = Roster(1, 4_102_444_800, many_signers["server"].key, rows)

    def make(count=6, *, neighbours=0, threshold=4, gone=None, size=5, round_number=3, seed=0):
        rng = np.random.default_rng(seed)
        ring = packed(rng.permutation(count).tolist())
        start = Start(RUN, round_number, NONCE, 1, 1, ring, neighbours, threshold, "none", b"")
        vectors = {k: rng.integers(0, 2**64, size, dtype=np.uint64) for k in range(count)}
        return Round(start, many_signers, roster, vectors, dict(gone or {}))

    return make


@pytest.fixture
def refused():
    """Return the reason for which something is refused."""

    def reason(work):
        with pytest.raises(Rejection) as found:
            work()
        return found.value.reason

    return reason
