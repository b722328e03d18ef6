"""The Quantum Invocation Policy: whether a quantum computer is asked for a job, learned from what came of earlier ones.

`features` is what a decision looks at, `regression` what it has learned, `decide` the policy itself.
"""
