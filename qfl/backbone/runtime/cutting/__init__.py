"""Cutting circuits: a gate or some wires become a sum of local operations, the pieces run apart, and are put together.

`cuts` says what is cut, `pieces` what is left, `slots` what is run at a cut, `reconstruct` puts the values together,
`placement` finds where to cut for a width.
"""
