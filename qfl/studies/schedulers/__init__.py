"""Schedulers compared on the same instances: the panel, its run, its figures, and one page."""
