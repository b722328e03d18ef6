"""What a solver sees of a problem: one block of devices (`block`), as a QUBO (`qubo`) or by its tangent (`tangent`)."""
