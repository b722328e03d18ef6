"""Whether a run folder is what its server signed, offline: rows, checkpoint, result, and what clients were shown."""
