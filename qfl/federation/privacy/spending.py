"""Whose budget is spent: every asking of a client is a row on the disk before the message leaves.

::

    privacy.jsonl   {"round": 3, "started": 1790..., "noise_multiplier": 1.2, "clients": [0, 4, 7]}

Rows are appended and never cut off, whatever becomes of the round; the ledger signs how many there are, their digest,
and the most that a client has spent (`qfl.security.ledger`), and `qfl audit` works it out again.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from qfl.errors import RunFolderError
from qfl.federation.privacy.plan import Plan
from qfl.results import Row, RunFolder
from qfl.security.ledger import FIRST, SPENDING, rows_digest

MICRO = 1_000_000


@dataclass(frozen=True)
class Spent:
    """What an entry of the ledger says of budgets.

    Args:
        spendings: Rows so far.
        spent: Their digest.
        micro_epsilon: The most that a client has spent, in millionths, rounded up.
    """

    spendings: int = 0
    spent: bytes = FIRST
    micro_epsilon: int = 0


class Spending:
    """What a run's clients have spent.

    Args:
        folder: The run's.
        plan: Its privacy.
        started: Unix time in ns at which this process took up the run.

    Raises:
        RunFolderError: If the rows that are there are not those of askings.
    """

    def __init__(self, folder: RunFolder, plan: Plan, started: int):
        self._folder, self._started, self.plan = folder, started, plan
        self._rows: list[Row] = folder.rows(SPENDING)
        try:
            self._asked = Counter(int(client) for row in self._rows for client in row["clients"])
            self._noise = {float(row["noise_multiplier"]) for row in self._rows} or {plan.multiplier}
        except (KeyError, TypeError, ValueError):
            raise _altered(folder, "has a row that is no asking of clients") from None
        if self._noise != {plan.multiplier}:
            raise _altered(folder, f"was written with other noise than the run's multiplier of {plan.multiplier:g}")

    def able(self, clients: Sequence[int]) -> list[int]:
        """Return those whose budget lasts for one more round."""
        return [client for client in clients if self.plan.allows(self._asked[client] + 1)]

    def ask(self, number: int, clients: Sequence[int]) -> None:
        """Write down that clients are asked in a round, before they are."""
        asked = {"round": number, "started": self._started, "noise_multiplier": self.plan.multiplier}
        row = asked | {"clients": list(clients)}
        self._folder.append(SPENDING, [row])
        self._rows.append(row)
        self._asked.update(clients)

    @property
    def epsilon(self) -> float:
        """The most that a client has spent."""
        return self.plan.epsilon(max(self._asked.values(), default=0))

    @property
    def said(self) -> Spent:
        """What the ledger says of it."""
        return Spent(len(self._rows), rows_digest(self._rows), ceil(self.epsilon * MICRO)) if self._rows else Spent()

    def require(self, spent: Spent) -> None:
        """Return if the rows begin with those that were signed last.

        Raises:
            RunFolderError: If some were taken away or changed: to forget would be to spend a budget twice.
        """
        if spent.spendings and rows_digest(self._rows[: spent.spendings]) != spent.spent:
            raise _altered(self._folder, "is not what the server signed in the ledger")


def able_of(spending: Spending | None, clients: list[int]) -> list[int]:
    """Return those of some clients whose budget lasts for one more round; all where there is no budget."""
    return spending.able(clients) if spending else clients


def said_of(spending: Spending | None) -> Spent:
    """Return what the ledger says of clients' budgets."""
    return spending.said if spending else Spent()


def why_over(spending: Spending | None, number: int, choose: Callable[[int], list[int]], least: int) -> str:
    """Return why a round cannot be, as too few of its clients have a budget left for it; empty where it can.

    Args:
        spending: What clients have spent.
        number: The round.
        choose: Gives the clients that take part in a round.
        least: Clients that it takes.
    """
    if spending is None or len(spending.able(choose(number))) >= least:
        return ""
    return f"the privacy budget of the clients of round {number} is spent (privacy.epsilon)"


def _altered(folder: RunFolder, what: str) -> RunFolderError:
    return RunFolderError(f"{folder.path / SPENDING}.jsonl {what}; put back the whole file, or begin a new run")
