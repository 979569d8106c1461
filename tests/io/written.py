"""What solver/io/results_test.c writes on 1, 2 and 3 ranks, for the tests beside this file.

    TEST.py WRITER MPIEXEC
"""
from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

RANKS = (1, 2, 3)
WRITER, MPIEXEC = "", ""


class Written(unittest.TestCase):
    """Runs the writer once for each number of ranks; `self.dirs[ranks]` is what it left."""

    ranks: tuple[int, ...] = RANKS

    @classmethod
    def setUpClass(cls) -> None:
        cls.top = Path(tempfile.mkdtemp(prefix="osteon_io_"))
        cls.addClassCleanup(shutil.rmtree, cls.top)
        cls.dirs: dict[int, Path] = {}
        for n in cls.ranks:
            cls.dirs[n] = cls.top / f"ranks{n}"
            launch = [MPIEXEC, "--oversubscribe", "-n", str(n)] if n > 1 else []
            done = subprocess.run(
                [*launch, WRITER, str(cls.dirs[n])], capture_output=True, text=True, timeout=120
            )
            if done.returncode:
                raise AssertionError(f"{WRITER} on {n} ranks:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Takes the two arguments from the command line and runs the tests of the calling program."""
    global WRITER, MPIEXEC
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} WRITER MPIEXEC [unittest option...]")
    WRITER, MPIEXEC = sys.argv[1:3]
    del sys.argv[1:3]
    unittest.main(module="__main__")
