"""Masked rounds: the server learns the sum of a round's updates and nothing of one (`qfl.security.masking`).

::

    step        server -> client                        client -> server
    advertise   Start                                   Advert
    share       the neighbours' adverts                 Boxes
    (train)     the broadcast, the neighbours' boxes    the masked update
    agree       Survivors                               Agreement
    unmask      the neighbours' agreements              Shares

All but the third are one record "qfl.masking": {"step", "run-id", "statements"} there, {"statement"} back. `grid` is
the server's half, `client` the client's.
"""
