"""Conformance kits for anybody's objects, and what tests share: circuits, references, damage, mutants."""
