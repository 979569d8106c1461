#!/usr/bin/env python3
"""What the program refuses, with which words and exit code, and what it leaves alone.

    cli_test.py [-v] [TEST...]

tests/cli/refusals holds a case for each kind of fault and, as NAME.expected, all that is printed
about it. Faulty images and surfaces are made here. Real data come from OSTEON_DATA; what is missing
there is told as SKIPPED.
"""
from __future__ import annotations

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from math import cos, pi, sin
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = Path(os.environ.get("OSTEON_BUILD", ROOT / "build")).resolve()
DATA = Path(os.environ.get("OSTEON_DATA", ROOT.parent / "shared" / "data")).resolve()
DONE, BUG, INPUT, NUMBERS, SYSTEM = 0, 1, 2, 3, 4

MPIEXEC = shutil.which("mpiexec") or ""

T = TypeVar("T")
Outcome = subprocess.CompletedProcess[str]


def osteon(*arguments: object, cwd: Path | None = None, limit: int = 120) -> Outcome:
    return subprocess.run([BUILD / "osteon", *map(str, arguments)], cwd=cwd, text=True,
                          capture_output=True, timeout=limit, errors="replace")


def case_text(geometry: str, *, bone: str = "femur", implant: str = "press-fit-femur-140",
              more: str = "", shape: str = "") -> str:
    return f"""patient: {{body_mass: 70 kg, side: right, bone: {bone}}}
geometry:
  {geometry}
implant: {{file: {ROOT}/meshes/implants/{implant}.yaml{shape}}}
mesh: {{algorithm: delaunay, size_interface: 6 mm, size_bone: 12 mm, size_stem: 12 mm}}
protocol: {{file: {ROOT}/cases/protocols/ogaap-1.yaml, until: 2 day}}
{more}"""


PARAMETRIC = ("source: parametric\n  parametric: {bone: " + str(ROOT) +
              "/meshes/bones/femur.yaml, residual_length: 200 mm}")
TINY = case_text(PARAMETRIC, shape=", length: 90 mm, diameter: 16 mm")


class Cli(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        self.top = Path(tempfile.mkdtemp(prefix="osteon_cli_"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)

    def write(self, text: str, name: str = "case.yaml") -> Path:
        path = self.top / name
        path.write_text(text, encoding="utf-8")
        return path

    def refused(self, done: Outcome, *parts: str, code: int = INPUT) -> None:
        """Exit code, every part of the message, and no stack trace."""
        said = done.stderr + (done.stdout or "")
        self.assertEqual(done.returncode, code, said)
        for part in parts:
            self.assertIn(part, said)
        self.assertNotIn("PETSC ERROR", said)

    def data(self, *names: str) -> Path:
        path = DATA.joinpath(*names)
        if not path.exists():
            print(f"SKIPPED {self.id().split('.', 1)[1]}: {path} is missing")
            self.skipTest(f"{path} is missing")
        return path


class CommandLine(Cli):
    def test_help_names_every_command_and_each_has_its_own(self) -> None:
        whole = osteon("--help")
        self.assertEqual(whole.returncode, DONE)
        for command in ("check", "mesh", "run", "report", "keys", "bench"):
            self.assertIn(f"osteon {command} ", whole.stdout)
            own = osteon(command, "--help")
            self.assertEqual((own.returncode, own.stderr), (DONE, ""))
            self.assertTrue(own.stdout.startswith(f"osteon {command} "), own.stdout)

    def test_version_names_the_libraries(self) -> None:
        done = osteon("--version")
        self.assertEqual(done.returncode, DONE)
        for word in ("osteon 0.", "Petsc", "HDF5 1.", "MPI", "Gmsh"):
            self.assertIn(word.lower(), done.stdout.lower())

    def test_wrong_command_lines_are_refused(self) -> None:
        for arguments, message in [
                ((), "osteon check CASE"),
                (("rnu", "case.yaml"), "unknown command `rnu`"),
                (("rnu", "case.yaml"), "did you mean `osteon run`?"),
                (("check",), "what to work on is missing"),
                (("check", "a", "b"), "one too many: `b`"),
                (("check", "a", "--force"), "unknown option `--force`"),
                (("run", "a", "-o"), "nothing follows `-o`"),
                (("bench", "a"), "one too many: `a`"),
                (("bench", "--dof"), "nothing follows `--dof`"),
                (("run", "a", "--quick"), "unknown option `--quick`"),
                (("bench", "--no-report"), "unknown option `--no-report`"),
                *((("bench", "--dof", number), f"not a number of displacements: `{number}`")
                  for number in ("many", "", "1e5 dof", "nan", "-1", "100", "1e12")),
                *(((command, ""), "the name of what to work on is empty")
                  for command in ("check", "mesh", "run", "report", "keys")),
                *(((command, "a", "-o", ""), "no name follows `-o`")
                  for command in ("mesh", "run", "report")),
                (("run", "a", "--frce"), "unknown option `--frce`")]:
            with self.subTest(arguments=arguments):
                self.refused(osteon(*arguments, cwd=self.top), message)
        self.assertEqual(list(self.top.iterdir()), [])

    def test_a_full_standard_output_is_a_fault_of_the_system(self) -> None:
        case = self.write(TINY)
        for arguments in (("check", case), ("keys", case), ("--help",), ("--version",)):
            with self.subTest(command=arguments[0]), open("/dev/full", "w") as full:
                done = subprocess.run([BUILD / "osteon", *arguments], stdout=full, text=True,
                                      stderr=subprocess.PIPE, timeout=120)
                self.refused(done, "standard output cannot be written", code=SYSTEM)

    def test_the_mesher_alone_refuses_empty_names(self) -> None:
        for arguments, message in [(("",), "no case file"),
                                   (("a", "-o", ""), "no name follows -o")]:
            with self.subTest(arguments=arguments):
                done = subprocess.run([BUILD / "osteon-mesh", *arguments], cwd=self.top, text=True,
                                      capture_output=True, timeout=120)
                self.refused(done, message)

    def test_commands_of_later_versions_say_so(self) -> None:
        for command in ("fall", "size", "ensemble"):
            with self.subTest(command=command):
                self.refused(osteon(command, "x", cwd=self.top),
                             f"not in this version yet: the command `{command}`")


    def test_explain_refuses_what_is_no_record_of_a_failure(self) -> None:
        (self.top / "text.txt").write_text("no HDF5\n")
        with h5py.File(self.top / "other.h5", "w") as file:
            file.attrs["format"] = "something else"
        for name in ("text.txt", "other.h5", "missing.h5", "."):
            with self.subTest(name=name):
                self.refused(osteon("explain", name, cwd=self.top),
                             "this is no record of a failure")


class Bench(Cli):
    def bench(self, ranks: int, *arguments: object) -> Outcome:
        launch = [MPIEXEC, "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []
        if launch and not MPIEXEC:
            self.skipTest("no mpiexec")
        return subprocess.run([*launch, BUILD / "osteon", "bench", "--quick", "--dof", "6e3",
                               *map(str, arguments)], cwd=self.top, text=True, capture_output=True,
                              timeout=300)

    def test_figures_are_printed_and_written_on_one_rank_and_two(self) -> None:
        system = {}
        for ranks in (1, 2):
            with self.subTest(ranks=ranks):
                done = self.bench(ranks, "-o", f"bench{ranks}.json")
                self.assertEqual((done.returncode, done.stderr), (DONE, ""), done.stdout)
                for words in ("memory, a = b + s c", "results written", "Bonded stem",
                              "bounds it", "By the rank"):
                    self.assertIn(words, done.stdout)
                said = json.loads((self.top / f"bench{ranks}.json").read_text())
                self.assertEqual(said["ranks"], ranks)
                for name in ("triad", "triad_one_rank", "update", "write"):
                    self.assertGreater(said[f"{name}_bytes_s"], 1e5)
                self.assertEqual(said["latency_s"] > 0, ranks > 1)
                self.assertGreater(said["single_flop_s"], said["double_flop_s"])
                self.assertGreater(said["product"]["single"]["share"], 0)
                system[ranks], = said["bonded"]
                self.assertTrue(system[ranks]["converged"])
        self.assertEqual({p.name for p in self.top.iterdir()}, {"bench1.json", "bench2.json"})
        self.assertAlmostEqual(system[1]["compliance_N_mm"] / system[2]["compliance_N_mm"], 1, 6)
        self.assertEqual(*(system[ranks]["dof"] for ranks in (1, 2)))

    def test_a_file_that_is_there_is_left_alone(self) -> None:
        (self.top / "mine.json").write_text("mine")
        self.refused(self.bench(1, "-o", "mine.json"), "mine.json", "--force")
        self.assertEqual((self.top / "mine.json").read_text(), "mine")
        self.assertEqual(self.bench(1, "-o", "mine.json", "--force").returncode, DONE)
        self.assertEqual(json.loads((self.top / "mine.json").read_text())["nodes"], 1)

    def test_a_folder_that_is_missing_is_told_before_anything_is_measured(self) -> None:
        done = self.bench(1, "-o", self.top / "absent" / "bench.json")
        self.refused(done, "absent", code=SYSTEM)
        self.assertEqual(done.stdout, "")


class Plan(Cli):
    CASE = ROOT / "cases" / "humerus-parametric" / "case.yaml"

    def plan(self, *arguments: object) -> Outcome:
        work = self.top / "work"
        work.mkdir(exist_ok=True)
        return subprocess.run([BUILD / "osteon", "plan", *map(str, arguments)], cwd=work,
                              text=True, capture_output=True, timeout=300,
                              env=os.environ | {"TMPDIR": str(work)})

    def test_work_time_and_room_are_told_and_nothing_is_left(self) -> None:
        done = self.plan(self.CASE)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""), done.stdout)
        for words in ("unknowns", "steps", "linear solves", "results.h5", "memory", "as measured"):
            self.assertIn(words, done.stdout)
        self.assertEqual(list((self.top / "work").iterdir()), [])

    def test_times_of_another_machine_are_those_of_its_figures(self) -> None:
        time = {}
        for solve in (1.2, 12.0):
            (self.top / "figures.json").write_text(json.dumps(
                {"processor": "the cluster", "ranks": 4, "unknown": 1,
                 "bonded": [{"dof": 1, "solve_s": 1, "iterations": 1},
                            {"dof": 600000, "solve_s": solve, "iterations": 12}]}))
            done = self.plan(self.CASE, "--machine", self.top / "figures.json")
            self.assertEqual((done.returncode, done.stderr), (DONE, ""), done.stdout)
            self.assertIn("the cluster, 4 ranks", done.stdout)
            time[solve] = int(re.search(r"takes (\d+) ns per unknown", done.stdout)[1])
        self.assertEqual(time, {1.2: 667, 12.0: 6667})

    def test_what_is_no_figures_is_refused(self) -> None:
        for text, message in (("{}", "bonded"), ('{"processor": "x", "ranks": 1, "bonded": []}',
                                                 "no system was solved"),
                              ('{"processor": "x", "ranks": 0, "bonded": [{"dof": 1}]}', "ranks")):
            with self.subTest(text=text):
                (self.top / "figures.json").write_text(text)
                self.refused(self.plan(self.CASE, "--machine", self.top / "figures.json"), message)
        self.refused(self.plan(self.CASE, "--machine", self.top / "absent.json"), "absent.json")
        self.refused(self.plan(self.CASE, "--machine"), "no file follows")


class Protocols(Cli):
    """`osteon check` of every protocol for the limbs it fits: read whole, shown, drawn."""

    def check(self, limb: str, protocol: Path, **environment: str) -> str:
        text = (ROOT / "cases" / f"{limb}-parametric" / "case.yaml").read_text(encoding="utf-8")
        for section in ("falls", "protocol"):
            text = re.sub(rf"^{section}:.*?(?=^\S|\Z)", "", text, flags=re.S | re.M)
        text += f"\nprotocol: {{file: {protocol}, until: 30 month}}\n"
        text = text.replace("../../", f"{ROOT}/").replace("../", f"{ROOT}/cases/")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG"))}
        done = subprocess.run([BUILD / "osteon", "check", self.write(text)], capture_output=True,
                              text=True, timeout=60, env={**kept, **environment})
        self.assertEqual((done.returncode, done.stderr), (DONE, ""), f"{limb} {protocol.name}")
        return done.stdout[done.stdout.index("\nweeks "):]

    def test_every_protocol_is_shown_for_the_limbs_it_fits(self) -> None:
        files = sorted((ROOT / "cases" / "protocols").glob("*.yaml"))
        self.assertGreaterEqual(len(files), 14)
        for file in files:
            upper = "upper-limb" in file.name
            for limb in ("humerus", "radius") if upper else ("femur", "tibia"):
                with self.subTest(protocol=file.stem, limb=limb):
                    shown = self.check(limb, file)
                    self.assertLessEqual(max(map(len, shown.splitlines())), 100)
                    self.assertTrue(shown.isascii())
                    self.assertIn("\nload cycles a day\n", shown)
                    self.assertIn("S2, second operation" if "second_operation" in file.read_text()
                                  else "0-", shown)

    def test_the_drawing_follows_the_locale(self) -> None:
        file = ROOT / "cases" / "protocols" / "ogaap-1.yaml"
        self.assertIn("\u2588", self.check("femur", file, LC_ALL="C.UTF-8"))
        self.assertIn("\u2588", self.check("femur", file, LANG="de_DE.utf8"))
        self.assertIn("####", self.check("femur", file, LC_ALL="C", LANG="de_DE.utf8"))


class Refusals(Cli):
    def test_every_faulty_case_is_told_word_for_word(self) -> None:
        cases = sorted((HERE / "refusals").glob("*.expected"))
        self.assertGreater(len(cases), 15)
        for expected in cases:
            name = expected.with_suffix(".yaml").name
            with self.subTest(case=name):
                for command in (("check",), ("run", "-o", self.top / "out")):
                    done = osteon(command[0], name, *command[1:], cwd=HERE / "refusals")
                    self.assertEqual(done.stderr, expected.read_text(encoding="utf-8"))
                    self.assertEqual((done.returncode, done.stdout), (INPUT, ""))
                self.assertEqual(list(self.top.iterdir()), [])

    def test_what_is_no_case_file_is_refused(self) -> None:
        binary = self.top / "binary.yaml"
        binary.write_bytes(bytes(range(256)) * 20)
        for target, message in [(self.top, "it is a folder"), (binary, "binary.yaml"),
                                (self.top / "absent.yaml", "absent.yaml"), ("/dev/null", "empty")]:
            for command in ("check", "run", "mesh", "keys"):
                with self.subTest(command=command, target=str(target)):
                    out = ["-o", self.top / "out" / "x.msh"] if command in ("run", "mesh") else []
                    self.refused(osteon(command, target, *out), message)
        self.assertEqual([p.name for p in self.top.iterdir()], ["binary.yaml"])

    def test_report_of_no_results_is_refused(self) -> None:
        (self.top / "empty").mkdir()
        self.refused(osteon("report", self.top / "empty"), "results.h5")
        self.refused(osteon("report", self.top / "absent"), "absent")
        self.assertEqual(list((self.top / "empty").iterdir()), [])


class Resolved(Cli):
    def test_a_resolved_case_is_a_case_and_says_the_same(self) -> None:
        for name in ("parametric", "screw", "surface", "ct", "offset", "mesh", "zones"):
            with self.subTest(case=name):
                texts = []
                target = HERE / "keys" / f"{name}.yaml"
                for _ in range(2):
                    done = osteon("check", target)
                    self.assertEqual((done.returncode, done.stderr), (DONE, ""))
                    # behind the case stands the protocol's table, under its name
                    text = done.stdout.split("\n\nkeys\n")[0]
                    target = self.write(text)
                    texts.append([line.split("  # default")[0] for line in text.splitlines()
                                  if not line.startswith("#")])
                self.assertEqual(texts[0], texts[1])


class ResultsDirectory(Cli):
    def setUp(self) -> None:
        super().setUp()
        self.case = self.write(TINY)
        self.out = self.top / "out"

    def test_one_in_use_is_left_alone(self) -> None:
        self.out.mkdir()
        (self.out / "notes.txt").write_text("mine")
        self.refused(osteon("run", self.case, "-o", self.out), "is not empty: it holds notes.txt",
                     "--force")
        self.assertEqual([p.name for p in self.out.iterdir()], ["notes.txt"])
        (self.out / "results.h5").write_text("an earlier run")
        self.refused(osteon("run", self.case, "-o", self.out), "holds the results of a run")
        self.assertEqual((self.out / "results.h5").read_text(), "an earlier run")

    def test_a_locked_one_is_left_alone_even_with_force(self) -> None:
        self.out.mkdir()
        start = Path(f"/proc/{os.getpid()}/stat").read_text().rsplit(")", 1)[1].split()[19]
        lock = f"host {os.uname().nodename}\npid {os.getpid()}\nstart {start}\nsince now\n"
        (self.out / "osteon.lock").write_text(lock)
        self.refused(osteon("run", self.case, "-o", self.out, "--force"), "in use",
                     str(os.getpid()))
        self.assertEqual((self.out / "osteon.lock").read_text(), lock)
        self.assertEqual(len(list(self.out.iterdir())), 1)

    def test_force_never_removes_an_input(self) -> None:
        self.out.mkdir()
        inside = self.out / "limb.yaml"
        inside.write_text(TINY)
        self.refused(osteon("run", inside, "-o", self.out, "--force"), "--force would remove",
                     "which this run reads")
        self.assertEqual(inside.read_text(), TINY)
        # nor one that is named by a variable
        (self.out / "limb.yaml").write_text(
            (ROOT / "meshes" / "implants" / "press-fit-femur-140.yaml").read_text())
        os.environ["OSTEON_CLI_TEST"] = str(self.out)
        self.addCleanup(os.environ.pop, "OSTEON_CLI_TEST")
        case = self.write(TINY.replace(f"{ROOT}/meshes/implants/press-fit-femur-140.yaml",
                                       '"${OSTEON_CLI_TEST}/limb.yaml"'))
        self.refused(osteon("run", case, "-o", self.out, "--force"), "--force would remove")
        self.assertTrue((self.out / "limb.yaml").exists())

    def test_a_place_that_cannot_be_written_is_a_fault_of_the_system(self) -> None:
        done = osteon("run", self.case, "-o", self.case / "out")
        self.refused(done, "cannot make the directory", "Not a directory", code=SYSTEM)

    def test_a_file_is_no_directory(self) -> None:
        self.refused(osteon("run", self.case, "-o", self.case), "is not a directory")
        self.assertEqual(self.case.read_text(), TINY)

    def test_a_mesh_that_cannot_be_written_is_a_fault_of_the_system(self) -> None:
        self.refused(osteon("mesh", self.case, "-o", self.case / "in" / "limb.msh"),
                     "Not a directory", code=SYSTEM)

    def test_a_mesh_that_fails_leaves_no_results_and_no_report(self) -> None:
        coarse = self.write(TINY.replace("size_interface: 6 mm", "size_interface: 9 mm"))
        done = osteon("run", coarse, "-o", self.out)
        self.refused(done, "could not mesh the limb", "size_interface", code=NUMBERS)
        self.assertNotIn("results.h5", done.stdout + done.stderr)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_an_earlier_run_survives_what_is_refused_while_meshing(self) -> None:
        write_stl(self.top / "open.stl", tube(14.0, 220.0)[:-6])
        faulty = self.write(case_text(
            "source: surface\n  surface: {file: open.stl, unit: mm, proximal: +z, anterior: +y}"))
        self.out.mkdir()
        earlier = {name: f"earlier {name}" for name in
                   ("results.h5", "limb.msh", "limb.yaml", "osteon.log", "report.html")}
        for name, text in earlier.items():
            (self.out / name).write_text(text)
        for launch in ([], [MPIEXEC, "--oversubscribe", "-n", "2"]):
            with self.subTest(launch=launch):
                if launch and not MPIEXEC:
                    self.skipTest("no mpiexec")
                done = subprocess.run(
                    [*launch, BUILD / "osteon", "run", faulty, "-o", self.out, "--force"],
                    text=True, capture_output=True, timeout=120)
                self.assertIn("open", done.stderr)
                self.assertEqual(done.returncode, INPUT, done.stderr)
                self.assertEqual({p.name: p.read_text() for p in self.out.iterdir()}, earlier)

    def test_the_mesher_dies_with_the_run(self) -> None:
        fine = self.write(TINY.replace("size_interface: 6 mm", "size_interface: 1.5 mm"))
        for way in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            with self.subTest(signal=way.name):
                run = subprocess.Popen([BUILD / "osteon", "run", fine, "-o", self.out],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    child = wait_for(lambda: mesher_of(run.pid), 60)
                    self.assertTrue(child, "no mesher was started")
                    run.send_signal(way)
                finally:
                    run.send_signal(way)
                    run.wait(60)
                self.assertTrue(wait_for(lambda: not is_mesher(child), 10), "it goes on")
        # and the folder can be used again, without --force
        coarse = self.write(TINY.replace("size_interface: 6 mm", "size_interface: 9 mm"))
        done = osteon("run", coarse, "-o", self.out)
        self.refused(done, "could not mesh the limb", code=NUMBERS)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_a_full_disk_is_told_without_a_stack_trace(self) -> None:
        small = self.top / "small"
        small.mkdir()
        mount = shutil.which("mount")
        done = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=700k", "tmpfs", small],
                                        capture_output=True)
        if not done or done.returncode:
            print("SKIPPED a full disk: no right to mount")
            self.skipTest("no right to mount")
        try:
            done = osteon("run", self.case, "-o", small / "out", "--no-report", limit=300)
            self.refused(done, "No space left on device", code=SYSTEM)
            self.assertFalse((small / "out" / "summary.json").exists())
        finally:
            subprocess.run(["umount", small], check=True)


def is_mesher(pid: int) -> bool:
    """A live one: a zombie has no command line."""
    try:
        return b"osteon-mesh" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def mesher_of(parent: int) -> int | None:
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return None
    return next((int(pid) for pid in children if is_mesher(int(pid))), None)


def wait_for(what: Callable[[], T], seconds: float) -> T:
    """Its value once that is true, or the last one."""
    end = time.monotonic() + seconds
    while not (value := what()) and time.monotonic() < end:
        time.sleep(0.02)
    return value


class MeshTarget(Cli):
    """`osteon mesh` replaces an earlier mesh and nothing else."""

    def setUp(self) -> None:
        super().setUp()
        self.case = self.write(TINY)

    def untouched(self, files: dict[str, str], *arguments: object, said: str) -> None:
        for name, text in files.items():
            self.write(text, name)
        before = {p.name: p.read_bytes() for p in self.top.iterdir()}
        done = osteon("mesh", *arguments, cwd=self.top)
        self.refused(done, said, "fix: ")
        self.assertEqual({p.name: p.read_bytes() for p in self.top.iterdir()}, before)

    def test_the_case_is_not_replaced_by_its_sidecar(self) -> None:
        self.untouched({}, "case.yaml", "-o", "case.msh",
                       said="would replace ./case.yaml, which this case reads")
        (self.top / "link.yaml").symlink_to("case.yaml")
        self.untouched({}, "case.yaml", "-o", "link.msh", said="which this case reads")

    def test_a_file_of_the_user_is_not_replaced(self) -> None:
        for name in ("limb.yaml", "limb.msh", "limb-density.nii.gz"):
            with self.subTest(name=name):
                self.untouched({name: "mine"}, "case.yaml",
                               said=f"would replace ./{name}, which no earlier mesh wrote")
                (self.top / name).unlink()

    def test_a_file_is_no_folder_for_a_mesh(self) -> None:
        self.untouched({}, "case.yaml", "-o", "case.yaml", said="is no folder")
        self.untouched({}, "case.yaml", "-o", "case.yaml/limb.msh", said="is no folder")

    def test_an_earlier_mesh_is_replaced_but_never_the_mesh_that_is_read(self) -> None:
        for _ in range(2):
            done = osteon("mesh", self.case, "-o", self.top / "limb.msh")
            self.assertEqual(done.returncode, DONE, done.stderr)
        self.untouched({"foreign.yaml": TINY.replace(PARAMETRIC, "source: mesh\n  mesh: "
                                                     "{file: limb.msh}")},
                       "foreign.yaml", said="would replace ./limb.msh, which this case reads")


def tube(radius: float, length: float, around: int = 24, along: int = 20) -> np.ndarray:
    """Triangles of a closed cylinder [num, 3, 3]."""
    ring = [(radius * cos(2 * pi * i / around), radius * sin(2 * pi * i / around))
            for i in range(around)]
    wall = []
    for k in range(along):
        low, high = length * k / along, length * (k + 1) / along
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]):
            wall += [[(ax, ay, low), (bx, by, low), (bx, by, high)],
                     [(ax, ay, low), (bx, by, high), (ax, ay, high)]]
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1]):
        wall += [[(bx, by, 0.0), (ax, ay, 0.0), (0.0, 0.0, 0.0)],
                 [(ax, ay, length), (bx, by, length), (0.0, 0.0, length)]]
    return np.array(wall)


def write_stl(path: Path, triangles: np.ndarray) -> None:
    records = np.zeros(len(triangles), dtype=[("n", "<3f4"), ("x", "<9f4"), ("a", "<u2")])
    records["x"] = triangles.reshape(-1, 9)
    path.write_bytes(b"\0" * 80 + struct.pack("<I", len(triangles)) + records.tobytes())


class Surfaces(Cli):
    def mesh(self, name: str, *, limit: int = 120) -> Outcome:
        case = self.write(case_text(
            f"source: surface\n  surface: {{file: {name}, unit: mm, proximal: +z, anterior: +y}}"))
        done = osteon("mesh", case, "-o", self.top / "limb.msh", limit=limit)
        if done.returncode:
            self.assertEqual(list(self.top.glob("limb*")), [], "something was left behind")
        return done

    def test_an_open_surface_is_refused(self) -> None:
        write_stl(self.top / "open.stl", tube(14.0, 220.0)[:-6])
        self.refused(self.mesh("open.stl"), "case.yaml:4: error:", "open")

    def test_a_surface_that_crosses_itself_is_refused(self) -> None:
        triangles = tube(14.0, 220.0)
        ring = (triangles[:, :, 2] > 100.0) & (triangles[:, :, 2] < 115.0)
        x = triangles[:, :, 0]
        x[ring] = -1.6 * x[ring]  # one ring turned inside out
        write_stl(self.top / "crossed.stl", triangles)
        self.refused(self.mesh("crossed.stl"), "case.yaml:4: error:", "itself")

    def test_a_file_that_is_no_surface_is_refused(self) -> None:
        (self.top / "cut.stl").write_bytes(b"\0" * 80 + struct.pack("<I", 1000) + b"\0" * 500)
        (self.top / "text.stl").write_text("this is no surface\n")
        for name in ("cut.stl", "text.stl"):
            with self.subTest(name=name):
                self.refused(self.mesh(name), "case.yaml:4: error:", name)


def write_nifti(path: Path, *, keep: int) -> None:
    """A NIfTI-1 head for 40^3 shorts, and `keep` bytes of them."""
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, 40, 40, 40, 1, 1, 1, 1)
    struct.pack_into("<hh", head, 70, 4, 16)
    struct.pack_into("<8f", head, 76, 1, 1, 1, 1, 0, 0, 0, 0)
    struct.pack_into("<f", head, 108, 352.0)
    struct.pack_into("<hh", head, 252, 0, 1)
    for row, values in enumerate([(1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)]):
        struct.pack_into("<4f", head, 280 + 16 * row, *values)
    head[344:348] = b"n+1\0"
    path.write_bytes(bytes(head) + b"\0" * keep)


class Images(Cli):
    def mesh(self, image: object, more: str = "", *, limit: int = 300, **options: str) -> Outcome:
        case = self.write(case_text(f'source: ct\n  ct: {{image: "{image}"}}\n{more}', **options))
        done = osteon("mesh", case, "-o", self.top / "limb.msh", limit=limit)
        if done.returncode:
            self.assertEqual(list(self.top.glob("limb*")), [], "something was left behind")
        return done

    def test_a_truncated_nifti_is_refused(self) -> None:
        for name, keep in (("body.nii", 1000), ("head.nii", -1)):
            with self.subTest(name=name):
                write_nifti(self.top / name, keep=max(keep, 0))
                if keep < 0:
                    os.truncate(self.top / name, 100)
                self.refused(self.mesh(name), "case.yaml:4: error:", name)

    def test_a_dicom_folder_with_a_missing_slice_is_refused(self) -> None:
        source = self.data("ct-femur-proximal-sts046", "ct")
        folder = self.top / "slices"
        folder.mkdir()
        for file in sorted(source.glob("*.dcm")):
            if file.name != "000040.dcm":
                (folder / file.name).symlink_to(file)
        self.refused(self.mesh("slices"), "case.yaml:4: error:", "missing")

    def test_bone_that_leaves_the_image_is_refused(self) -> None:
        image = self.data("ct-arm-artefact-sts005", "ct")
        done = self.mesh(image, bone="humerus", implant="press-fit-humerus-80")
        self.refused(done, "case.yaml:4: error:", "image")


class ForeignFiles(Cli):
    """Whatever stands in the data folder opens or is refused with a reason; nothing crashes."""

    def opens_or_is_refused(self, path: Path, case: str) -> None:
        name = os.path.relpath(path, self.top if path.is_relative_to(self.top) else DATA)
        with self.subTest(file=name):
            out = self.top / "limb.msh"
            done = osteon("mesh", self.write(case), "-o", out, limit=300)
            said = done.stdout + done.stderr
            self.assertIn(done.returncode, (DONE, INPUT), said)
            self.assertNotIn("PETSC ERROR", said)
            if done.returncode:
                self.assertIn("error: ", done.stderr)
                self.assertEqual(list(self.top.glob("limb*")), [])
            else:
                self.assertTrue(out.exists())
            reason = next((x for x in done.stderr.splitlines() if "error: " in x), "opens")
            print(f"  {name}: {reason.split('error: ')[-1]}")
            for file in self.top.glob("limb*"):
                file.unlink()

    def images(self, names: list[Path]) -> None:
        for path in names:
            self.opens_or_is_refused(path, case_text(f'source: ct\n  ct: {{image: "{path}"}}'))

    def test_formats_dicom(self) -> None:
        folder = self.data("formats-dicom-pydicom")
        self.images([folder, folder / "CT_small.dcm"])
        for file in sorted(folder.glob("*.dcm")):  # each as a folder of one slice
            alone = self.top / file.stem
            alone.mkdir()
            (alone / file.name).symlink_to(file)
            self.images([alone])

    def test_formats_metaimage_and_nrrd(self) -> None:
        for name in ("formats-metaimage-vtkdata", "formats-nrrd-pynrrd"):
            folder = self.data(name)
            self.images([p for p in sorted(folder.iterdir()) if "." in p.name
                             and p.suffix not in (".md",)])

    def test_formats_orientation(self) -> None:
        folder = self.data("formats-orientation-ibsi")
        nifti = sorted((folder / "nifti").rglob("*.nii*"))
        self.images([folder / "dicom" / "orientation", *nifti[:3]])

    def test_surfaces(self) -> None:
        for name, unit in (("surface-bones-opensim", "m"), ("surface-femur-comodo", "mm"),
                           ("surface-residual-limb-openlimb", "mm"), ("mesh-tibia-abaqus", "mm")):
            for path in sorted(p for p in self.data(name).iterdir()
                               if p.suffix in (".vtp", ".stl")):
                self.opens_or_is_refused(path, case_text(
                    f'source: surface\n  surface: {{file: "{path}", unit: {unit}, proximal: +y, '
                    'anterior: +x}'))

    def test_meshes(self) -> None:
        for name in ("mesh-femur-gmsh41", "mesh-tibia-abaqus"):
            for path in sorted(p for p in self.data(name).iterdir()
                               if p.suffix in (".msh", ".inp", ".stl")):
                self.opens_or_is_refused(path, case_text(
                    f'source: mesh\n  mesh: {{file: "{path}"}}'))


if __name__ == "__main__":
    program = unittest.main(exit=False)
    failed = len(program.result.failures) + len(program.result.errors)
    skipped = len(program.result.skipped)
    print(f"{program.result.testsRun - failed - skipped} passed, {failed} failed"
          + (f", {skipped} SKIPPED" if skipped else ""))
    sys.exit(1 if failed else 0)
