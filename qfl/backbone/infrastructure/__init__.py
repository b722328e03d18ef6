"""What computes: quantum processing units, each with what it can take and how long it takes."""
