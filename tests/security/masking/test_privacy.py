"""What the server and all colluding clients together can tell of an honest client's vector: nothing but the sum.

Six clients, of whom four (one fewer than the threshold) tell the server all they have. The view is everything that they
hold; the adversary takes off every mask that it knows and asks whether what is left is the vector it suspects, plus
uniform words. The same test sees through weakened masks and through the generator of Flower's SecAgg+.
"""

import numpy as np
import pytest
from scipy.stats import chisquare

from qfl.security.masking.masks import mask_words, pair_seed

SIZE, HONEST, COLLUDING = 4000, (0, 1), (2, 3, 4, 5)
CHANCE = 1e-7  # of a false alarm in one test


def p_value(words, levels=256):
    """The chi-square test of uniform words: of their lowest and of their highest bits; the smaller p-value, doubled."""
    bits = int(np.log2(levels))
    ends = (words % np.uint64(levels), words >> np.uint64(64 - bits))
    return 2 * min(chisquare(np.bincount(each.astype(int), minlength=levels)).pvalue for each in ends)


def left_over(played, client):
    """A masked vector without the masks that the adversary knows: its own pairs', and after unmasking the self mask."""
    context, words = played.start.session, played.masked[client].copy()
    words -= mask_words(played.members[client].own, SIZE)  # a survivor's, which the server puts together
    for other in COLLUDING:
        first, last = min(client, other), max(client, other)
        seed = pair_seed(played.members[first].root, context, first, last)
        words = words - mask_words(seed, SIZE) if other > client else words + mask_words(seed, SIZE)
    return words


def round_of(new_round, vectors):
    played = new_round(6, threshold=5, size=SIZE)
    played.vectors.update(vectors)
    return played.played("agree")


@pytest.fixture(scope="module")
def inputs():
    """Two worlds with the same sum of the honest two; in one, client 0 sent nothing at all."""
    rng = np.random.default_rng(7)
    vector = np.rint(rng.normal(scale=2**20, size=SIZE)).astype(np.int64).view(np.uint64)
    nothing = np.zeros(SIZE, dtype=np.uint64)
    return {"A": {0: vector, 1: nothing}, "B": {0: nothing, 1: vector}}


@pytest.mark.parametrize("world", ["A", "B"])
def test_no_suspicion_of_one_client_stands_out(new_round, inputs, world):
    played = round_of(new_round, inputs[world])
    left = left_over(played, 0)
    for suspected in inputs.values():
        assert p_value(left - suspected[0]) > CHANCE


def test_the_sum_is_seen_so_the_view_is_the_whole_one(new_round, inputs):
    """The masks between the honest two cancel: the adversary has taken off all others rightly."""
    played = round_of(new_round, inputs["A"])
    assert (left_over(played, 0) + left_over(played, 1) == inputs["A"][0]).all()


def test_before_unmasking_even_the_other_honest_clients_secrets_would_not_help(new_round, inputs):
    played = round_of(new_round, inputs["A"])
    seed = pair_seed(played.members[0].root, played.start.session, 0, 1)
    own = mask_words(played.members[0].own, SIZE)
    assert p_value(left_over(played, 0) - mask_words(seed, SIZE) + own - inputs["A"][0]) > CHANCE


def test_the_test_sees_a_mask_of_one_bit_less(inputs):
    """Words that leave out the upper half, or every second number."""
    words = mask_words(bytes(32), SIZE)
    assert p_value(words) > CHANCE
    assert p_value(words >> np.uint64(1)) < CHANCE and p_value(words << np.uint64(1)) < CHANCE
    assert p_value(words - words % np.uint64(3)) > CHANCE  # what it does not see, said honestly


def test_a_mask_whose_seed_has_few_bits_is_broken(inputs):
    """With 9 unknown bits the adversary tries them all, and the right one leaves no uniform words."""
    vector, secret = inputs["A"][0], 293
    masked = vector + mask_words(secret.to_bytes(32, "big"), SIZE)
    found = [k for k in range(2**9) if p_value(masked - mask_words(k.to_bytes(32, "big"), SIZE), 16) < CHANCE]
    assert found == [secret]


def test_flowers_generator_is_seen_through_by_the_same_test():
    """`randint(0, range - 1)` never draws range - 1: of four levels, one is missing (flwr 1.41)."""
    utils = pytest.importorskip("flwr.common.secure_aggregation.secaggplus_utils")
    (theirs,) = utils.pseudo_rand_gen(b"k" * 44, 4, [(SIZE,)])
    counts = np.bincount(theirs, minlength=4)
    assert counts[3] == 0 and chisquare(counts).pvalue < CHANCE
    ours = np.bincount((mask_words(bytes(32), SIZE) % np.uint64(4)).astype(int), minlength=4)
    assert chisquare(ours).pvalue > CHANCE


def test_flowers_pair_keys_fold_to_28_bits_and_ours_do_not():
    """Its keys are 44 characters of base64, folded by exclusive or into a word whose bytes have their top bit clear."""
    import base64
    import os

    utils = pytest.importorskip("flwr.common.secure_aggregation.secaggplus_utils")
    keys = [base64.urlsafe_b64encode(os.urandom(32)) for _ in range(2000)]
    folded = np.bitwise_xor.reduce(np.stack([np.frombuffer(key, dtype="<u4") for key in keys]), axis=1)
    assert np.bitwise_or.reduce(folded) == 0x7F7F7F7F
    swapped = keys[0][4:8] + keys[0][:4] + keys[0][8:]  # another key, the same fold
    masks = [utils.pseudo_rand_gen(key, 2**32, [(9,)])[0] for key in (keys[0], swapped)]
    assert (masks[0] == masks[1]).all()
    ours = [mask_words(key, 9) for key in (bytes(range(32)), bytes([*range(4, 8), *range(4), *range(8, 32)]))]
    assert (ours[0] != ours[1]).any()


def test_one_guess_of_flowers_seeds_at_a_time_gives_the_vector(inputs):
    """A slice of 2^11 of its 2^28 seeds; all of them take hours on one core (`qfl bench secagg` says how many)."""
    utils = pytest.importorskip("flwr.common.secure_aggregation.secaggplus_utils")
    vector = inputs["A"][0][:64].view(np.int64) % 2**22
    secret = 0x01020304
    (mask,) = utils.pseudo_rand_gen(secret.to_bytes(4, "little"), 2**32, [(64,)])
    masked = (vector + mask) % 2**32
    for guess in range(secret - 2**10, secret + 2**10):
        (mask,) = utils.pseudo_rand_gen(guess.to_bytes(4, "little"), 2**32, [(64,)])
        if ((masked - mask) % 2**32).max() < 2**22:  # updates have 22 bits there
            assert guess == secret and ((masked - mask) % 2**32 == vector).all()
            return
    raise AssertionError("the seed was not found")
