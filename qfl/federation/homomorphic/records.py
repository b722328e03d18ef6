"""The record of an encrypted round's broadcast: who may take part, and under which key they encrypt."""

from flwr.app import ConfigRecord, RecordDict

from qfl.security.reasons import rejection

CKKS_RECORD = "qfl.ckks"
KEY, OPEN = "key", "open"  # the steps beside training


def key_record(call: bytes, key: bytes) -> ConfigRecord:
    """Return the record.

    Args:
        call: The server's, signed.
        key: The keyholder's offer, as that client signed it.
    """
    return ConfigRecord({"call": call, "key": key})


def key_in(content: RecordDict) -> tuple[bytes, bytes]:
    """Return what `key_record` took.

    Raises:
        Rejection: ``wrong-mode`` if there is none: what asks for a plain update, where updates are encrypted.
    """
    record = content.get(CKKS_RECORD)
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"call": bytes(call), "key": bytes(key), **rest} if not rest:
            return call, key
        case _:
            raise rejection("wrong-mode", "the broadcast asks for a plain update, and this run's are encrypted")
