"""Both ends of a simulated link. Also covers key_source.py."""

import pytest

from qfl.qkd.eavesdropper import Eavesdropper
from qfl.qkd.exchange import Setup
from qfl.qkd.key_source import SERVER, KeySource, NoKey, client_name
from qfl.qkd.simulated_source import SimulatedSource

SETUP = Setup("bb84_single", distance_km=1.0, pulses=150_000)


def source(client=3, round_number=1, setup=SETUP, **more):
    return SimulatedSource(setup, 1, client, round_number, **more)


def test_both_ends_hold_the_same_key_and_get_it_once():
    sender, receiver = source(), source()
    assert isinstance(sender, KeySource)
    ours = sender.get_key(SERVER)
    assert receiver.get_key_with_id(client_name(3), ours.key_id) == ours and ours.remark == "simulated"
    with pytest.raises(NoKey, match="given out before"):
        receiver.get_key_with_id(client_name(3), ours.key_id)


def test_rounds_and_clients_have_keys_of_their_own():
    found = [source(client, number).get_key(SERVER) for client in (0, 1) for number in (1, 2, 11)]
    assert len({key.key for key in found}) == len({key.key_id for key in found}) == 6


def test_another_id_opens_nothing():
    with pytest.raises(NoKey, match="has the id"):
        source().get_key_with_id(client_name(3), source(client=4).get_key(SERVER).key_id)


def test_an_exchange_has_so_many_keys_and_no_more():
    with pytest.raises(NoKey, match="used them up"):
        source(round_number=1000, rounds_per_exchange=1000).get_key(SERVER)


def test_where_somebody_listens_there_is_no_key_and_the_reason():
    with pytest.raises(NoKey, match="error rate is above"):
        source(setup=Setup("bb84_single", pulses=150_000, eavesdropper=Eavesdropper("breidbart"))).get_key(SERVER)
