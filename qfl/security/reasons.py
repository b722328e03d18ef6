"""Why a message or a key is refused: one machine-readable word each, with its sentence.

The word goes into `clients.jsonl` and into error replies, so it is part of the interface; the sentence is for people.
"""

from qfl.errors import Rejection

REASONS: dict[str, str] = {
    # the envelope, in the order of checking
    "too-large": "the envelope is longer than its kind of message can be",
    "not-cose": "the bytes are no COSE_Sign1 structure",
    "not-canonical": "the bytes are not the one canonical encoding of their content",
    "bad-header": "the header is not exactly {alg, kid, typ}, protected",
    "wrong-type": "the envelope was signed as another kind of message",
    "unknown-key": "no enrolled key has this thumbprint",
    "wrong-algorithm": "the header names another algorithm than the enrolled key's",
    "signature-length": "the signature has a length that its algorithm never makes",
    "bad-signature": "the signature does not hold for these bytes under this key",
    # the claims
    "wrong-format": "the claims have another format version",
    "bad-claims": "the claims lack an entry, or hold an unknown, mistyped or out-of-range one",
    "wrong-client": "the message claims another client than the key's owner or than the client that was asked",
    "not-valid-yet": "the key counts only from a later round on",
    "no-longer-valid": "the key counted only up to an earlier round",
    "revoked": "the key is revoked from this or an earlier round on",
    "wrong-run": "the message belongs to another run",
    "wrong-round": "the message belongs to another round",
    "wrong-nonce": "the message does not answer this broadcast",
    "wrong-server": "the message is meant for another server",
    "wrong-base": "training did not start from the model that was sent",
    "wrong-task": "the other end trains another circuit or configuration",
    "wrong-mode": "the arrays are not in the asked form (plain, masked, ckks or dp)",
    "num-examples": "the number of examples exceeds the enrolled bound, or the metrics contradict the claim",
    "stale-roster": "the roster is older than one already known",
    # the arrays and numbers beside the envelope
    "wrong-tensors": "names, types or shapes of the arrays are not those asked for",
    "tensor-digest": "the arrays are not the signed ones",
    "metrics-digest": "the metrics are not the signed ones",
    "config-digest": "the configuration is not the signed one",
    "not-finite": "the arrays hold infinities or not-a-numbers",
    "replay": "this client's update of this round was accepted already",
    # the seal around an update
    "bad-seal": "the seal does not open: made for another key, run, round or client, or altered",
    "no-quantum-key": "the quantum key that the seal names is not to be had at this end",
    # masked sums (qfl.security.masking)
    "not-a-member": "the client does not take part in this masked sum",
    "few-members": "fewer clients take part than could hide one another",
    "low-threshold": "so few shares would unmask that the server could hold two sets of them",
    "begun-before": "this masked round, or a later one, was begun already",
    "unmasked-before": "the sum of this or a later round of the run was unmasked already",
    "out-of-turn": "the step of the masked sum does not follow on the client's last one",
    "few-neighbours": "fewer neighbours are left than shares are needed",
    "false-pair-seed": "a pair seed is not the one that its sender's advert commits to",
    "mask-overflow": "the client holds more samples than a masked sum of so many clients has room for",
    "false-survivors": "the survivors are not among those that took part, or this client is none",
    "disagreement": "fewer neighbours signed the same survivors and ledger than shares are needed",
    "few-survivors": "fewer clients are left than shares are needed",
    "too-few-shares": "fewer shares came back than are needed",
    "false-share": "shares give another secret than the client's advert commits to",
    # homomorphic sums (qfl.security.homomorphic)
    "bad-key": "the key is no CKKS key of the parameters that are used here",
    "false-keyholder": "the client whose key is offered takes no part in this sum",
    "bad-ciphertext": "the ciphertext is no vector of the asked length, scale and parameters, or no sum of such",
    # the roster
    "roster-expired": "the roster is out of date; its authority must sign a new one",
    "key-length": "a public key has a length that its algorithm never makes",
    "degenerate-key": "anyone can sign under this public key (its secret is zero)",
    "duplicate-key": "the key is enrolled already",
    "duplicate-client": "the client is enrolled already",
    "no-possession": "the proof does not show that the applicant holds the key",
}


def rejection(reason: str, detail: str = "") -> Rejection:
    """Return the exception for a reason of `REASONS`, with its sentence and what was given.

    Example:
        >>> str(rejection("wrong-round", "claimed 3, expected 4"))
        'wrong-round: the message belongs to another round (claimed 3, expected 4)'
    """
    return Rejection(reason, REASONS[reason] + (f" ({detail})" if detail else ""))
