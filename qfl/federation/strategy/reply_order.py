"""One order of replies, whoever sent them and whenever they came."""

from collections.abc import Iterable

from flwr.app import ArrayRecord, Message, MetricRecord


def in_order(replies: Iterable[Message]) -> list[Message]:
    """Return replies sorted by their content, errors last.

    Floating-point sums depend on the order of their terms, and under Ray both node ids and arrival are random. What
    is the same in every run is the content: sorted by it, the sums are equal to the last bit. Replies that tie are
    equal in everything an aggregation reads, so their order does not matter.
    """
    return sorted(replies, key=_content)


def _content(reply: Message) -> tuple[bool, bytes, str]:
    if reply.has_error():
        return True, b"", reply.error.reason or ""
    arrays = b"".join(array.data for record in _array_records(reply) for array in record.values())
    numbers = sorted((name, repr(value)) for record in _metric_records(reply) for name, value in record.items())
    return False, arrays, repr(numbers)


def _array_records(reply: Message) -> Iterable[ArrayRecord]:
    return reply.content.array_records.values()


def _metric_records(reply: Message) -> Iterable[MetricRecord]:
    return reply.content.metric_records.values()
