"""What server and clients say to one another where clients tell of their samples, such as access points' channels.

::

    server -> client    SampleCall      what is asked for, of which task, and to which key answers are sealed
    client -> server    SampleReport    the digest of the arrays beside it

Both name one session: run, round and the server's nonce. Channels tell where users are, so a client answers nobody but
the enrolled server of its own task.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from qfl.security.claims import ANY, claim, tensor_digest
from qfl.security.envelope import SAMPLE_CALL, SAMPLE_REPORT
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.sealing import HYBRID, ML_KEM
from qfl.security.session import NO_SEAL, Said, Statement, from_client, from_server
from qfl.security.updates import Form, check_arrays


@dataclass(frozen=True)
class SampleCall(Statement):
    """The server's: it asks clients of a task for what the task's samples have to tell."""

    purpose = SAMPLE_CALL
    task: bytes = claim(5, bytes, size=32)
    roster_version: int = claim(6, int)
    seal: str = claim(7, str, choices=(NO_SEAL, ML_KEM, HYBRID))  # to which answers are sealed, as updates are
    seal_key: bytes = claim(8, bytes, size=ANY)


@dataclass(frozen=True)
class SampleReport(Said):
    """A client's: these arrays are what it has to tell."""

    purpose = SAMPLE_REPORT
    tensors: bytes = claim(6, bytes, size=32)  # `tensor_digest`


def open_call(envelope: bytes, roster: Roster, task: bytes) -> SampleCall:
    """Return a call of the enrolled server for a client's own task.

    Args:
        envelope: What the server signed.
        roster: The enrolled keys, with the server's.
        task: Digest of the client's own task.

    Raises:
        Rejection: ``wrong-task``, ``stale-roster``, or what is wrong with the envelope.
    """
    call = from_server(SampleCall, envelope, roster)
    if call.task != task:
        raise rejection("wrong-task", f"claimed {call.task.hex()[:16]}, expected {task.hex()[:16]}")
    if call.roster_version < roster.version:
        raise rejection("stale-roster", f"the server has version {call.roster_version}, known is {roster.version}")
    return call


def verify_report(
    envelope: bytes, arrays: Mapping[str, NDArray[Any]], client: int, form: Form, roster: Roster, call: SampleCall
) -> SampleReport:
    """Return what a client says of the arrays beside it, if they are whole, finite, asked for and its own.

    Args:
        envelope: What the client signed.
        arrays: As received.
        client: The client that was asked.
        form: Types and shapes that were asked for, by name.
        roster: The enrolled keys.
        call: What the server asked.

    Raises:
        Rejection: With one reason of `qfl.security.reasons.REASONS`.
    """
    report = from_client(SampleReport, envelope, roster, call)
    if report.client != client:
        raise rejection("wrong-client", f"client {report.client} answered in the place of client {client}")
    check_arrays(arrays, form)
    if tensor_digest(arrays) != report.tensors:
        raise rejection("tensor-digest")
    return report
