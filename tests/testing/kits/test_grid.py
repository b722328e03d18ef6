"""The kit for grids catches each kind of broken grid by the right sentence, and passes a sound one."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from qfl.federation.records.reply import Exchange, Reply
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus
from qfl.testing.kits import run
from qfl.testing.kits.grid import checks

ANGLES = np.zeros(4)
CALLS: list[int] = []


@dataclass
class Broken:
    """A grid that changes what comes back.

    Args:
        base: The grid within.
        change: From the exchange within to another.
    """

    base: Any
    change: Any

    def exchange(self, asked):
        return self.change(self.base.exchange(asked))


class Writes(Broken):
    """Writes into the messages of whoever asked."""

    def exchange(self, asked):
        for each in asked:
            each.message.content["config"]["seen"] = True
        return self.base.exchange(asked)


def replies(change):
    return lambda found: replace(found, replies=tuple(change(list(found.replies))))


def each(change):
    return replies(lambda given: [change(reply) for reply in given])


def dropped(reason="late"):
    return lambda reply: replace(reply, status=ReplyStatus("missing", reason, "why")) if reply.accepted else reply


def now_and_then(reply):
    CALLS.append(reply.client)
    return dropped()(reply) if len(CALLS) // 5 % 2 else reply


BREAKS = {
    "loses a reply": (replies(lambda given: given[1:]), "one reply for every message"),
    "loses those that are dropped": (replies(lambda given: [r for r in given if r.accepted]), "one reply for every"),
    "invents a reply": (replies(lambda given: given + given[:1]), "one reply for every message"),
    "gives one for another": (replies(lambda given: given[:1] * len(given)), "one reply for every message"),
    "sorts replies": (replies(lambda given: sorted(given, key=lambda r: r.client)), "in which order"),
    "drops the first": (replies(lambda given: [*map(dropped(), given[:1]), *given[1:]]), "in which order"),
    "answers for nobody": (replies(lambda given: given or [Reply(None)]), "if nobody is asked"),  # pyright: ignore
    "says no reason": (each(dropped("")), "why where it is dropped"),
    "has words of its own": (each(lambda r: replace(r, status=ReplyStatus("lost", "x", "y"))), "what became of it"),
    "counts backwards": (lambda found: found.spent(verify=-1.0), "seconds are not negative"),
    "names a phase of its own": (lambda found: found.spent(waiting=1.0), "of known phases"),
    "is moody": (each(now_and_then), "asked again"),
    "accepts what was dropped": (each(lambda r: replace(r, status=ACCEPTED)), "stays dropped"),
    "finds another reason": (
        each(lambda r: r if r.accepted else replace(r, status=ReplyStatus("failed", "other", "y"))),
        "for the same reason",
    ),
    "forgets the seconds": (lambda found: Exchange(found.replies), "what was found out below"),
    "forgets the bytes": (each(lambda r: replace(r, bytes_down=None)), "what was found out below"),
    "forgets the radio": (lambda found: replace(found, radio=None), "what the radio made"),
}


def test_a_sound_grid_conforms():
    assert run(checks(lambda base: base, ANGLES)) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_grid_is_caught_by_the_sentence_that_it_breaks(name):
    change, sentence = BREAKS[name]
    found = run(checks(lambda base: Broken(base, change), ANGLES))
    assert any(sentence in failure for failure in found), found


def test_a_grid_that_writes_into_what_is_sent_is_caught():
    found = run(checks(lambda base: Writes(base, None), ANGLES))
    assert found == ["what is sent is not changed for whoever asked: the records of a message were changed"]
