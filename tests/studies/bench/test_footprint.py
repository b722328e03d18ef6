"""What a session's processes take, beside what one of them knows that it took."""

import subprocess
import sys

from qfl.studies.bench.footprint import footprint

BUSY = """
import subprocess, sys, time
block = bytearray(b"x") * 50_000_000
while time.process_time() < 0.5:
    pass
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.3: pass"])
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_session_is_counted_with_its_ended_children_and_nobody_else_is():
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True, **pipes) as busy:
        assert busy.stdout and busy.stdout.readline() == "ready\n"
        found = footprint([busy.pid])
        busy.communicate()
    assert 0.75 <= found.cpu_s < 5 and 50 < found.memory_mb < 120
    assert footprint([busy.pid]) == (0, 0)
