"""A deployment: the same federation with its clients on hosts of their own.

::

    DIR/
        authority/          stays with the operator: signs rosters (keys/) and certificates (ca.key)
        server/             belongs on the server
            host.json       what runs here, and on which ports
            ca.crt tls.crt tls.key          TLS (ECDSA: neither Python's ssl nor Flower takes ML-DSA certificates)
            keys/           authority.pub, roster.cbor, server.key
            nodes/0.pub     the public keys that nodes authenticate with, to be registered
            control.token tasks.secret      what operators show to the SuperLink, and what its SuperExec signs with
            state.db home/ logs/ pids/      Flower's database and home; ours of the processes
            notifications.sock              through which front and ServerApp tell each other of messages
        nodes/0/            belongs on the host of client 0
            host.json ca.crt node.key node.pub
            keys/           authority.pub, roster.cbor, clients/0.key
            tasks.secret runtime.*          with Flower's SuperNode alone: between it and its SuperExec
            state/          what the client must remember from run to run
            home/ logs/ pids/

::

    node --TLS--> front (only /v1/fleet/*) --TLS, loopback--> SuperLink <--TLS, loopback-- SuperExec --> ServerApp

Flower serves its operators' interface on the port of its nodes and asks nobody for a name there: whoever reaches it can
start a run, which is to run code on every host. So the SuperLink listens on the loopback interface alone, and hosts
reach it through a front that lets the nodes' requests pass and nothing else. Other accounts of the same machine reach
the loopback interface, too: `qfl.federation.runtime.guarded` starts Flower's commands so that they answer none of them.

A client's messages are carried on its host by `qfl.federation.worker.node`, which listens nowhere and starts no process
for a message, or Flower's SuperNode; SuperLink and front see no difference.
"""

from typing import TYPE_CHECKING

from qfl.lazy import attributes

if TYPE_CHECKING:
    from qfl.deployment.control import (
        describe as describe,
        down as down,
        piece_of as piece_of,
        start_lines as start_lines,
        status as status,
        up as up,
    )
    from qfl.deployment.create import Plan as Plan
    from qfl.deployment.host import NODES as NODES, OWN as OWN, server_in as server_in
    from qfl.deployment.joining import admit as admit, invite as invite, invite_all as invite_all, join as join
    from qfl.deployment.operator import superlink_answers as superlink_answers
    from qfl.deployment.registration import register as register
    from qfl.deployment.roster import publish as publish
    from qfl.deployment.run import run_deployed as run_deployed

__getattr__, __dir__ = attributes(__name__)
