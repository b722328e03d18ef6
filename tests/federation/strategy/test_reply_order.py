"""One order of replies, whoever sent them."""

from itertools import permutations

import numpy as np
from flwr.app import Error, Message

from qfl.federation.records.messages import metric_names, reply_content
from qfl.federation.strategy.reply_order import in_order


def test_the_order_depends_on_content_and_neither_on_node_nor_on_arrival(ask):
    metrics = [dict.fromkeys(metric_names("accuracy"), value) for value in (1, 2)]
    contents = [(np.zeros(2), metrics[1]), (np.ones(2), metrics[0]), (np.zeros(2), metrics[0])]
    seen = set()
    for order in permutations(range(3)):
        replies = [
            Message(reply_content(*contents[i], b"", ""), reply_to=m) for i, m in zip(order, ask(3), strict=True)
        ]
        ordered = in_order(replies)
        seen.add(tuple((*r.content["arrays"]["angles"].numpy(), r.content["metrics"]["num-examples"]) for r in ordered))
    assert len(seen) == 1


def test_errors_come_last(ask):
    first, second = ask(2)
    error = Message(Error(1002, "late"), reply_to=first)
    good = Message(reply_content(np.ones(2), dict.fromkeys(metric_names("accuracy"), 1), b"", ""), reply_to=second)
    assert in_order([error, good]) == [good, error]
