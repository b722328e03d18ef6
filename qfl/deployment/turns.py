"""What one node may have under way at the front: few requests at a time, fewer questions, and not too many a second."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from qfl.deployment.slots import Pace

AT_ONCE = 8  # requests of one node that the SuperLink works on; a SuperNode sends two objects and one heartbeat
QUESTIONS = 2  # questions for work that are kept open for one node; a SuperNode asks one
PER_S, BURST = 50.0, 500  # requests of one node; a round takes about twenty


@dataclass(eq=False)
class Question:
    """A question for work that is kept open.

    Attributes:
        news: Set where it is to be looked at again: there may be work, or it is over.
        over: A newer one has taken its place.
    """

    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    def end(self) -> None:
        """Make room for a newer one."""
        self.over = True
        self.news.set()


class Turns:
    """Let nodes go one by one through what they share."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._questions: dict[str, deque[Question]] = {}
        self._pace = Pace(PER_S, BURST)

    @asynccontextmanager
    async def request(self, client: str) -> AsyncIterator[None]:
        """Hold one of the node's turns; wait for one first, and a little if it asks too often."""
        async with self._gates.setdefault(client, asyncio.Semaphore(AT_ONCE)):
            if wait_s := self._pace.wait_s(client):
                await asyncio.sleep(wait_s)
            yield

    @contextmanager
    def question(self, client: str) -> Iterator[Question]:
        """Keep a question open until it is over: there are newer questions, for which the oldest makes room."""
        mine, question = self._questions.setdefault(client, deque()), Question()
        mine.append(question)
        if len(mine) > QUESTIONS:
            mine.popleft().end()
        try:
            yield question
        finally:
            if question in mine:
                mine.remove(question)
