"""HTTP at the front against a client of its own: what is sent arrives, and what is cut short or slow is an error."""

import asyncio

import h11
import pytest

from qfl.deployment import wire as wires
from qfl.deployment.wire import HEAD_BYTES, first_line, new_wire, read_body, read_head, send_answer

POST = b"POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


def read(given, *, end=True):
    """Return head and body of what a client sent, or raise what reading raises."""

    async def go():
        reader, wire = asyncio.StreamReader(), new_wire()
        reader.feed_data(given)
        if end:
            reader.feed_eof()
        head = await read_head(wire, reader)
        return head, await read_body(wire, reader)

    return asyncio.run(go())


def test_a_request_arrives_whole():
    head, body = read(POST + b"hello")
    assert (first_line(head), body) == ("POST /api", b"hello")


def test_a_chunked_body_arrives_whole():
    given = b"POST /api HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    assert read(given)[1] == b"hello"


def test_a_body_that_ends_early_or_a_head_without_end_is_refused():
    with pytest.raises((EOFError, h11.RemoteProtocolError)):
        read(POST + b"hel")
    with pytest.raises(h11.RemoteProtocolError):
        read(b"GET / HTTP/1.1\r\nX: " + b"a" * 2 * HEAD_BYTES)


@pytest.mark.parametrize(("limit", "given"), [("HEAD_S", b"POST /api HTTP/1.1\r\n"), ("BODY_S", POST + b"hel")])
def test_who_is_slow_is_not_waited_for(monkeypatch, limit, given):
    monkeypatch.setattr(wires, limit, 0.05)
    with pytest.raises(TimeoutError):
        read(given, end=False)


@pytest.mark.parametrize("last", [False, True])
def test_an_answer_is_read_by_a_client_of_http(last):
    async def go():
        received = asyncio.get_running_loop().create_future()

        async def serve(reader, writer):
            wire = new_wire()
            await read_head(wire, reader)
            await read_body(wire, reader)
            await send_answer(wire, writer, 403, b"text/plain", b"no", last=last)
            received.set_result(wire.our_state)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(POST + b"hello")
        client, answer = h11.Connection(h11.CLIENT), await reader.read()
        client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
        client.send(h11.EndOfMessage())
        client.receive_data(answer)
        head, data = client.next_event(), client.next_event()
        writer.close()
        server.close()
        return head, data, await received

    head, data, state = asyncio.run(go())
    headers = dict(head.headers)
    assert (head.status_code, bytes(data.data), headers[b"content-type"]) == (403, b"no", b"text/plain")
    assert (headers.get(b"connection") == b"close") == last
    assert state == (h11.MUST_CLOSE if last else h11.DONE)
