"""From a name to an object: ``module:attribute``, imported when it is asked for and not before."""

import importlib
from typing import Any


def load_object(reference: str) -> Any:
    """Return the object that a reference names.

    Args:
        reference: ``module:attribute``, such as ``"qfl.models.sqm_gnn:SqmGnn"``.

    Raises:
        ImportError: If there is no such module.
        AttributeError: If the module has no such attribute.

    Example:
        >>> load_object("math:hypot")(3.0, 4.0)
        5.0
    """
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)
