"""Which client is on which node of a deployment: proven by signature, and asked again while somebody is missing.

In one process every client is there. Hosts are not: one is down, one connects late, one claims to be another. A run
starts when enough clients for a quorum have proven who they are; the others are named in every round until they do.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from flwr.app import ConfigRecord, Message, MessageType, RecordDict
from flwr.serverapp import Grid

from qfl.errors import ConfigError, KeyFolderError, Rejection
from qfl.federation.records.reply_status import answered, judged
from qfl.federation.runtime.roll_call import CHALLENGE, IDENTITY, claim_of, proof_of
from qfl.printable import MOST, printable
from qfl.security.challenge_response import CHALLENGE_BYTES, verify_presence
from qfl.security.roster import Roster

POLL_S, ANSWER_S = 0.2, 60.0
LATER_S, TRIES = 10.0, 3  # between rounds nobody waits long, and who does not answer is not asked for ever


@dataclass
class Attendance:
    """The nodes of a deployment by client.

    Args:
        grid: The base grid.
        count: Clients the run is made of.
        roster: Returns the enrolled keys, as they are now.
        answer_s: Seconds to wait for a node's answer.
        now: The clock, in seconds.
        sleep: How to wait.

    Attributes:
        nodes: Node id of each client; negative where no node has proven to be that client.
        refused: What was refused: node, client claimed, reason and detail.
    """

    grid: Grid
    count: int
    roster: Callable[[], Roster]
    answer_s: float = ANSWER_S
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    nodes: dict[int, int] = field(init=False)
    refused: list[dict[str, Any]] = field(default_factory=list, init=False)

    def __post_init__(self):
        self.nodes = {client: absent_id(client) for client in range(self.count)}
        self._tries: dict[int, int] = {}
        self._roster: Roster | None = None
        self._round = 1
        # thumbprint of the key that counts in this round, of each client that has one
        self._keys: dict[int, bytes] = {}

    def gather(self, quorum: float, patience_s: float = 60.0, round_number: int = 1) -> None:
        """Call the roll until everybody is there who may come; after ``patience_s`` a quorum is enough.

        Args:
            quorum: Share of the clients without which no run starts.
            patience_s: Seconds to wait for more than a quorum.
            round_number: The round to come.

        Raises:
            ConfigError: If there is no quorum.
        """
        start, needed = self.now(), max(ceil(quorum * self.count), 1)
        while self.call(self.answer_s, round_number) and self.now() - start < patience_s:
            self.sleep(1.0)
        if self.count - len(self.absent()) < needed:
            barred = sorted(set(self.nodes) - set(self._keys))
            faults = f"; the keys of {barred[:5]} do not count in round {round_number}" if barred else ""
            faults += "".join(f"; {row['reason']}: {row['detail']}" for row in self.refused[:3])
            raise ConfigError(
                f"{self.count - len(self.absent())} of {self.count} clients are connected and proven, the quorum is "
                f"{needed}; absent are {self.absent()[:5]}{faults}; see `qfl deploy status` and the nodes' logs"
            )

    def absent(self) -> list[int]:
        """Return the clients that no node has proven to be."""
        return [client for client, node in self.nodes.items() if node < 0]

    def call(self, answer_s: float = LATER_S, round_number: int = 1) -> list[int]:
        """Ask the nodes that are new, if somebody is missing whose key counts in the round; return who still is.

        A node that gives no proof, by silence or by an error, is asked up to three times; one that is refused, once,
        and again when other keys count. Whose key counts no longer loses its place.
        """
        self._look_up(round_number)
        if self._awaited():
            there = set(self.nodes.values())
            fresh = [
                node for node in self.grid.get_node_ids() if self._tries.get(node, 0) < TRIES and node not in there
            ]
            for node, reply in self._answers(fresh, answer_s):
                self._enter(node, reply)
        return self._awaited()

    def _awaited(self) -> list[int]:
        return [client for client in self.absent() if client in self._keys]

    def _look_up(self, round_number: int) -> None:
        """Note whose keys count in a round."""
        try:
            self._roster = self.roster()
        except KeyFolderError:
            if self._roster is None or self._roster.expired():  # at the start; later, an altered one changes nothing
                raise
        self._round, keys = round_number, self._roster.kids_in(round_number, self.nodes)
        if keys != self._keys:
            self._keys, self._tries = keys, {}
        self.nodes |= {client: absent_id(client) for client in self.nodes if client not in keys}

    def _answers(self, nodes: list[int], answer_s: float) -> Iterable[tuple[int, Message]]:
        self._challenge = os.urandom(CHALLENGE_BYTES)
        question = ConfigRecord({"challenge": self._challenge, "round": self._round})
        asked = [Message(RecordDict({CHALLENGE: question}), node, MessageType.QUERY) for node in nodes]
        sent = set(self.grid.push_messages(asked)) if asked else set()
        waiting = {message.metadata.message_id: message.metadata.dst_node_id for message in asked}
        waiting = {message_id: node for message_id, node in waiting.items() if message_id in sent}
        self._tries |= {node: self._tries.get(node, 0) + 1 for node in nodes}
        end = self.now() + answer_s
        while waiting and self.now() < end:
            for reply in self.grid.pull_messages(list(waiting)):
                node = waiting.pop(answered(reply), None)
                if node is not None:
                    yield node, reply
            self.sleep(POLL_S)

    def _enter(self, node: int, reply: Message) -> None:
        found = judged(lambda: self._proven(node, reply))
        if isinstance(found, Rejection):
            self._refuse(node, reply, found)
        else:
            self.nodes[found], self._tries[node] = node, TRIES

    def _proven(self, node: int, reply: Message) -> int:
        """Return the client that a node proves to be."""
        if reply.has_error():
            raise Rejection("no-answer", (reply.error.reason or "").strip()[-MOST:])
        claim, proof = proof_of(reply.content.get(IDENTITY))
        verify_presence(proof, claim, node, self._challenge, self._roster or self.roster(), self._round)
        if claim not in self.nodes:
            raise Rejection("not-asked-for", f"the run has clients 0 to {self.count - 1}")
        return claim

    def _refuse(self, node: int, reply: Message, fault: Rejection) -> None:
        self._tries[node] = self._tries[node] if fault.reason == "no-answer" else TRIES
        claim, detail = claim_of(reply), printable(fault.detail)
        self.refused.append({"node": str(node), "claims": claim, "reason": fault.reason, "detail": detail})
        who = "" if claim is None else f", which claims to be client {claim},"
        print(f"roll call: node {node}{who} is refused: {fault.reason}: {detail}", flush=True)


def absent_id(client: int) -> int:
    """Return the stand-in for the node id of a client that is not there; Flower's own ids are not negative."""
    return -1 - client
