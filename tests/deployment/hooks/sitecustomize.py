"""Clients that misbehave, for tests: Python imports this file at the start of every process of a test's nodes.

What a client does is written in ``hook.json`` in its own folder, and read anew for every message. The code that it runs
is the product's; only the misbehaviour is put in between.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
import time
from pathlib import Path

HONEST = {"kind": "honest"}


def hook(home, number=0):
    """Return what to do in a round; round 0 is the roll call."""
    try:
        return json.loads((Path(home) / "hook.json").read_text()).get(str(number), HONEST)
    except (OSError, ValueError):
        return HONEST


def patch_client(module):
    from flwr.app import ConfigRecord

    honest, honest_seal, honest_source = module.train, module.sealed, module.source_digest
    now = dict(HONEST)

    def train(messages, contexts):
        home, number = Path(contexts[0].node_config["home"]), moment_of(messages[0].content)
        now.clear()
        now.update(hook(home, number))
        (home / f"at-work-{number}").touch()
        while now["kind"] == "wait" and not (home / now["for"]).exists():
            time.sleep(0.1)
        return honest(messages, contexts)

    def sealed(content, config, run_id, round_number, client, *more):
        """Change what is inside the seal, or the sealed records, on their way."""
        home = Path(os.environ["QFL_TEST_NODES"]) / str(client)
        if now["kind"] == "tamper":
            angles = content["arrays"]["angles"].numpy().copy()
            angles.view("u1")[0] ^= 1
            content["arrays"] = module_to_record(angles)
        if now["kind"] == "bomb":  # in place of a signature: CBOR that makes a decoder compile a pattern
            update = {**content["qfl.update"], "cose": pattern_bomb(now["bytes"])}
            content = type(content)({**content, "qfl.update": ConfigRecord(update)})
            if not now["sealed"]:
                return content
        if now["kind"] == "oversize":
            import numpy as np
            from flwr.app import Array, ArrayRecord

            noise = np.frombuffer(os.urandom(now["bytes"]), np.uint8)
            return type(content)({"arrays": ArrayRecord({"angles": Array(noise)})})
        kept = home / f"kept-{now.get('name', '')}.bin"
        from qfl.federation.adapter import pack, unpack

        if now["kind"] == "keep":
            kept.write_bytes(pack(content))
        if now["kind"] == "replay":
            content = unpack(kept.read_bytes())
        return honest_seal(content, config, run_id, round_number, client, *more)

    def source_digest():
        return "0" * 64 if now["kind"] == "source" else honest_source()

    from qfl.federation.records.messages import to_record as module_to_record

    module.train, module.sealed, module.source_digest = train, sealed, source_digest


def moment_of(content):
    """Return the round of a training message; of another step of a masked round "agree-3", as its statements say."""
    if "config" in content:
        return content["config"]["server-round"]
    import cbor2

    record = content["qfl.masking"]
    payload = cbor2.loads(cbor2.loads(record["statements"][0]).value[2])
    return f"{record['step']}-{payload[3]}"


def pattern_bomb(size):
    import cbor2

    ranges = "".join(f"{chr(0x100 + k % 97)}-{chr(0xD7FF - k // 97)}" for k in range(size // 6))
    return cbor2.dumps(cbor2.CBORTag(35, f"(?i)[{ranges}]"))


def patch_resident(module):
    from flwr.app import ConfigRecord

    honest, deflate = module.ask, ConfigRecord.deflate

    def ask(message, context, *more):
        reply = honest(message, context, *more)
        number = message.content["config"]["server-round"] if "config" in message.content else 0
        spoilt = hook(context.node_config["home"], number)["kind"] == "garbage"
        ConfigRecord.deflate = garbage if spoilt else deflate
        return reply

    module.ask = ask


def garbage(self):
    """Return a record whose head is in order and whose body is none, which this process then sends."""
    from flwr.supercore.inflatable.inflatable_object import add_header_to_object_body

    return add_header_to_object_body(b"\xff" * 64, self)


def patch_roll_call(module):
    from flwr.app import ConfigRecord, Message, RecordDict

    honest, kept = module.answer, {}

    def answer(message, context):
        from qfl.federation.runtime import keys

        load = kept.setdefault("load", keys.client_signers)
        keys.client_signers = load
        what = hook(context.node_config["home"])
        if what["kind"] == "stranger":  # signs with a key that nobody enrolled
            from qfl.security.profiles import profile
            from qfl.security.signing import generate

            stranger = generate(profile("ML-DSA-44"))
            keys.client_signers = lambda settings, clients, *more: [stranger]
        if what["kind"] == "impostor":  # signs with its own key and says that it is another
            own = context.node_config["partition-id"]
            keys.client_signers = lambda settings, clients, *more: load(settings, [own], *more)
            context.node_config["partition-id"] = what["claims"]
        if what["kind"] == "huge-alg":
            return Message(RecordDict({module.IDENTITY: ConfigRecord(huge_alg(what["kid"]))}), reply_to=message)
        return honest(message, context)

    module.answer = answer


def huge_alg(kid):
    """Return a claim to be client 2 whose proof names a number of 1,800 bytes as its algorithm."""
    import cbor2

    header = {1: 1 << 14300, 4: bytes.fromhex(kid), 16: "application/qfl-presence+cose"}
    proof = cbor2.CBORTag(18, [cbor2.dumps(header, canonical=True), {}, b"", b""])
    return {"client": 2, "proof": cbor2.dumps(proof, canonical=True)}


def patch_release(module):
    """Keep what a client adds to the sum of a masked and private round, as it is before masks."""
    import numpy as np

    honest = module.noisy_words

    def noisy_words(plan, words, update, received, start):
        found = honest(plan, words, update, received, start)
        np.save(Path(os.environ["QFL_TEST_NODES"]) / str(update.client) / f"words-{start.round}.npy", found)
        return found

    module.noisy_words = noisy_words


PATCHES = {
    "qfl.federation.privacy.release": patch_release,
    "qfl.federation.client": patch_client,
    "qfl.federation.worker.resident": patch_resident,
    "qfl.federation.runtime.roll_call": patch_roll_call,
}


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            PATCHES[name](module)

        spec.loader.exec_module = exec_module
        return spec


def shift_clock(seconds):
    """Let this process believe that it is later."""
    import datetime

    real = time.time
    time.time = lambda: real() + seconds

    class Later(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name != "flwr.supernode.node_auth_http_interceptor":
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            load = spec.loader.exec_module

            def exec_module(module):
                load(module)
                honest = module.now
                module.now = lambda: honest() + datetime.timedelta(seconds=seconds)

            spec.loader.exec_module = exec_module
            return spec

    sys.meta_path.insert(0, Later())


if "QFL_TEST_NODES" in os.environ:
    sys.meta_path.insert(0, Finder())
    if shift := os.environ.get("QFL_TEST_CLOCK"):
        shift_clock(float(shift))
