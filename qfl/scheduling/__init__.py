"""Who sends on which sub-channel, with what power: problems, solvers, solutions and certificates."""
