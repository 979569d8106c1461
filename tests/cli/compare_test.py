#!/usr/bin/env python3
"""`osteon compare` on a tiny limb: two protocols side by side, killed, stopped, again, refused.

    compare_test.py MPIEXEC [TEST...]

The mesh is far too coarse for the figures to mean anything.
"""
from __future__ import annotations

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("OSTEON_BUILD", ROOT / "build")).resolve()
PROTOCOLS = ROOT / "cases" / "protocols"
MPIEXEC = ""

CASE = f"""title: a limb under two protocols
patient: {{id: tiny, body_mass: 73 kg, side: right, bone: femur}}
geometry:
  source: parametric
  parametric: {{bone: {ROOT}/meshes/bones/femur.yaml, residual_length: 240 mm}}
implant: {{file: {ROOT}/meshes/implants/press-fit-femur-140.yaml, diameter: 16 mm}}
mesh: {{algorithm: delaunay, size_interface: 8 mm, size_bone: 14 mm, size_stem: 14 mm}}
protocol: {{file: {ROOT}/cases/protocols/ogaap-1.yaml, until: 70 day}}
output: {{every: 10 day, checkpoint_every: 0 s}}
falls:
  - {{name: forward, file: {ROOT}/cases/falls/forward.yaml, days: [60 day], angles: [0 degree]}}
"""
NAMES = ("ogaap-1", "royal-free")
PAGES = {"compare.csv", "compare.html"}


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text().splitlines()))


class Compare(unittest.TestCase):
    top: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.top = Path(tempfile.mkdtemp(prefix="osteon_compare_"))
        cls.case = cls.top / "case.yaml"
        cls.case.write_text(CASE)
        cls.whole = cls.top / "whole"
        cls.done = cls.compare(cls.whole)
        assert cls.done.returncode == 0, cls.done.stdout + cls.done.stderr

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.top)

    @classmethod
    def command(cls, out: Path, *options: object, protocols: tuple = NAMES) -> list[str]:
        named = [str(PROTOCOLS / f"{p}.yaml") if isinstance(p, str) else str(p) for p in protocols]
        flags = [word for path in named for word in ("--protocol", path)]
        return [str(BUILD / "osteon"), "compare", str(cls.case), *flags, "-o", str(out),
                *map(str, options)]

    @classmethod
    def compare(cls, out: Path, *options: object, **how) -> subprocess.CompletedProcess[str]:
        return subprocess.run(cls.command(out, *options, **how), capture_output=True, text=True,
                              timeout=600)

    def check_same(self, out: Path) -> None:
        """The figures of the undisturbed comparison."""
        tables = [table(d / "compare.csv") for d in (self.whole, out)]
        self.assertEqual(len(tables[0]), len(tables[1]))
        for a, b in zip(*tables):
            for key in a:
                if key == "protocol" or not a[key]:
                    self.assertEqual(a[key], b[key], key)
                else:  # Newton's method stops at 1e-8 of its forces
                    self.assertAlmostEqual(float(a[key]), float(b[key]), places=7, msg=key)

    # --- runs -------------------------------------------------------------------------------------

    def test_both_run_on_one_mesh(self) -> None:
        names = {p.name for p in self.whole.iterdir()}
        self.assertLessEqual(PAGES | set(NAMES) | {"limb.msh", "limb.yaml"}, names)
        mesh = (self.whole / "limb.msh").read_bytes()
        for name in NAMES:
            self.assertEqual((self.whole / name / "limb.msh").read_bytes(), mesh)
            self.assertTrue((self.whole / name / "summary.json").exists())
            self.assertIn(f"{name}.yaml", (self.whole / name / "case.resolved.yaml").read_text())
        self.assertIn("OSTEON, protocols compared", self.done.stdout)
        self.assertNotIn("! ", self.done.stdout)  # nothing to warn of
        self.assertIn("The same in all runs: patient, mesh, implant and every setting",
                      (self.whole / "compare.html").read_text())

    def test_the_table_has_the_runs_figures(self) -> None:
        rows = table(self.whole / "compare.csv")
        for name in NAMES:
            history = table(self.whole / name / "history.csv")
            last = [r for r in rows if r["protocol"] == name][-1]
            for key in ("bonded_area_fraction [-]", "bone_mass [g]", "load_axial [N]"):
                self.assertAlmostEqual(float(last[key]), float(history[-1][key]), places=8)
            falls = [float(r["fall_forward_factor [-]"]) for r in rows
                     if r["protocol"] == name and r["fall_forward_factor [-]"]]
            self.assertEqual(len(falls), 1)

    def test_what_is_complete_is_left_alone(self) -> None:
        before = {p: p.stat().st_mtime_ns for n in NAMES for p in (self.whole / n).iterdir()}
        again = self.compare(self.whole)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertNotIn("told in", again.stdout)
        self.assertNotIn("meshing", again.stdout)
        self.assertIn("OSTEON, protocols compared", again.stdout)
        self.assertEqual(before, {p: p.stat().st_mtime_ns for p in before})

    def test_directories_alone(self) -> None:
        out = self.top / "page"
        done = subprocess.run([BUILD / "osteon", "compare", *(self.whole / n for n in NAMES), "-o",
                               out], capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual({p.name for p in out.iterdir()}, PAGES)
        self.check_same(out)

    # --- cut off ----------------------------------------------------------------------------------

    def test_killed_and_called_again(self) -> None:
        out = self.top / "killed"
        job = subprocess.Popen(self.command(out), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        rows = [out / n / "history.csv" for n in NAMES]
        while not all(r.exists() and len(r.read_text().splitlines()) > 8 for r in rows):
            self.assertIsNone(job.poll(), "it ended before it could be killed")
            time.sleep(0.02)
        job.kill()
        job.wait()
        time.sleep(0.5)
        lived = [r.stat().st_size for r in rows]
        time.sleep(2.0)
        self.assertEqual(lived, [r.stat().st_size for r in rows], "a run outlived its parent")
        again = self.compare(out)
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertNotIn("meshing", again.stdout)
        for name in NAMES:
            self.assertIn(f"{name}: resume", again.stdout)
        self.check_same(out)

    def test_time_limit_and_the_same_command_again(self) -> None:
        out = self.top / "limited"
        stopped = 0
        done = self.compare(out, "--time-limit", "3 s")
        while done.returncode == 5:
            stopped += 1
            self.assertIn("the same command goes on", done.stdout + done.stderr)
            self.assertFalse((out / "compare.html").exists())
            done = self.compare(out, "--time-limit", "4 s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(stopped, 0)
        self.check_same(out)

    def test_the_limit_is_of_the_whole(self) -> None:
        """One after the other: the second has what the first has left, which is nothing."""
        out = self.top / "in turn"
        begun = time.monotonic()
        done = self.compare(out, "--time-limit", "4 s", "--jobs", "1")
        self.assertEqual(done.returncode, 5, done.stdout + done.stderr)
        self.assertLess(time.monotonic() - begun, 7.0)
        for name in NAMES:
            self.assertIn(f"{name} was stopped", done.stdout + done.stderr)
        done = self.compare(out, "--jobs", "1")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.check_same(out)

    def test_a_signal_reaches_the_runs(self) -> None:
        out = self.top / "asked"
        job = subprocess.Popen(self.command(out), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True)
        rows = [out / n / "history.csv" for n in NAMES]
        while not all(r.exists() and len(r.read_text().splitlines()) > 4 for r in rows):
            self.assertIsNone(job.poll())
            time.sleep(0.02)
        job.send_signal(signal.SIGTERM)
        text = job.communicate(timeout=100)[0]
        self.assertEqual(job.returncode, 5, text)
        for name in NAMES:
            self.assertIn(f"{name} was stopped", text)

    # --- refused ----------------------------------------------------------------------------------

    def refused(self, done: subprocess.CompletedProcess[str], out: Path, *told: str) -> None:
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for text in (*told, "fix:"):
            self.assertIn(text, done.stderr)
        self.assertFalse(out.exists())

    def test_one_protocol(self) -> None:
        out = self.top / "one"
        self.refused(self.compare(out, protocols=NAMES[:1]), out, "nothing to compare it with")
        alone = subprocess.run([BUILD / "osteon", "compare", self.whole / NAMES[0], "-o", out],
                               capture_output=True, text=True, timeout=100)
        self.refused(alone, out, "nothing to compare it with")

    def test_every_fault_of_every_protocol(self) -> None:
        text = (PROTOCOLS / "ogaap-1.yaml").read_text().replace("../", f"{ROOT}/cases/")
        bad = []
        for number, (old, new) in enumerate((("aid: two_crutches", "aid: wheelchair"),
                                             ("cycles: 3000 cycles/day", "cycles: -3 1/day"))):
            bad.append(self.top / f"bad{number}.yaml")
            bad[-1].write_text(text.replace(old, new))
        out = self.top / "never"
        done = self.compare(out, protocols=(*bad, self.top / "missing.yaml", NAMES[0]))
        self.refused(done, out, "bad0.yaml:", "wheelchair", "bad1.yaml:", "-3", "missing.yaml",
                     "No such file")
        self.assertTrue(re.search(r"\b3 errors", done.stderr), done.stderr)

    def test_bad_time_limit(self) -> None:
        out = self.top / "soon"
        for limit in ("soon", "-3 s", "4 mm"):
            self.refused(self.compare(out, "--time-limit", limit), out, "--time-limit")

    def test_several_ranks(self) -> None:
        out = self.top / "ranks"
        done = subprocess.run([MPIEXEC, "--oversubscribe", "-n", "2", *self.command(out)],
                              capture_output=True, text=True, timeout=100)
        self.refused(done, out, "mpirun -n N osteon run")

    def test_a_folder_with_runs_of_another_case(self) -> None:
        """What is complete is left alone, and must therefore be this case's."""
        case = self.case.read_text()
        self.addCleanup(self.case.write_text, case)
        self.case.write_text(case.replace("body_mass: 73 kg", "body_mass: 90 kg"))
        before = {p: p.stat().st_mtime_ns for p in self.whole.rglob("*")}
        done = self.compare(self.whole)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        for name in NAMES:
            self.assertIn(f"{name}/case.resolved.yaml:4: error: a run of another case", done.stderr)
        self.assertIn("body_mass: 90 kg", done.stderr)
        self.assertEqual(before, {p: p.stat().st_mtime_ns for p in self.whole.rglob("*")})

    def test_no_results(self) -> None:
        out = self.top / "nothing"
        done = subprocess.run([BUILD / "osteon", "compare", self.whole / NAMES[0], self.top, "-o",
                               out], capture_output=True, text=True, timeout=100)
        self.refused(done, out, "holds no results.h5")


if __name__ == "__main__":
    MPIEXEC = sys.argv.pop(1)
    unittest.main(verbosity=2)
