"""Make torchvision importable on a CPU-only torch.

The stock torchvision wheel is built for CUDA. Beside a CPU-only torch its compiled operators cannot be loaded, which
torchvision tolerates, but while it is imported it registers shape rules for two of them, ``nms`` and ``qnms``, which
torch refuses for operators that nobody declared. Declaring them, without giving them a body, makes the import work, and
with it everything of torchvision that is pure Python, such as its datasets. Calling the operators still fails, with
torchvision's own explanation.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import torch

SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


@cache  # the declaration lasts as long as the library object, so it is kept; a second call changes nothing
def declare_torchvision_operators() -> torch.library.Library | None:
    """Declare the operators that ``import torchvision`` asks for, where its compiled library cannot.

    Does nothing where torchvision works by itself or somebody declared them already. Call it before
    ``import torchvision``.

    Returns:
        The declaration, or None where none is needed.
    """
    if hasattr(torch.ops.torchvision, "nms") or _compiled_operators_load():
        return None
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(name + SCHEMA)
    return library


def _compiled_operators_load() -> bool:
    # the compiled library declares the operators itself, and twice is an error: so load it as torchvision will
    spec = find_spec("torchvision")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in Path(folder).glob("_C.*"):
            try:
                torch.ops.load_library(path)
                return True
            except OSError:
                continue
    return False
