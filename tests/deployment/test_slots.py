"""Places at the front: few and brief for strangers, a share of its own for every node."""

import pytest

from qfl.deployment.slots import GRACE_S, PER_NODE, PER_ORIGIN, STRANGERS, Pace, Slots, origin


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def slots(clock):
    return Slots(now=clock)


def fill(slots, address, count):
    """Enter connections of an address; return those that were cut since."""
    cut = []
    places = [slots.enter(address, lambda k=k: cut.append(k)) for k in range(count)]
    return places, cut


@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("192.0.2.7", "::ffff:192.0.2.7", "192.0.2.8"),
        ("2001:db8::1", "2001:db8:0:ff::2", "2001:db8:0:100::1"),
        ("fe80::1%eth0", "fe80::1%eth1", "fe81::1"),
        ("?", "?", "127.0.0.1"),
    ],
)
def test_one_customers_addresses_count_as_one(address, same, other):
    assert origin(address) == origin(same) != origin(other)


def test_one_address_holds_its_share_and_others_still_enter(slots):
    places, cut = fill(slots, "192.0.2.7", 2048)
    assert sum(place is not None for place in places) == PER_ORIGIN == slots.strangers and cut == []
    assert slots.enter("192.0.2.8", lambda: None) is not None


def test_whoever_is_slow_makes_room_for_the_next_of_the_same_address(slots, clock):
    _, cut = fill(slots, "192.0.2.7", PER_ORIGIN)
    clock.now += GRACE_S
    assert slots.enter("192.0.2.7", lambda: None) is not None and cut == [0]
    assert slots.strangers == PER_ORIGIN


def test_when_all_places_are_taken_the_address_with_most_makes_room(slots, clock):
    _, cut = fill(slots, "192.0.2.7", PER_ORIGIN)
    for k in range(STRANGERS - PER_ORIGIN):
        assert slots.enter(f"198.51.{k // 200}.{k % 200}", lambda: pytest.fail("an innocent was cut"))
    assert slots.enter("203.0.113.1", lambda: None) is None  # all are within their grace
    clock.now += GRACE_S
    assert slots.enter("203.0.113.1", lambda: None) is not None and cut == [0]
    assert slots.strangers == STRANGERS


def test_networks_of_ipv6_do_not_multiply_places(slots):
    for k in range(4096):
        slots.enter(f"2001:db8:0:{k % 256:x}::{k:x}", lambda: None)
    assert slots.strangers == PER_ORIGIN


def test_a_node_behind_a_crowded_address_keeps_its_place(slots, clock):
    mine = slots.enter("192.0.2.7", lambda: pytest.fail("a node was cut"))
    slots.recognise(mine, "3")
    for _ in range(50):
        fill(slots, "192.0.2.7", 100)
        clock.now += GRACE_S
    assert slots.strangers == PER_ORIGIN
    places = [slots.enter("192.0.2.7", lambda: None)]  # and it can connect once more
    slots.recognise(places[0], "3")


def test_many_nodes_behind_one_address_all_get_in(slots):
    for client in range(1000):
        place = slots.enter("192.0.2.7", lambda: pytest.fail("a node was cut"))
        assert place is not None
        slots.recognise(place, str(client))
    assert slots.strangers == 0


def test_a_node_with_too_many_connections_loses_its_oldest_and_nobody_elses(slots):
    other = slots.enter("192.0.2.7", lambda: pytest.fail("another node was cut"))
    slots.recognise(other, "0")
    cut = []
    for k in range(PER_NODE + 3):
        place = slots.enter("192.0.2.7", lambda k=k: cut.append(k))
        slots.recognise(place, "1")
        slots.recognise(place, "1")
    assert cut == [0, 1, 2]


def test_places_are_given_back_once(slots):
    place = slots.enter("192.0.2.7", lambda: None)
    slots.leave(place)
    slots.leave(place)
    assert slots.strangers == 0
    place = slots.enter("192.0.2.7", lambda: None)
    slots.recognise(place, "0")
    slots.leave(place)
    assert (slots._strangers, slots._nodes) == ({}, {})


def test_a_pace_lets_a_burst_pass_and_then_so_many_a_second(clock):
    pace = Pace(10.0, 20, now=clock)
    assert [pace.wait_s("a") for _ in range(20)] == pytest.approx([0.0] * 20, abs=1e-9)
    for k in range(1, 6):
        assert pace.wait_s("a") == pytest.approx(0.1 * k)
    assert pace.wait_s("b") == 0.0
    for _ in range(1000):
        longest = pace.wait_s("a")
    assert longest == pytest.approx(1.0)
    clock.now += 60
    assert pace.wait_s("a") == 0.0


def test_a_pace_forgets_who_is_gone(clock):
    pace = Pace(10.0, 20, now=clock)
    for k in range(30_000):
        clock.now += 0.01
        pace.wait_s(str(k))
    assert len(pace._due) <= 10_001
