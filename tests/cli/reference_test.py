#!/usr/bin/env python3
"""cases/reference.yaml says what the code reads: the same keys, units, defaults and ranges.

`osteon keys` lists what is read under the choices a case makes; the cases of tests/cli/keys make
them all. Both directions: a key that only one side knows fails.
"""
from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OSTEON = Path(os.environ.get("OSTEON_BUILD", ROOT / "build")) / "osteon"
CASES = ["parametric", "muscles", "screw", "surface", "ct", "offset", "mesh", "zones", "limb"]

Key = tuple[str, str]


class Observed:
    """What all cases together say of one key."""

    def __init__(self) -> None:
        self.units: set[str] = set()
        self.defaults: set[str] = set()
        self.ranges: set[str] = set()


def observe() -> dict[Key, Observed]:
    keys: dict[Key, Observed] = {}
    for name in CASES:
        done = subprocess.run([OSTEON, "keys", HERE / "keys" / f"{name}.yaml"],
                              capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"{name}: {done.stderr}")
        for line in done.stdout.splitlines():
            role, path, _, unit, default, allowed = line.split("\t")
            key = keys.setdefault((role, path), Observed())
            key.units.add(unit)
            key.defaults.add(default)
            key.ranges.add(allowed)
    return keys


def as_set(value: object) -> set[str]:
    return {str(v) for v in value} if isinstance(value, list) else {str(value)}


def in_words(value: object) -> bool:
    return isinstance(value, str) and value.startswith("(") and value.endswith(")")


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.read = observe()
        text = yaml.safe_load((ROOT / "cases" / "reference.yaml").read_text(encoding="utf-8"))
        cls.documented = {(role, path): entry for role, keys in text.items()
                          for path, entry in keys.items()}
        cls.both = sorted(cls.read.keys() & cls.documented.keys())

    def compare(self, what: str, found: str, absent: str) -> None:
        """One attribute of every key that both sides know; text in brackets is for people."""
        for key in self.both:
            entry = self.documented[key].get(what, absent)
            if not in_words(entry):
                with self.subTest(key=" ".join(key)):
                    self.assertEqual(getattr(self.read[key], found), as_set(entry))

    def test_every_key_that_is_read_is_documented(self) -> None:
        self.assertEqual(sorted(self.read.keys() - self.documented.keys()), [])

    def test_every_documented_key_is_read(self) -> None:
        self.assertEqual(sorted(self.documented.keys() - self.read.keys()), [])

    def test_units_agree(self) -> None:
        self.compare("unit", "units", absent="")

    def test_defaults_agree(self) -> None:
        self.compare("default", "defaults", absent="none is written")

    def test_ranges_agree(self) -> None:
        self.compare("range", "ranges", absent="")

    def test_every_key_has_a_meaning_and_every_default_a_source(self) -> None:
        for key in self.both:
            entry = self.documented[key]
            default = entry["default"]
            none = as_set(default) <= {"required", "optional"} or str(default).startswith("(req")
            with self.subTest(key=" ".join(key)):
                self.assertTrue(entry.get("meaning"))
                self.assertEqual(bool(entry.get("source")), not none)
                self.assertLessEqual(entry.keys(),
                                     {"unit", "default", "range", "meaning", "source"})


if __name__ == "__main__":
    program = unittest.main(exit=False, verbosity=1)
    failed = len(program.result.failures) + len(program.result.errors)
    print(f"{program.result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
