"""The radio inside a federation: who sends when on which sub-channel, and what is in by the round's deadline.

`radio` is the cell of a run and simulates its rounds (`simulation`) on a virtual clock: an `allocator` asks a solver of
`qfl.scheduling` who sends where, `uploads` says what gets through, `coverage` weighs devices by their labels,
`warm_start` begins an allocation at the one before.
"""
