#!/usr/bin/env python3
"""A disk that fills up ends a run with a clear message, and leaves whole what was finished before.

The writer limits the size of its own files; where this process may mount, a tiny file system is
filled for good as well.

    tests/io/test_disk_full.py WRITER MPIEXEC
"""
from __future__ import annotations

import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import h5py

import written

FILE_WRITE = 67  # PETSC_ERR_FILE_WRITE, which osteon turns into its exit code 4


class DiskFull(written.Written):
    ranks = ()

    def write(self, ranks: int, directory: Path, *limit: str) -> subprocess.CompletedProcess[str]:
        launch = [written.MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        return subprocess.run(
            [*launch, written.WRITER, str(directory), *limit],
            capture_output=True, text=True, timeout=100,
        )

    def check_remains(self, directory: Path, num_steps: int) -> None:
        """Not finished, nothing half written, and every saved step can be read."""
        names = {p.name for p in directory.iterdir()}
        self.assertNotIn("summary.json", names)
        self.assertFalse([n for n in names if n.endswith(".part")])
        with h5py.File(directory / "results.h5") as file:
            self.assertEqual(file.attrs.get("complete", 0), 0)
            steps = list(file.get("steps", []))
            self.assertEqual(len(steps), num_steps)
            file.visititems(lambda _, o: o[()] if isinstance(o, h5py.Dataset) else None)
        if steps:
            series = ElementTree.parse(directory / "results.xdmf").find("Domain/Grid")
            self.assertEqual(len(series), num_steps)

    def test_before_the_first_step(self) -> None:
        for ranks in (1, 3):
            with self.subTest(ranks=ranks):
                directory = self.top / f"first{ranks}"
                done = self.write(ranks, directory, "100")
                self.assertEqual(done.returncode, FILE_WRITE, done.stderr)
                self.assertIn("results.h5: File too large", done.stderr)
                self.assertIn("MB are to be written", done.stderr)
                self.check_remains(directory, 0)

    def test_between_two_steps(self) -> None:
        for ranks in (1, 3):
            with self.subTest(ranks=ranks):
                directory = self.top / f"second{ranks}"
                done = self.write(ranks, directory, "1550")
                self.assertEqual(done.returncode, FILE_WRITE, done.stderr)
                self.assertIn("results.h5: File too large", done.stderr)
                self.check_remains(directory, 2)

    def test_a_file_system_without_room(self) -> None:
        small = Path(tempfile.mkdtemp(prefix="small_", dir=self.top))
        mount = shutil.which("mount")
        done = mount and subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=1000k", "tmpfs", str(small)], capture_output=True
        )
        if not done or done.returncode:
            self.skipTest("no right to mount")
        try:
            done = self.write(2, small / "out")
            self.assertEqual(done.returncode, FILE_WRITE, done.stderr)
            self.assertIn("results.h5: No space left on device", done.stderr)
            self.check_remains(small / "out", 0)
        finally:
            subprocess.run(["umount", str(small)], check=True)


if __name__ == "__main__":
    written.main()
