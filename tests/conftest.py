"""Properties hold for whatever Hypothesis draws, however long a busy machine takes over it."""

from hypothesis import settings

# Hypothesis' limits, 0.2 s an example and five times that for the first ten draws, are on the time of the wall, which
# other processes share; without a deadline the draws have 30 s. What must be quick has a test that measures it.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
