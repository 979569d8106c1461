#!/usr/bin/env python3
"""Do the verification programs notice when a part of the physics is taken away?

usage: mutation.py DIR [PROGRAM ...] [--all]

DIR holds the programs. Each is run with `-mutate NAME` (tests/support/mutation.h) for every
mutation that it must notice, and has to fail: by a check, by finding no equilibrium, or, for
twins, because the twin differs. Ended in any other way (a crash, an unknown option) it does not
count. Without --all the cells that need not fail are left out, as `.`; with it they are run and
have to pass, so that a mutation is known to change what it says and nothing else.

What is not in a row cannot be felt there: a wedge weighs the same on soft contact; a bond under
shear, as stiff as contact, knows no sides; turning wears a surface whether pressed or drawn.
"""
from __future__ import annotations

import argparse
import os
import pathlib
import subprocess
import sys

MUTATIONS = ("friction", "penalty", "normal", "bond", "fit")
MUST_FAIL = {
    "patch_test": {"penalty", "normal", "bond"},
    "shrink_fit_test": {"penalty", "normal", "fit"},
    "press_ring_test": {"penalty", "normal", "fit"},
    "friction_test": {"friction", "penalty", "normal", "fit"},
    "wear_test": {"friction", "penalty", "bond", "fit"},
    "wedge_test": {"friction", "normal"},
    "hertz_test": {"penalty", "normal", "fit"},
    "shear_lag_test": {"bond"},
    "cohesive_test": {"normal", "bond"},
    "cohesive_path_test": {"friction", "penalty", "normal", "bond"},
    "sequence_test": {"friction", "penalty", "bond", "fit"},
}
TWINS = ("turned", "swapped", "metres", "binary", "restart")
TWIN_PROGRAM = "wedge_test"  # the comparison is the same for all; this one is quick
SECONDS = 300


def outcome(program: pathlib.Path, options: list[str]) -> str:
    """`passes`, or in which way the program fails; ends the table where it is neither."""
    environment = dict(os.environ, OST_CHECK_FIRST="1")
    run = subprocess.run([program, *options], capture_output=True, text=True, timeout=SECONDS,
                         env=environment)
    text = run.stdout + run.stderr
    if run.returncode == 0:
        return "passes"
    if run.returncode == 1 and "FAILED" in run.stdout:
        return "fails"
    if "no equilibrium" in text:
        return "no equilibrium"
    if "twin differs" in text:
        return "differs"
    sys.exit(f"FAILED: {program.name} {' '.join(options)} ended with {run.returncode}\n"
             f"{text[-2000:]}")


def row(folder: pathlib.Path, name: str, everything: bool) -> tuple[list[str], list[str]]:
    """Cells of a program, and what is wrong with them."""
    cells, wrong = [], []
    for mutation in MUTATIONS:
        must_fail = mutation in MUST_FAIL[name]
        if not must_fail and not everything:
            cells.append(".")
            continue
        cells.append(outcome(folder / name, ["-mutate", mutation]))
        if (cells[-1] != "passes") != must_fail:
            wrong.append(f"{name} {cells[-1]} under {mutation}")
    return cells, wrong


def twins(folder: pathlib.Path) -> list[str]:
    """Twins that do not notice a law that is 0.1 % stiffer."""
    wrong = []
    for twin in TWINS:
        found = outcome(folder / TWIN_PROGRAM, ["-twin", twin, "-mutate", "twin"])
        print(f"twin {twin:15} {found}")
        if found != "differs":
            wrong.append(f"twin {twin} {found}")
    return wrong


def main() -> int:
    """Print the rows asked for; 1 when a cell is not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("programs", nargs="*", help="default: all, and the twins")
    parser.add_argument("--all", action="store_true", help="also what need not fail")
    arguments = parser.parse_args()
    arguments.folder = arguments.folder.resolve()
    names = arguments.programs or [*MUST_FAIL, "twins"]
    wrong = []
    print(f"{'':20} " + " ".join(f"{m:14}" for m in MUTATIONS))
    for name in names:
        if name == "twins":
            wrong += twins(arguments.folder)
            continue
        cells, faults = row(arguments.folder, name, arguments.all)
        print(f"{name:20} " + " ".join(f"{c:14}" for c in cells), flush=True)
        wrong += faults
    for fault in wrong:
        print(f"FAILED: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
