"""Attacks by clients as pure functions: on what they send (`updates`, `together`) and on their samples (`samples`).

`qfl.specs` has a row for each, the table ``[attack]`` of a run file names one, and `qfl.federation.attacking` calls it
with those of these that its arguments name:

::

    on updates     angles          what was broadcast, [angle]
                   updates         what attackers trained, [attacker angle]; what is returned is sent in their place
                   others          what honest clients trained, [client angle]; none unless attack.sees = "all"
                   layout          names and periods of the entries
                   share           of all clients, those that attack
                   round_number    from 1
    on samples     inputs, labels  of all attackers, [sample feature] and [sample]; both are returned
                   num_labels      classes
                   largest         largest feature of any training sample
                   poisoned        share of the samples to alter; 1 where the test set is altered to judge by it
                   target, features
    on both        rng             a generator of this round and attacker, from the run's seed
                   strength

An attack of one's own takes the same, ``attack.name = "mine.py:sneak"``, and its own settings from ``[attack.my]``.
Attackers are enrolled clients that sign what they send: no signature stops them, which is what the defences are for.

What others learn or make of a federation without being clients of it is in three more modules, which no run calls:
inputs that mislead a trained model (`adversarial`), samples found again from an update (`leakage`), and who was trained
on (`membership`, with `shadows`).
"""
