"""Encrypted rounds: the server adds up what it cannot read, and one client opens the sum (`qfl.security.homomorphic`).

::

    step    server -> client                               client -> server
    key     KeyCall, to one client                         KeyOffer: the public key of the round
    train   the broadcast, the call and the offer, to all  the encrypted update
    open    EncryptedSum, to that client                   OpenedSum: whole numbers

The first and the last are records of `qfl.federation.masking.records`; the broadcast has a record "qfl.ckks" besides.
"""
