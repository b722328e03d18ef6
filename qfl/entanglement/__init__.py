"""Aggregation over entangled states, simulated: sums of phases, EPR pairs to the server, and what checks find."""
