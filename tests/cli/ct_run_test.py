#!/usr/bin/env python3
"""The studies on real CTs, coarsened, through all stages on one and on two ranks.

    ct_run_test.py MPIEXEC [TEST...]

Takes cases/femur-ct and cases/tibia-ct as they are but for element sizes, the end of the history
and
the directions of the fall. Skipped where OSTEON_DATA is missing.
"""
from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

import h5py
import yaml

import run_test
from run_test import ROOT, RELATIVE, ROUNDING, flat, history, run

DATA = Path(os.environ.get("OSTEON_DATA", ROOT / "../shared/data"))


def coarse(study: str) -> str:
    """The study's case, with absolute paths, made small."""
    case = yaml.safe_load((ROOT / "cases" / study / "case.yaml").read_text())
    folder = ROOT / "cases" / study
    case["implant"]["file"] = str((folder / case["implant"]["file"]).resolve())
    case["protocol"]["file"] = str((folder / case["protocol"]["file"]).resolve())
    case["protocol"]["until"] = "54 day"
    case["mesh"] = {"size_interface": "6 mm", "size_bone": "11 mm", "size_stem": "10 mm"}
    case["falls"] = [{"file": str(ROOT / "cases/falls/forward.yaml"), "days": ["54 day"],
                      "angles": ["0 degree"]}]
    return yaml.safe_dump(case)


class RealBone(unittest.TestCase):
    def check_study(self, study: str, folder: str) -> None:
        if not (DATA / folder).is_dir():
            print(f"SKIPPED: {study}: no {folder} in OSTEON_DATA")
            self.skipTest("no data")
        top = Path(tempfile.mkdtemp(prefix="osteon_ct_"))
        self.addCleanup(shutil.rmtree, top, ignore_errors=True)
        out = {ranks: top / f"out{ranks}" for ranks in (1, 2)}
        run(1, out[1], coarse(study))
        run(2, out[2], coarse(study), "--no-report")
        one, two = (json.loads((out[r] / "summary.json").read_text()) for r in (1, 2))
        self.agree(dict(flat(one)), dict(flat(two)))
        self.agree({k: float(v) for k, v in history(out[1])[-1].items() if k != "stage_name"},
                   {k: float(v) for k, v in history(out[2])[-1].items() if k != "stage_name"})
        # every stage, each real
        self.assertGreater(one["final"]["bonded_area_fraction"], 0.05)
        self.assertGreater(one["final"]["micromotion_p95_um"], 0.0)
        self.assertGreater(one["falls"][0]["factor"], 0.3)
        self.assertLessEqual(one["solver"]["newton_mean"], 8.0)
        self.assertIn("</html>", (out[1] / "report.html").read_text(encoding="utf-8"))
        with h5py.File(out[1] / "results.h5") as file:
            density = file["steps/00000/cell/density"][:]
            names = file["mesh/region"].attrs["names"]
            names = (names.decode() if isinstance(names, bytes) else names).split()
            bone = density[file["mesh/region"][:] == names.index("bone")]
        self.assertGreater(bone.max(), 1.5)  # cortex
        self.assertLess(bone.min(), 0.5)     # cancellous: it is a real scan, not one material

    def agree(self, one: dict, two: dict) -> None:
        self.assertEqual(one.keys(), two.keys())
        for name, a in one.items():
            if name.startswith(".solver.") or name in ("newton_mean", "krylov_mean"):
                continue
            with self.subTest(name=name):
                if isinstance(a, (int, float)):
                    limit = RELATIVE * max(abs(a), abs(two[name])) + ROUNDING
                    self.assertLessEqual(abs(a - two[name]), limit)
                else:
                    self.assertEqual(a, two[name])

    def test_femur(self) -> None:
        self.check_study("femur-ct", "ct-femur-proximal-sts046")

    def test_tibia(self) -> None:
        self.check_study("tibia-ct", "ct-tibia-sts010")


if __name__ == "__main__":
    run_test.MPIEXEC = sys.argv.pop(1)
    program = unittest.main(exit=False)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
