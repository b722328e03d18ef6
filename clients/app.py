"""The Flower ClientApp: one client of the federation.

It says which client it is when the server calls the roll, and trains when a signed broadcast asks it to. All that is in
`qfl.federation.client`; it is imported when the first message comes, so that loading this file stays quick. On a host
of its own, where Flower starts a process for every message, a trainer that stays does the work.
"""

from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from qfl.federation.runtime.roll_call import answer
from qfl.federation.worker.resident import ask, is_deployed

app = ClientApp()


@app.query()
def identify(message: Message, context: Context) -> Message:
    """Answer the roll call."""
    return ask(message, context) if is_deployed(context) else answer(message, context)


@app.train()
def train(message: Message, context: Context) -> Message:
    """Verify the broadcast, train, sign."""
    return ask(message, context) if is_deployed(context) else train_batch([message], [context])[0]


def train_batch(messages: list[Message], contexts: list[Context]) -> list[Message]:
    """Do the same for many clients in one tensor program; the in-process grid's vectorised execution."""
    from qfl.federation.client import train

    return train(messages, contexts)
