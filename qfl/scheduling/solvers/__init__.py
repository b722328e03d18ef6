"""One solver a file; `qfl.scheduling.solvers.registry` names them all."""
