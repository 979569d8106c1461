#!/usr/bin/env python3
"""Check that every file includes only its own layer and what that layer may reach.

The layers are the `ost_layer(name DEPENDS ... SOURCES ... TESTS ...)` rows of solver/CMakeLists.txt
and meshes/CMakeLists.txt. Third-party headers may enter at one place each. A source that no
CMakeLists.txt names is an error too: it would rot unseen.
"""
from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

FOLDERS = ("solver", "meshes")

# header: the one file that may include it
THIRD_PARTY = {
    "gmshc.h": "meshes/gmsh_model.c",
    "gts.h": "meshes/surface/gts_surface.c",
    "hdf5.h": "solver/base/h5.c",
    "nettle/sha2.h": "solver/base/sha256.c",
    "nifti1_io.h": "meshes/image/nifti.c",
    "udunits2.h": "solver/input/quantity.c",
    "yaml.h": "solver/input/parse.c",
}

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
SECTIONS = ("DEPENDS", "LIBRARIES", "SOURCES", "TESTS")


class Layers:
    """The rows, and to which of them a file belongs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.depends: dict[str, list[str]] = {}
        self.layers_of_file: dict[str, set[str]] = {}
        self.layers_of_folder: dict[str, set[str]] = {}
        self.cmake_text = ""
        self.errors: list[str] = []
        for folder in FOLDERS:
            for cmake in sorted((root / folder).rglob("CMakeLists.txt")):
                self._read(cmake)
        for name, depends in self.depends.items():
            for other in depends:
                if other not in self.depends:
                    self.errors.append(f"layer {name} depends on {other}, which has no row")

    def _read(self, cmake: Path) -> None:
        text = re.sub(r"#.*", "", cmake.read_text(encoding="utf-8"))
        self.cmake_text += text
        for row in re.finditer(r"\bost_layer\(([^)]*)\)", text):
            name, *words = row.group(1).split()
            section = ""
            self.depends[name] = []
            for word in words:
                if word in SECTIONS:
                    section = word
                elif section == "DEPENDS":
                    self.depends[name].append(word)
                elif section in ("SOURCES", "TESTS"):
                    path = (cmake.parent / word).relative_to(self.root)
                    self.layers_of_file.setdefault(str(path), set()).add(name)
                    self.layers_of_folder.setdefault(str(path.parent), set()).add(name)

    def of(self, path: str) -> set[str]:
        """Layers of a file; a header goes with its source, or else with its folder."""
        source = re.sub(r"\.h$", ".c", path)
        if source in self.layers_of_file:
            return self.layers_of_file[source]
        return self.layers_of_folder.get(str(Path(path).parent), set())

    def reach(self, name: str, seen: set[str] | None = None) -> set[str]:
        """The layer itself and everything below it."""
        seen = set() if seen is None else seen
        if name not in seen:
            seen.add(name)
            for other in self.depends.get(name, []):
                self.reach(other, seen)
        return seen

    def is_built(self, path: str) -> bool:
        """Whether a row or another command of a CMakeLists.txt names the file."""
        return path in self.layers_of_file or Path(path).name in re.split(
            r"[\s()/]+", self.cmake_text)


def find_header(root: Path, name: str) -> str | None:
    """Path of a quoted include from the root of the project."""
    for base in ("solver", ".", "tests"):
        if (root / base / name).is_file():
            return str((root / base / name).relative_to(root))
    return None


def check_include(layers: Layers, path: str, quote: str, name: str) -> str | None:
    """What is wrong with one include, or None."""
    if name in THIRD_PARTY and path != THIRD_PARTY[name]:
        return f"{name} may be included by {THIRD_PARTY[name]} alone"
    if quote == "<" or name in THIRD_PARTY:
        return None
    header = find_header(layers.root, name)
    if header is None:
        return f'"{name}" is not found from solver/ or the root'
    if header.startswith("tests/"):
        return None if path.endswith("_test.c") else "a source may not include test support"
    own, wanted = layers.of(path), layers.of(header)
    if path not in layers.layers_of_file and path.endswith(".c"):
        return None  # a program: it may know everybody
    if not wanted:
        return f"{header} belongs to no layer"
    reachable = set().union(*(layers.reach(layer) for layer in own)) if own else set()
    if wanted & reachable:
        return None
    return (f'"{name}" is of layer {"/".join(sorted(wanted))}, which '
            f'{"/".join(sorted(own)) or "no layer"} does not depend on')


def check(root: Path) -> list[str]:
    """All violations as FILE:LINE: text."""
    layers = Layers(root)
    errors = list(layers.errors)
    if not layers.depends:
        errors.append("no ost_layer rows were found")
    for folder in FOLDERS:
        for file in sorted([*(root / folder).rglob("*.c"), *(root / folder).rglob("*.h")]):
            path = str(file.relative_to(root))
            if path.endswith(".c") and not layers.is_built(path):
                errors.append(f"{path}: no CMakeLists.txt names this file")
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                fault = match and check_include(layers, path, match.group(1), match.group(2))
                if fault:
                    errors.append(f"{path}:{number}: {fault}")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    errors = check(parser.parse_args().root.resolve())
    print("\n".join(errors) if errors else "layers: ok")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
