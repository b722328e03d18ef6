"""Federated learning whose clients are quantum circuits, on Flower, PennyLane and torch.

Importing this package asks OpenMP to let idle threads sleep (``OMP_WAIT_POLICY=PASSIVE``) unless the environment names
a policy: where other programs use the cores, threads that spin wait for one another, and training takes several times
as long. OpenMP reads it when torch is loaded, so it does nothing where torch was imported first; import qfl before
torch, or set it in the shell, or call ``torch.set_num_threads(1)``.
"""

import os

__version__ = "0.1.0"

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
