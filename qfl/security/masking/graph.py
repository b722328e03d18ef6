"""Who masks with whom, and how many shares unmask.

Clients stand in a ring, in the order of the server's start; each has the same number of neighbours, half before it and
half behind. All are neighbours of all where no number is given. A client's secrets are shared among its neighbours and
itself, its holders.
"""

from collections.abc import Sequence


def holders(members: Sequence[int], client: int, neighbours: int) -> list[int]:
    """Return who holds shares of a client's secrets, itself among them, in the order of the ring.

    Args:
        members: The ring.
        client: One of them.
        neighbours: Of each, an even number; 0 makes all members neighbours of all.

    Example:
        >>> holders([4, 7, 1, 3, 9], 4, 2), holders([4, 7, 1], 7, 0)
        ([9, 4, 7], [4, 7, 1])
    """
    count, own = len(members), members.index(client)
    if not 0 < neighbours < count - 1:
        return list(members)
    half = neighbours // 2
    return [members[(own + step) % count] for step in range(-half, half + 1)]


def num_holders(num_members: int, neighbours: int) -> int:
    """Return how many clients hold shares of each one's secrets."""
    return neighbours + 1 if 0 < neighbours < num_members - 1 else num_members


def default_threshold(num_holders: int) -> int:
    """Return two thirds of the holders and one: less than a third of them may collude with a server that lies.

    Example:
        >>> default_threshold(4), default_threshold(20), default_threshold(51)
        (3, 14, 35)

    Reference:
        Bonawitz et al., 2017, doi:10.1145/3133956.3133982, section 6 (active adversaries).
    """
    return 2 * num_holders // 3 + 1
