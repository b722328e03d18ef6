"""The front wakes whom there is work for, tells who has answered, and loses nothing with a server that goes.

Also covers qfl/federation/grids/notifications.py and qfl/federation/runtime/unix_socket.py, the other end.
"""

import asyncio
import threading
import time
from functools import partial

import pytest
from flwr.proto.fleet_pb2 import PullMessagesRequest, PushMessagesRequest, PushMessagesResponse
from flwr.proto.message_pb2 import Message, Metadata
from flwr.proto.node_pb2 import Node

from qfl.deployment.notifications import ANSWER, BACKLOG_BYTES, PART, Notifier
from qfl.federation.grids.notifications import SOCKET, Notifications, beside


def question(node):
    return PullMessagesRequest(node=Node(node_id=node)).SerializeToString()


def answer_to(*messages):
    replies = [Message(metadata=Metadata(reply_to_message_id=each)) for each in messages]
    return PushMessagesRequest(messages_list=replies).SerializeToString()


def wants(parts):
    return PushMessagesResponse(objects_to_push=["part"] * parts).SerializeToString()


def with_both_ends(tmp_path, work):
    """Run ``work(notifier, notifications)`` beside a front that listens in a folder deeper than a socket's address."""
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    folder.mkdir(parents=True)

    async def run():
        notifier, notifications = Notifier(), beside(str(folder / "keys"))
        async with await notifier.listen(folder / SOCKET):
            assert (folder / SOCKET).stat().st_mode & 0o777 == 0o600
            await asyncio.to_thread(notifications.forget)
            await until(lambda: notifier.connected)
            await work(notifier, notifications)
            if notifications._socket:
                notifications._drop(notifications._socket)

    asyncio.run(run())


async def until(holds, seconds=20.0):
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.005)


def test_only_the_question_of_a_node_that_there_is_work_for_is_woken(tmp_path):
    async def work(notifier, notifications):
        mine, other = asyncio.Event(), asyncio.Event()
        with notifier.question(question(2**63 + 1), mine), notifier.question(question(8), other):
            await asyncio.to_thread(notifications.tell, [2**63 + 1, 9])
            await until(mine.is_set)
            assert not other.is_set()
        mine.clear()
        await asyncio.to_thread(notifications.tell, [2**63 + 1, 8])  # nobody asks any more
        await asyncio.sleep(0.05)
        assert not mine.is_set() and not notifier._questions

    with_both_ends(tmp_path, work)


@pytest.mark.parametrize("parts", [0, 1, 3])
def test_a_reply_is_told_when_its_last_part_is_stored(tmp_path, parts):
    async def work(notifier, notifications):
        heard = partial(asyncio.to_thread, notifications.wait)
        notifier.relayed("0", ANSWER, answer_to("a1"), wants(parts))
        for part in range(parts):
            assert not await heard("a1", 0.05), part
            notifier.relayed("1", PART, b"another's", b"")
            notifier.relayed("0", PART, b"part", b"")
        assert await heard("a1", 20.0)
        assert not await heard("a1", 0.01)  # once

    with_both_ends(tmp_path, work)


def test_what_is_told_before_anybody_waits_is_not_lost_and_not_taken_for_the_next_round(tmp_path):
    async def work(notifier, notifications):
        notifier.relayed("0", ANSWER, answer_to("b2"), wants(0))
        await until(lambda: "b2" in notifications._heard)
        assert await asyncio.to_thread(notifications.wait, "b2", 0.0)
        notifier.relayed("0", ANSWER, answer_to("b3"), wants(0))
        await until(lambda: "b3" in notifications._heard)
        notifications.forget()
        assert not await asyncio.to_thread(notifications.wait, "b3", 0.0)

    with_both_ends(tmp_path, work)


def test_lines_of_strangers_change_nothing(tmp_path):
    async def work(notifier, notifications):
        notifications._socket.sendall(
            b"\n-1\nnonsense\n" + b"9" * 40 + b"\n" + b"x" * 100_000
        )  # the last without an end
        await until(lambda: not notifier.connected)
        notifier.relayed("0", ANSWER, answer_to("evil\nb4"), wants(0))
        assert not await asyncio.to_thread(notifications.wait, "b4", 0.05)

    with_both_ends(tmp_path, work)


def test_a_server_that_does_not_listen_is_let_go(tmp_path):
    async def work(notifier, notifications):
        quiet = threading.Event()
        notifications._heard = Deaf(quiet)
        for _ in range(4 * BACKLOG_BYTES // 65):
            notifier.relayed("0", ANSWER, answer_to("c" * 64), wants(0))
        await until(lambda: not notifier.connected)
        quiet.set()
        await until(lambda: not notifications.connected)

    with_both_ends(tmp_path, work)


class Deaf(dict):
    """Keeps its reader from reading on."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def __len__(self):
        self.end.wait(20)
        return 0


def test_a_front_that_is_started_again_is_found_again(tmp_path):
    notifications = Notifications(tmp_path / SOCKET)
    notifications.forget()
    assert not notifications.connected  # there is none yet

    async def front():
        notifier = Notifier()
        async with await notifier.listen(tmp_path / SOCKET):
            await asyncio.to_thread(notifications.forget)
            await until(lambda: notifier.connected)
            for server in list(notifier._servers):
                server.close()
        await until(lambda: not notifications.connected)

    for _ in range(2):
        asyncio.run(front())
    notifications.tell([1])  # to nobody


def test_without_a_front_one_waits_as_long_as_one_would(tmp_path):
    for notifications in (Notifications(), beside(""), Notifications(tmp_path / "absent")):
        start = time.monotonic()
        notifications.forget()
        assert not notifications.wait("message", 0.05) and time.monotonic() - start >= 0.045
