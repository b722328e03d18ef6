import subprocess
import sys

import torch

from qfl.data.operators import declare_torchvision_operators


def python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)


def test_torchvision_imports_after_declaring_once_or_twice_and_its_datasets_work():
    ran = python(
        "from qfl.data.operators import declare_torchvision_operators as declare\n"
        "import gc, torch; declare(); declare(); gc.collect()\n"
        "from torchvision.datasets import FakeData\n"
        "print(len(FakeData(size=3)), hasattr(torch.ops.torchvision, 'nms'))"
    )
    assert ran.stdout.split() == ["3", "True"], ran.stderr


def test_operators_that_somebody_declared_already_are_left_alone():
    ran = python(
        "from qfl.data.operators import SCHEMA, declare_torchvision_operators as declare\n"
        "import torch; theirs = torch.library.Library('torchvision', 'FRAGMENT')\n"
        "theirs.define('nms' + SCHEMA); print(declare())"
    )
    assert ran.stdout.split() == ["None"], ran.stderr


def test_the_declaration_is_kept_so_that_torch_does_not_forget_it():
    assert declare_torchvision_operators() is declare_torchvision_operators()
    assert hasattr(torch.ops.torchvision, "nms") and hasattr(torch.ops.torchvision, "qnms")
