"""Concerns of transport, one grid a file: each holds another grid and changes what passes through it.

`base` is what all share. From the bottom up, as `qfl.federation.loop` stacks them: `in_process` or `concurrent_pull`,
`selection`, absence, `deadline`, `radio`, `encryption`, `signature`, `admission` (whose limits are in `caps`),
`validity`.
"""
