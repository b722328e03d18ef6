"""``python -m qfl`` is the same as ``qfl``."""

import sys

from qfl.cli import main

if __name__ == "__main__":
    sys.exit(main())
