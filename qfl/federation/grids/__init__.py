"""Concerns of transport, one grid a file: each holds another grid and changes what passes through it.

`base` is what all share. From the bottom up, as `stack` puts them: `in_process` or `concurrent_pull`,
which carry Flower's messages; then `deadline`, which makes replies of them, `radio`, `encryption`, `signature`,
`admission` (whose limits are in `caps`), `absence`. `selection` is what a strategy sees of the clients.
"""
