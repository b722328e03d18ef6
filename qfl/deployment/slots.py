"""Who may hold a connection to the front: strangers briefly and few of them, every node a share of its own.

A connection counts from the moment it is accepted, before TLS, because TLS already costs 256 kB of memory. It is a
stranger's until a request on it is signed by a registered node; strangers can never take a node's places.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network

STRANGERS, PER_ORIGIN = 512, 64  # connections before their first signed request; in all, and from one network address
GRACE_S = 1.0  # a stranger is left in peace for so long: enough for a handshake and a head over a slow link
PER_NODE = 16  # a SuperNode keeps two to four
IPV6_PREFIX = 56  # what one customer is given


def origin(address: str) -> str:
    """Return whom an address belongs to, as far as limits are concerned: IPv4 addresses, and IPv6 networks.

    Example:
        >>> origin("::ffff:192.0.2.7"), origin("2001:db8:1:2ff::9"), origin("?")
        ('192.0.2.7', '2001:db8:1:200::/56', '?')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or ip_network((found, IPV6_PREFIX), strict=False)
    return str(found)


@dataclass(eq=False)
class Place:
    """One connection.

    Args:
        origin: Whose it is while nothing else is known (`origin`).
        cut: Ends it.
        since: When it was accepted, in seconds.
    """

    origin: str
    cut: Callable[[], object]
    since: float
    client: str | None = field(default=None, init=False)


class Slots:
    """Give places to connections.

    Where strangers' places are taken, a newcomer gets that of the oldest stranger of the same origin (of the origin
    that holds most, where all places are taken), once that one's grace is over. So slow and silent connections hold
    nothing, and connections of one origin push out one another only.

    Args:
        per_node: Connections of one node; its newest take the place of its oldest.
        now: Seconds.
    """

    def __init__(self, per_node: int = PER_NODE, now: Callable[[], float] = time.monotonic):
        self._per_node, self._now = per_node, now
        self._strangers: dict[str, list[Place]] = {}
        self._nodes: dict[str, list[Place]] = {}

    def enter(self, address: str, cut: Callable[[], object]) -> Place | None:
        """Return a stranger's place for a new connection from an address, or None if there is none."""
        place = Place(origin(address), cut, self._now())
        mine = self._strangers.get(place.origin, [])
        if len(mine) >= PER_ORIGIN:
            rivals = mine
        elif self.strangers >= STRANGERS:
            rivals = max(self._strangers.values(), key=len)
        else:
            rivals = []
        if rivals:
            oldest = rivals[0]
            if self._now() - oldest.since < GRACE_S:
                return None
            self.leave(oldest)
            oldest.cut()
        self._strangers.setdefault(place.origin, []).append(place)
        return place

    def recognise(self, place: Place, client: str) -> None:
        """Count a connection among a node's from now on."""
        if place.client == client:
            return
        self.leave(place)
        place.client = client
        mine = self._nodes.setdefault(client, [])
        mine.append(place)
        if len(mine) > self._per_node:
            mine[0].cut()
            self.leave(mine[0])

    def leave(self, place: Place) -> None:
        """Give a place back; more than once does no harm."""
        table, key = (self._strangers, place.origin) if place.client is None else (self._nodes, place.client)
        if place in (held := table.get(key, [])):
            held.remove(place)
            if not held:
                del table[key]

    @property
    def strangers(self) -> int:
        """How many connections have not been recognised."""
        return sum(map(len, self._strangers.values()))


class Pace:
    """Spread out what one party asks for: so many at once, and so many a second on the mean.

    Args:
        per_s: How many a second.
        burst: How many at once, after a pause.
        longest_s: Nobody waits longer; how many wait at one time is limited elsewhere.
        now: Seconds.

    Example:
        >>> pace = Pace(per_s=10.0, burst=2, now=lambda: 100.0)
        >>> [round(pace.wait_s("a"), 3) for _ in range(4)], pace.wait_s("b")
        ([0.0, 0.0, 0.1, 0.2], 0.0)
    """

    def __init__(self, per_s: float, burst: int, longest_s: float = 1.0, now: Callable[[], float] = time.monotonic):
        self._step_s, self._ahead_s, self._longest_s, self._now = 1 / per_s, burst / per_s, longest_s, now
        self._due: dict[str, float] = {}

    def wait_s(self, party: str) -> float:
        """Return for how long a party's next request is to wait."""
        now = self._now()
        if len(self._due) > 10_000:
            self._due = {name: due for name, due in self._due.items() if due > now - self._ahead_s}
        due = max(self._due.get(party, 0.0), now - self._ahead_s) + self._step_s
        self._due[party] = min(due, now + self._longest_s)
        return max(0.0, self._due[party] - now)
