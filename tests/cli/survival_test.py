#!/usr/bin/env python3
"""A run that is killed, stopped, starved of disk or robbed of a checkpoint, and then resumed.

    survival_test.py MPIEXEC [--kills N] [TEST...]

What comes out in the end must be what the undisturbed run gives, on whichever number of ranks the
pieces were computed. `--kills 50` is the long form; twelve are enough to be run every time.
"""
from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h5py
import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("OSTEON_BUILD", ROOT / "build")).resolve()
MPIEXEC = ""
KILLS = 12

# Newton's method goes further than usual: what is compared is the resumption, not the tolerance.
CASE = f"""title: a run that has to survive
patient: {{id: tiny, body_mass: 73 kg, side: right, bone: femur}}
geometry:
  source: parametric
  parametric: {{bone: {ROOT}/meshes/bones/femur.yaml, residual_length: 240 mm}}
implant: {{file: IMPLANT, diameter: 16 mm}}
mesh: {{algorithm: delaunay, size_interface: 8 mm, size_bone: 14 mm, size_stem: 14 mm}}
protocol: {{file: {ROOT}/cases/protocols/ogaap-1.yaml, until: 75 day}}
solver: {{newton_tolerance: 1e-10, krylov_tolerance: 1e-8}}
output: {{every: 4 day, checkpoint_every: EVERY}}
falls:
  - {{name: forward, file: {ROOT}/cases/falls/forward.yaml, days: [60 day], angles: [0 degree]}}
"""
# Rules that hold the load and set it back, a stage that waits, rest days, a planned output.
LED = """name: led
review: 1 day
rules:
  - hold while bonded_area < 5 %
  - step back 1 day if bonded_area < 7 %
activities:
  - {name: standing, force: {axial: 100 N, anterior: 10 N}}
  - {name: leaning, force: {axial: 50 N, lateral: 30 N}, moment: {torsion: 1 N.m}}
events:
  - {at: 6 day, output: true}
stages:
  - {name: rest, until: 1 day}
  - name: scale
    until: 6 day
    rest_days: 1
    go_on_when: bonded_area > 60 %
    at_latest: 7 day
    do:
      - {activity: standing, start: 100 N, increment: 100 N/day, every: 1 day, target: 400 N,
         cycles: 100 cycles/day}
      - {activity: leaning, share: 100 %, cycles: 10 cycles/day}
  - name: free
    do:
      - {activity: standing, start: 500 N, cycles: 100 cycles/day}
"""
# Iterations depend on what the solver remembers of the days before; nothing else may.
COUNTS = {"newton_mean", "krylov_mean"}


def launch(arguments: list[str], ranks: int = 1) -> list[str]:
    program = [str(BUILD / "osteon"), *arguments, "--no-report"]
    return [MPIEXEC, "--oversubscribe", "-n", str(ranks), *program] if ranks > 1 else program


def ended(arguments: list[str], ranks: int = 1, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(launch(arguments, ranks), capture_output=True, text=True, timeout=300,
                          **options)


def killed(arguments: list[str], ranks: int, after_s: float) -> int | None:
    """Every process of the job is killed after a while; None, or the exit code it had before."""
    job = subprocess.Popen(launch(arguments, ranks), stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        return job.wait(after_s)
    except subprocess.TimeoutExpired:
        for pid in family(job.pid):
            os.kill(pid, signal.SIGKILL)
        job.wait()
        return None


def family(pid: int) -> list[int]:
    """The process and all its children; mpiexec gives its ranks groups of their own."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


class Survival(unittest.TestCase):
    top: Path
    case: Path

    @classmethod
    def setUpClass(cls) -> None:
        cls.top = Path(tempfile.mkdtemp(prefix="osteon_survival_"))
        cls.case = cls.write_case("case.yaml", "0 s")
        done = ended(["run", str(cls.case), "-o", str(cls.top / "whole")])
        assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.top)

    @classmethod
    def write_case(cls, name: str, every: str) -> Path:
        implant = cls.top / f"implant-{name}"
        shutil.copy(ROOT / "meshes/implants/press-fit-femur-140.yaml", implant)
        path = cls.top / name
        path.write_text(CASE.replace("IMPLANT", str(implant)).replace("EVERY", every))
        return path

    def out(self, name: str) -> Path:
        return self.top / name

    def cut_off(self, name: str, least_steps: int = 12, case: Path | None = None,
                way: signal.Signals = signal.SIGKILL) -> Path:
        """A run that was killed, or asked to stop, when it had done some steps."""
        out = self.out(name)
        job = subprocess.Popen(launch(["run", str(case or self.case), "-o", str(out)]),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = out / "history.csv"
        while not (rows.exists() and len(rows.read_text().splitlines()) > least_steps):
            self.assertIsNone(job.poll(), "the run ended before it could be killed")
            time.sleep(0.02)
        job.send_signal(way)
        job.wait()
        return out

    def resume(self, out: Path, ranks: int = 1, *options: str) -> subprocess.CompletedProcess[str]:
        return ended(["resume", str(out), *options], ranks)

    # --- comparisons --------------------------------------------------------------------------

    def check_same(self, out: Path, whole: Path | None = None) -> None:
        """The scalars of the run to 1e-8, the same datasets, and nothing that is left behind."""
        whole = whole or self.top / "whole"
        worst = 0.0
        with h5py.File(whole / "results.h5") as a, h5py.File(out / "results.h5") as b:
            self.assertEqual(b.attrs["complete"], 1)
            for name in a["history"]:
                if name in COUNTS:
                    continue
                x, y = a["history"][name][()], b["history"][name][()]
                self.assertEqual(x.shape, y.shape, name)
                size = np.nanmax(np.abs(x)) or 1.0
                worst = max(worst, np.nanmax(np.abs(x - y)) / size)
                self.assertLessEqual(np.nanmax(np.abs(x - y)), 1e-8 * size, name)
            self.assertEqual(self.datasets(a), self.datasets(b))
            for name in ("day", "face", "point", "from", "to", "cause"):
                x, y = a["transitions"][name][()], b["transitions"][name][()]
                self.assertTrue(np.allclose(x, y, rtol=1e-9), f"transitions/{name}")
        self.check_texts(whole, out)
        names = {p.name for p in out.iterdir()}
        self.assertFalse([n for n in names if n.endswith(".part") or ".undo" in n or
                          n.startswith("checkpoint") or n == "osteon.lock"], names)
        print(f"    largest difference of a scalar: {worst:.1e} of its largest value")

    @staticmethod
    def datasets(file: h5py.File) -> dict[str, tuple[int, ...]]:
        found = {}
        file.visititems(lambda n, o: found.update({n: getattr(o, "shape", None)}))
        return found

    def check_texts(self, whole: Path, out: Path) -> None:
        for name in ("results.xdmf", "falls.xdmf"):
            self.assertEqual((whole / name).exists(), (out / name).exists(), name)
            if (whole / name).exists():
                self.assertEqual((whole / name).read_text(), (out / name).read_text(), name)
        tables = [list(csv.reader((d / "history.csv").read_text().splitlines()))
                  for d in (whole, out)]
        self.assertEqual(len(tables[0]), len(tables[1]))
        self.assertEqual(tables[0][0], tables[1][0])
        ends = [json.loads((d / "summary.json").read_text()) for d in (whole, out)]
        for key, value in ends[0]["final"].items():
            if isinstance(value, float):
                self.assertAlmostEqual(value, ends[1]["final"][key],
                                       delta=1e-8 * abs(value) + 1e-14)
        self.assertEqual(ends[0]["final"]["verdict"], ends[1]["final"]["verdict"])
        for x, y in zip(ends[0]["decisions"], ends[1]["decisions"], strict=True):
            self.assertEqual((x["did"], x["rule"], x["stage"], x["sign"]),
                             (y["did"], y["rule"], y["stage"], y["sign"]))
            for key in ("day", "protocol_day_before", "protocol_day", "value"):
                self.assertAlmostEqual(x[key], y[key], delta=1e-8 * abs(x[key]) + 1e-14)
        self.assertEqual(len(ends[0]["falls"]), len(ends[1]["falls"]))
        for x, y in zip(ends[0]["falls"], ends[1]["falls"]):
            self.assertEqual((x["name"], x["day"], x["mode"], x["place"]),
                             (y["name"], y["day"], y["mode"], y["place"]))
            self.assertAlmostEqual(x["factor"], y["factor"], delta=1e-6 * x["factor"])

    # --- the tests ----------------------------------------------------------------------------

    def test_kill(self) -> None:
        """Killed at random moments, resumed on another number of ranks each time."""
        dice = random.Random(20140)
        out = self.out("killed")
        kills, attempt, resumed, code = 0, 0, 0, None
        while kills < KILLS or code != 0:
            ranks = 1 + attempt % 3
            begun = list(out.glob("checkpoint-?.h5"))
            what = ["resume", str(out)] if begun else ["run", str(self.case), "-o", str(out),
                                                       "--force"]
            attempt += 1
            resumed += bool(begun)
            after = 0.5 + 3.0 * dice.random() if kills < KILLS else 300.0
            code = killed(what, ranks, after)
            kills += code is None
            if code == 0 and kills < KILLS:  # it was done before: once more from the start
                self.check_same(out)
                shutil.rmtree(out)
            elif code is not None and code != 0:
                self.fail(f"attempt {attempt} on {ranks} ranks ended with {code}: "
                          f"{ended(what, ranks).stderr}")
        print(f"    {kills} kills, {attempt} attempts, {resumed} of them from a checkpoint")
        self.assertGreater(2 * resumed, kills)
        self.check_same(out)

    def test_rules(self) -> None:
        """What the protocol's rules have decided, and how its clock goes, survives as well."""
        protocol, case = self.top / "led.yaml", self.top / "led-case.yaml"
        protocol.write_text(LED)
        text = self.case.read_text().replace(f"{ROOT}/cases/protocols/ogaap-1.yaml", str(protocol))
        case.write_text(text[:text.index("falls:")].replace("75 day", "16 day"))
        whole = self.out("led-whole")
        done = ended(["run", str(case), "-o", str(whole)])
        self.assertEqual(done.returncode, 0, done.stderr)
        did = [d["did"] for d in json.loads((whole / "summary.json").read_text())["decisions"]]
        for kind in ("hold", "release", "step back", "wait", "at the latest"):
            self.assertIn(kind, did)
        for steps in range(2, 16, 3):
            way = signal.SIGUSR1 if steps % 2 else signal.SIGKILL
            out = self.cut_off(f"led-{steps}", steps, case, way)
            done = self.resume(out, 1 + steps % 2)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.check_same(out, whole)

    def test_stop(self) -> None:
        """Asked to end: exit code 5, a checkpoint, and no step is lost."""
        for number in (signal.SIGUSR1, signal.SIGTERM):
            with self.subTest(signal=number):
                out = self.out(f"stopped-{number}")
                case = self.write_case(f"stopped-{number}.yaml", "1 h")
                job = subprocess.Popen(launch(["run", str(case), "-o", str(out)]),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                rows = out / "history.csv"
                while not (rows.exists() and len(rows.read_text().splitlines()) > 14):
                    time.sleep(0.02)
                job.send_signal(number)
                text = "".join(job.communicate(timeout=100))
                self.assertEqual(job.returncode, 5, text)
                self.assertIn(f"signal {signal.Signals(number).name}", text)
                self.assertIn("osteon resume", text)
                self.assertFalse((out / "summary.json").exists())
                lived = len(rows.read_text().splitlines())
                done = self.resume(out, 2)
                self.assertEqual(done.returncode, 0, done.stderr)
                first = done.stdout.split("going on from")[1].split("\n")[0]
                self.assertIn(f"step {lived - 2}", first)  # a head and the first day
                self.check_same(out)

    def test_time_limit(self) -> None:
        out = self.out("limited")
        begun = time.monotonic()
        done = ended(["run", str(self.case), "-o", str(out), "--time-limit", "3 s"])
        self.assertEqual(done.returncode, 5, done.stderr)
        self.assertLess(time.monotonic() - begun, 6.0)
        self.assertIn("time limit", done.stdout + done.stderr)
        while done.returncode == 5:
            done = self.resume(out, 1, "--time-limit", "4 s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(out)
        again = self.resume(out)
        self.assertEqual(again.returncode, 0)
        self.assertIn("nothing is left to do", again.stdout)

    def test_bad_time_limit(self) -> None:
        for limit in ("soon", "-3 s", "4 mm"):
            done = ended(["run", str(self.case), "-o", str(self.out("never")), "--time-limit",
                          limit])
            self.assertEqual(done.returncode, 2, limit)
            self.assertIn("--time-limit", done.stderr)
        self.assertFalse(self.out("never").exists())

    def test_corrupted_slot(self) -> None:
        """A byte that turned in the newer checkpoint: said, and the older one is used."""
        out = self.cut_off("turned")
        newest = max(out.glob("checkpoint-?.h5"), key=self.serial)
        data = bytearray(newest.read_bytes())
        data[len(data) // 2] ^= 1
        newest.write_bytes(data)
        done = self.resume(out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(newest.name, done.stderr)
        self.assertIn("SHA-256 differs", done.stderr)
        self.check_same(out)

    @staticmethod
    def serial(path: Path) -> int:
        return int(path.read_bytes()[:512].split(b"serial ")[1].split()[0])

    def test_no_slot(self) -> None:
        """Both spoilt, or none: a clear refusal, and nothing is touched."""
        out = self.cut_off("spoilt")
        for slot in out.glob("checkpoint-?.h5"):
            slot.write_bytes(slot.read_bytes()[:-1])
        before = {p.name: p.read_bytes() for p in out.iterdir() if p.name != "osteon.lock"}
        done = self.resume(out)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stderr.count("length"), 2)
        self.assertEqual(before, {p.name: p.read_bytes() for p in out.iterdir()})
        for wrong in (self.top / "nowhere", self.top):
            done = self.resume(wrong)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("fix:", done.stderr)
        self.assertFalse((self.top / "nowhere").exists())

    def test_torn_results(self) -> None:
        """What a kill in the middle of a session leaves of results.h5 is put back."""
        out = self.cut_off("torn")
        results, undo = out / "results.h5", out / "results.h5.undo"
        whole = results.read_bytes()
        # as undo.h has it: a head, and the whole file as one piece
        size = len(whole).to_bytes(8, "little")
        undo.write_bytes(b"osteon undo 1\n\0\0" + size + (1).to_bytes(8, "little") +
                         bytes(8) + size + whole)
        results.write_bytes(b"\0" * 4096 + whole[4096:] + b"more")
        done = self.resume(out, 3)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(out)

    def test_changed_input(self) -> None:
        """An implant that is another one now would make the rest of the run another's."""
        case = self.write_case("changed.yaml", "0 s")
        out = self.cut_off("changed", case=case)
        implant = self.top / "implant-changed.yaml"
        text = implant.read_text()
        implant.write_text(text + "# another day\n")
        done = self.resume(out)
        self.assertEqual(done.returncode, 2)
        self.assertIn(implant.name, done.stderr)
        implant.write_text(text)
        case.unlink()  # the case itself is remembered
        done = self.resume(out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(out)

    def test_mesh_of_another(self) -> None:
        """`--mesh` takes the mesh of this case, and of no other limb or implant."""
        text = self.case.read_text().replace("until: 75 day", "until: 2 day")
        for name, old, new, code in (("same", "", "", 0),
                                     ("shorter", "residual_length: 240", "residual_length: 230", 2),
                                     ("thinner", "diameter: 16", "diameter: 15", 2),
                                     ("left", "side: right", "side: left", 2)):
            with self.subTest(name=name):
                case = self.top / f"mesh-{name}.yaml"
                case.write_text(text.replace(old, new) if old else text)
                done = ended(["run", str(case), "-o", str(self.out(f"mesh-{name}")), "--mesh",
                              str(self.top / "whole")])
                self.assertEqual(done.returncode, code, done.stderr)
                if code:
                    self.assertIn("the mesh was made for another limb", done.stderr)
                    self.assertFalse(list(self.out(f"mesh-{name}").iterdir()))

    def test_full_disk(self) -> None:
        """No room for a checkpoint is told; none for results ends the run, and nothing is lost."""
        disk = self.mounted("full", "size=5m")
        out = disk / "out"
        done = ended(["run", str(self.case), "-o", str(out)])
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn("no checkpoint on day", done.stdout + done.stderr)
        subprocess.run(["mount", "-o", "remount,size=60m", str(disk)], check=True)
        done = self.resume(out, 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(out)

    def test_read_only(self) -> None:
        disk = self.mounted("read-only", "size=60m")
        out = self.cut_off("read-only/out")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        done = self.resume(out)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertIn("Read-only file system", done.stderr)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        done = self.resume(out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_same(out)

    def mounted(self, name: str, options: str) -> Path:
        disk = self.top / name
        disk.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "osteon", str(disk)],
                          capture_output=True).returncode:
            self.skipTest("SKIPPED: this process may not mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)])
        return disk


if __name__ == "__main__":
    MPIEXEC = sys.argv.pop(1)
    if "--kills" in sys.argv:
        at = sys.argv.index("--kills")
        KILLS = int(sys.argv[at + 1])
        del sys.argv[at:at + 2]
    unittest.main(verbosity=2)
