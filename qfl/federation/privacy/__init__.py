"""Differential privacy in the rounds: who adds noise (`qfl.privacy`), and whose budget is spent.

::

    plan        the noise of a run, and what it costs           server and clients
    release     a client's movement with its noise              clients   (local, distributed)
    grid        the noisy mean in place of single updates       server    (central)
    spending    who was asked, in privacy.jsonl, before it is   server

A round costs a client its share of the budget when it is asked, not when it answers: a server that is killed in
between, and asks again, has asked twice.
"""
