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
    records = reply.content.values()
    arrays = b"".join(array.data for record in records if isinstance(record, ArrayRecord) for array in record.values())
    metrics = (item for record in records if isinstance(record, MetricRecord) for item in record.items())
    return False, arrays, repr(sorted((name, repr(value)) for name, value in metrics))
