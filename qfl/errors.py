"""The exception tree.

::

    QflError
    ├── UserError                 a mistake the user can mend; the command line prints it and exits with 2
    │   ├── ConfigError           a run file, an option, an impossible combination (all faults at once)
    │   │   └── SolverFailure     ... a user's solver that raised, or whose answer cannot be used
    │   ├── DataError             a data set that is absent or unreadable
    │   ├── InputError            an array that cannot be computed with; a ValueError, too
    │   ├── RunFolderError        a run folder that is absent, unreadable or of another run
    │   ├── KeyFolderError        a key folder that is absent, damaged, or cannot take what is asked of it
    │   └── MissingExtra          an optional dependency that is not usable, and how to get it
    ├── Damaged                   a content that cannot be what its file should hold; readers add the file's name
    ├── SecurityError             a message or key that is not accepted
    │   └── Rejection             ... with one machine-readable reason
    ├── JobFailed                 a job on quantum hardware that failed at every try
    └── RoundFailed               a round without enough valid replies
"""

from collections.abc import Sequence


class QflError(Exception):
    """Base of everything this package raises on purpose."""


class UserError(QflError):
    """A mistake the user can mend: what was given, what was expected, what to do."""


class ConfigError(UserError):
    """One or more faults of a run file, all reported at once.

    Args:
        faults: One sentence per fault.
    """

    def __init__(self, faults: Sequence[str] | str):
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))


class SolverFailure(ConfigError):
    """A user's solver that raised, or whose answer breaks the problem's constraints or is none."""


class DataError(UserError):
    """A data set that is absent or unreadable."""


class InputError(UserError, ValueError):
    """An array argument that cannot be computed with: of another shape, not real, not finite, a blank sample."""


class RunFolderError(UserError):
    """A run folder that is absent, unreadable, or belongs to another run."""


class KeyFolderError(UserError):
    """A key folder that is absent, damaged, readable by others, or cannot take what is asked of it."""


class MissingExtra(UserError):
    """An optional dependency that is not usable here, with the reason and the remedy."""


class Damaged(QflError):
    """What is wrong with a content, as the rest of a sentence that begins with its file.

    Args:
        fault: Such as ``"is no plain file"``.
        line: Of the file, from 1 on, where one is to blame.
    """

    def __init__(self, fault: str, line: int | None = None):
        self.line = line
        super().__init__(fault)


class SecurityError(QflError):
    """A message or key that is not accepted."""


class Rejection(SecurityError):
    """A message that is refused.

    Args:
        reason: One machine-readable word, such as ``"bad-signature"``.
        detail: One sentence for people.
    """

    def __init__(self, reason: str, detail: str = ""):
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


class JobFailed(QflError):
    """A job on quantum hardware that failed at every try; its id is in the sentence."""


class RoundFailed(QflError):
    """A round that ended without enough valid replies."""
