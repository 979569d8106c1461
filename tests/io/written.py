"""What solver/io/results_test.c writes on 1, 2 and 3 ranks, for the tests beside this file.

    TEST.py WRITER MPIEXEC
"""
from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RANKS = (1, 2, 3)
WRITER, MPIEXEC = "", ""


_dirs: dict[int, Path] = {}


def _write(ranks: int) -> Path:
    """The directory written on that many ranks; made once for all tests of a program."""
    if not _dirs:
        _dirs[0] = Path(tempfile.mkdtemp(prefix="osteon_io_"))
        atexit.register(shutil.rmtree, _dirs[0])
    if ranks not in _dirs:
        _dirs[ranks] = _dirs[0] / f"ranks{ranks}"
        launch = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        done = subprocess.run(
            [*launch, WRITER, str(_dirs[ranks])],
            capture_output=True, text=True, timeout=120,
        )
        if done.returncode:
            raise AssertionError(f"{WRITER} on {ranks} ranks:\n{done.stdout}{done.stderr}")
    return _dirs[ranks]


class Written(unittest.TestCase):
    """`self.dirs[ranks]` is what a run left, read only; `self.top` is a place of one's own."""

    ranks: tuple[int, ...] = RANKS

    @classmethod
    def setUpClass(cls) -> None:
        cls.top = Path(tempfile.mkdtemp(prefix="osteon_io_"))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.dirs = {n: _write(n) for n in cls.ranks}


def main() -> None:
    """Takes the two arguments from the command line and runs the tests of the calling program."""
    global WRITER, MPIEXEC
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} WRITER MPIEXEC [unittest option...]")
    WRITER, MPIEXEC = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main(module="__main__")
