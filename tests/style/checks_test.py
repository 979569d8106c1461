#!/usr/bin/env python3
"""The checks of scripts/ must find what they are there for: each planted fault, and no other."""
from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts"

ROWS = """ost_layer(base SOURCES base/a.c base/h5.c TESTS base/a_test.c)
ost_layer(input DEPENDS base SOURCES input/b.c)
ost_layer(mesh DEPENDS input SOURCES mesh/c.c)
ost_layer(fem DEPENDS input SOURCES fem/d.c)
add_executable(program cli/main.c)
"""

GOOD_HEADER = "/* NAME: what it is. */\n#pragma once\n"
GOOD_SOURCE = """#include "base/a.h"

PetscErrorCode ost_a_make(int n)
{
  PetscFunctionBeginUser;
  if (n) PetscFunctionReturn(PETSC_SUCCESS); /* this does not return early */
  PetscFunctionReturn(PETSC_SUCCESS);
}

static int helper(void)
{
  return 1;
}
"""


class Project(unittest.TestCase):
    """A small project without a fault, into which each test plants one."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("solver/CMakeLists.txt", ROWS)
        for name in ("base/a", "input/b", "mesh/c", "fem/d"):
            self.write(f"solver/{name}.h", GOOD_HEADER.replace("NAME", Path(name).name + ".h"))
            self.write(f"solver/{name}.c", f'#include "{name}.h"\n')
        self.write("solver/base/a.c", GOOD_SOURCE)
        self.write("solver/base/h5.c", "#include <hdf5.h>\n")
        self.write("solver/base/a_test.c", '#include "base/a.h"\n#include "support/check.h"\n')
        self.write("solver/cli/main.c", '#include "mesh/c.h"\n#include "fem/d.h"\n')
        self.write("tests/support/check.h", GOOD_HEADER.replace("NAME", "check.h"))

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def run_check(self, script: str) -> list[str]:
        done = subprocess.run([sys.executable, SCRIPTS / script, "--root", self.root],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        if done.returncode == 0:
            self.assertEqual(len(lines), 1)
            return []
        return lines

    def finds(self, script: str, place: str, what: str) -> None:
        lines = self.run_check(script)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(place), lines[0])
        self.assertIn(what, lines[0])

    def test_a_clean_project_passes(self) -> None:
        self.assertEqual(self.run_check("check_layers.py"), [])
        self.assertEqual(self.run_check("check_source.py"), [])

    def test_downward_include_passes(self) -> None:
        self.write("solver/mesh/c.c", '#include "mesh/c.h"\n#include "base/a.h"\n')
        self.assertEqual(self.run_check("check_layers.py"), [])

    def test_upward_include_is_found(self) -> None:
        self.write("solver/input/b.c", '#include "mesh/c.h"\n')
        self.finds("check_layers.py", "solver/input/b.c:1:", "layer mesh")

    def test_sideways_include_in_a_header_is_found(self) -> None:
        self.write("solver/fem/d.h", '/* d.h: x. */\n#pragma once\n#include "mesh/c.h"\n')
        self.finds("check_layers.py", "solver/fem/d.h:3:", "layer mesh")

    def test_third_party_header_in_a_second_place_is_found(self) -> None:
        self.write("solver/mesh/c.c", "#include <hdf5.h>\n")
        self.finds("check_layers.py", "solver/mesh/c.c:1:", "solver/base/h5.c alone")

    def test_test_support_in_a_source_is_found(self) -> None:
        self.write("solver/mesh/c.c", '#include "support/check.h"\n')
        self.finds("check_layers.py", "solver/mesh/c.c:1:", "test support")

    def test_missing_header_is_found(self) -> None:
        self.write("solver/mesh/c.c", '#include "c.h"\n')
        self.finds("check_layers.py", "solver/mesh/c.c:1:", "not found")

    def test_source_that_nobody_builds_is_found(self) -> None:
        self.write("solver/mesh/lost.c", "")
        self.finds("check_layers.py", "solver/mesh/lost.c:", "no CMakeLists.txt")

    def test_unknown_layer_is_found(self) -> None:
        self.write("solver/CMakeLists.txt", ROWS.replace("fem DEPENDS input", "fem DEPENDS inptu"))
        self.assertTrue(any("inptu" in line for line in self.run_check("check_layers.py")))

    def test_each_source_rule_finds_its_fault(self) -> None:
        faults = {
            "tab": GOOD_SOURCE.replace("  return 1", "\treturn 1"),
            "blanks at the end": GOOD_SOURCE.replace("return 1;", "return 1; "),
            "101 columns": GOOD_SOURCE + "/*" + 97 * "-" + "*/\n",
            "left-over": GOOD_SOURCE + "/* TO" + "DO later */\n",
            "one machine": GOOD_SOURCE + '/* see /ho' + 'me/somebody/x */\n',
            "no newline": GOOD_SOURCE.rstrip("\n"),
            "no PetscFunctionBeginUser": GOOD_SOURCE.replace("  PetscFunctionBeginUser;\n", ""),
            "end with PetscFunctionReturn": GOOD_SOURCE.replace(
                "  PetscFunctionReturn(PETSC_SUCCESS);\n}", "}"),
            "bare return": GOOD_SOURCE.replace("if (n) PetscFunctionReturn(PETSC_SUCCESS);",
                                               "if (n) return 1;"),
            "begin with ost_": GOOD_SOURCE.replace("static int helper", "int helper"),
            "prints": GOOD_SOURCE.replace("return 1;", 'return printf("x");'),
        }
        for what, text in faults.items():
            with self.subTest(what):
                self.write("solver/base/a.c", text)
                lines = self.run_check("check_source.py")
                self.assertTrue(lines and all(what in line for line in lines), lines)

    def test_header_rules_find_their_faults(self) -> None:
        self.write("solver/base/a.h", "#pragma once\n")
        self.finds("check_source.py", "solver/base/a.h:1:", "head comment")
        self.write("solver/base/a.h", "/* a.h: x. */\n")
        self.finds("check_source.py", "solver/base/a.h:1:", "pragma once")


if __name__ == "__main__":
    unittest.main()
