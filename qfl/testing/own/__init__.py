"""Which conformance kit judges an object of somebody's own, how a run makes it, and how its kind is told."""
