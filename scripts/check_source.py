#!/usr/bin/env python3
"""House rules that need no compiler: one pattern each, one line of output for each violation.

Text files: no tabs (but in makefiles), no line over 100 columns, no trailing blanks, no path of one
machine, no left-over marks. C files: a function that returns PetscErrorCode begins with
PetscFunctionBeginUser and leaves by PetscFunctionReturn; external names begin with ost_; below
`analysis` nothing prints. Headers: head comment and #pragma once.
"""
from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

FOLDERS = ("solver", "meshes", "cases", "postproc", "scripts", "tests", ".ci")
SUFFIXES = {".c", ".h", ".py", ".yaml", ".cmake", ".md", ".txt", ".sh", ".css", ".j2", ""}
WRAPPED = {".c", ".h", ".py", ".cmake", ".txt", ".sh", ""}  # where 100 columns are the limit
MAX_COLUMNS = 100

# Written in pieces, so that this file does not break its own rules.
LEFT_OVER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b(?! *\(#\d+\))")
MACHINE_PATH = re.compile(r"(?<![\w.}/*-])/(home|root|work|mnt|media|Users|farm)/\w")

PETSC_FUNCTION = re.compile(r"^(?:static )?(?:inline )?PetscErrorCode (\w+)\(")
DEFINITION = re.compile(r"^(?!static\b|typedef\b|struct \w+ \{|#)[A-Za-z_][\w ]*[ *](\w+)\(")
PRINTS = re.compile(r"\b(printf|puts|PetscPrintf|PetscSynchronizedPrintf)\(")
ERROR_HANDLERS = ("on_error",)  # return the code that they were given
MAY_PRINT = ("solver/analysis/", "solver/io/", "solver/cli/", "solver/base/log.c",
             "solver/base/diag.c")


def code_only(lines: list[str]) -> list[str]:
    """The same lines without comments and without what stands in strings."""
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', "\n".join(lines))
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.DOTALL)
    return text.split("\n")


def check_text(path: str, suffix: str, lines: list[str]) -> list[tuple[int, str]]:
    """Rules for every text file."""
    faults = []
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            faults.append((number, "tab"))
        if line != line.rstrip():
            faults.append((number, "blanks at the end of the line"))
        if suffix in WRAPPED and len(line) > MAX_COLUMNS:
            faults.append((number, f"{len(line)} columns, at most {MAX_COLUMNS}"))
        if LEFT_OVER.search(line):
            faults.append((number, "left-over mark without an issue number"))
        if MACHINE_PATH.search(line):
            faults.append((number, "path of one machine"))
    return faults


def functions(lines: list[str]):
    """(line of the head, text of the head, body lines) of each function definition."""
    for number, line in enumerate(lines):
        if line == "{":
            head = number - 1
            while head > 0 and lines[head][:1] in (" ", ""):
                head -= 1
            end = next((i for i in range(number, len(lines)) if lines[i] == "}"), len(lines))
            yield head + 1, lines[head], lines[number + 1:end]


def check_functions(path: str, lines: list[str]) -> list[tuple[int, str]]:
    """Rules for C functions; `lines` are code only, the brace stands in the first column."""
    faults = []
    for number, head, body in functions(lines):
        petsc = PETSC_FUNCTION.match(head)
        code = [line for line in body if line.strip()]
        if petsc and petsc.group(1) not in ERROR_HANDLERS:
            name = petsc.group(1)
            if not any("PetscFunctionBeginUser;" in line for line in code):
                faults.append((number, f"{name} has no PetscFunctionBeginUser"))
            last = [line for line in code if re.match(r"  [^ }]", line)][-1:]
            if not last or not last[0].strip().startswith(("PetscFunctionReturn(", "SETERRQ(")):
                faults.append((number, f"{name} does not end with PetscFunctionReturn"))
            if any(re.search(r"\breturn\b", line) for line in code):
                faults.append((number, f"{name} leaves by a bare return"))
        external = DEFINITION.match(head)
        if external and path.endswith(".c") and not path.startswith("tests/"):
            name = external.group(1)
            if not name.startswith("ost_") and name != "main":
                faults.append((number, f"external name {name} does not begin with ost_"))
    return faults


def check_printing(path: str, lines: list[str]) -> list[tuple[int, str]]:
    """Below `analysis` nothing prints."""
    if not path.startswith("solver/") or path.endswith("_test.c") or path.startswith(MAY_PRINT):
        return []
    return [(number, "prints; return the value or use ost_log above")
            for number, line in enumerate(lines, 1) if PRINTS.search(line)]


def check_header(path: str, lines: list[str]) -> list[tuple[int, str]]:
    """A header is the manual: it says first what it is."""
    faults = []
    name = Path(path).name
    if not lines or not lines[0].startswith(f"/* {name}: "):
        faults.append((1, f"does not begin with a head comment `/* {name}: ...`"))
    if "#pragma once" not in lines:
        faults.append((1, "has no #pragma once"))
    return faults


def check_file(root: Path, file: Path) -> list[str]:
    """All violations in one file as FILE:LINE: text."""
    path = str(file.relative_to(root))
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [f"{path}: is no UTF-8 text"]
    lines = text.splitlines()
    faults = check_text(path, file.suffix, lines)
    if text and not text.endswith("\n"):
        faults.append((len(lines), "no newline at the end of the file"))
    if file.suffix in (".c", ".h"):
        code = code_only(lines)
        faults += check_functions(path, code) + check_printing(path, code)
    if file.suffix == ".h":
        faults += check_header(path, lines)
    return [f"{path}:{number}: {what}" for number, what in sorted(faults)]


def files_of(root: Path) -> list[Path]:
    """The text files of the project."""
    found = [f for f in root.iterdir() if f.is_file() and f.suffix in SUFFIXES - {""}]
    for folder in FOLDERS:
        found += [f for f in (root / folder).rglob("*")
                  if f.is_file() and f.suffix in SUFFIXES and "__pycache__" not in f.parts]
    return sorted(found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    root = parser.parse_args().root.resolve()
    files = files_of(root)
    errors = [error for file in files for error in check_file(root, file)]
    print("\n".join(errors) if errors else f"source: ok, {len(files)} files")
    return 1 if errors or not files else 0


if __name__ == "__main__":
    sys.exit(main())
