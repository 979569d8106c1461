"""The jobs of scripts/bench: one program on one mesh, timed as a whole and by its own phases."""
from __future__ import annotations

import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from model import NORMAL, STICK

HERE = Path(__file__).resolve().parent
PHASES = ("mesh", "create", "assembly", "setup", "solve", "fit", "load", "total")

# Osteon's contact jobs: k_n, k_t and elastic slip, and how the program is told.
CALCULIX_LAW, DEFAULT_LAW = "1e6, 1e5, 0", "1e4, 1e4, 1 um"
LAWS = {
    CALCULIX_LAW: ["-normal_stiffness", f"{NORMAL:g}", "-shear_stiffness", f"{STICK:g}",
                   "-elastic_slip", "0"],
    "1e5, 1e5, 0": ["-normal_stiffness", "1e5", "-shear_stiffness", "1e5", "-elastic_slip", "0"],
    DEFAULT_LAW: [],
}


@dataclasses.dataclass
class Row:
    """One job: what was run, then what came of it. One line of the CSV."""
    date: str = ""
    machine: str = ""
    cores: int = 0
    load: float = 0.0        # average of the last minute before the whole comparison
    osteon: str = ""         # commit
    case: str = "tied"       # tied, contact
    size: str = ""
    dof: int = 0
    program: str = ""
    version: str = ""
    law: str = ""            # of the interface, in the contact case
    ranks: int = 1           # MPI ranks, or threads
    repeat: int = 0
    outcome: str = "done"    # done, or why not
    wall_s: float = 0.0      # of the whole process
    others: float = 0.0      # cores that other processes kept busy meanwhile
    mesh_s: float = 0.0
    create_s: float = 0.0
    assembly_s: float = 0.0
    setup_s: float = 0.0
    solve_s: float = 0.0
    fit_s: float = 0.0
    load_s: float = 0.0
    total_s: float = 0.0     # Osteon: from create to solve or load; FEniCSx: assembly to solve
    newton: int = 0
    iterations: int = 0
    residual: float = 0.0
    memory_mb: float = 0.0   # peak of resident memory, all ranks together
    tip_x: float = 0.0
    tip_y: float = 0.0
    tip_z: float = 0.0

    @property
    def done(self) -> bool:
        return self.outcome == "done"

    @property
    def tip(self) -> tuple[float, float, float]:
        return self.tip_x, self.tip_y, self.tip_z


def busy_seconds() -> float:
    """Of all processors since the machine started."""
    ticks = [int(t) for t in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def stop(process: subprocess.Popen, number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        pass


def timed(row: Row, command: list[str], folder: Path, threads: int, limit: float) -> str:
    """Run it, note wall time, memory of the largest process and the outcome; what it printed."""
    what = f"{row.program}-{row.case}-{row.size}-{row.law}-{row.ranks}"
    log = folder / (re.sub(r"\W+", "-", what.lower()) + ".log")
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS="1",
                       CCX_NPROC_EQUATION_SOLVER=str(threads), PYTHONDONTWRITEBYTECODE="1",
                       OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    busy, start, asked = busy_seconds(), time.time(), False
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out,
                                   stderr=subprocess.STDOUT, start_new_session=True)
    try:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if time.time() > start + limit + 5.0:
                stop(process, signal.SIGKILL)
            elif time.time() > start + limit and not asked:
                stop(process, signal.SIGTERM)  # mpirun takes its ranks along
                asked = True
            time.sleep(0.01)
    except KeyboardInterrupt:
        stop(process, signal.SIGTERM)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    row.wall_s = time.time() - start
    row.memory_mb = usage.ru_maxrss / 1024
    own = usage.ru_utime + usage.ru_stime
    row.others = max(0.0, busy_seconds() - busy - own) / row.wall_s
    if asked:
        row.outcome = f"stopped after {limit:.0f} s"
    elif process.returncode:
        row.outcome = f"failed: {log.name}"
    return log.read_text(errors="replace")


def parallel(ranks: int) -> list[str]:
    return ["mpirun", "--oversubscribe", "-n", str(ranks)] if ranks > 1 else []


def take_json(row: Row, text: str) -> None:
    """What Osteon and FEniCSx print of themselves."""
    lines = [line for line in text.splitlines() if line.startswith('{"')]
    if not row.done or not lines:
        row.outcome = "failed: printed nothing" if row.done else row.outcome
        return
    found = json.loads(lines[-1])
    for phase in PHASES:
        setattr(row, phase + "_s", found["seconds"].get(phase, 0.0))
    row.newton, row.iterations = found.get("newton", 0), found["iterations"]
    row.residual, row.memory_mb = found["residual"], found["memory_mb"]
    row.tip_x, row.tip_y, row.tip_z = found["tip"]
    row.version = found.get("version", row.osteon)


def osteon(row: Row, program: Path, mesh: Path, limit: float) -> None:
    options = ["-contact", *LAWS[row.law]] if row.case == "contact" else []
    command = [*parallel(row.ranks), str(program), str(mesh.with_suffix(".msh")), *options]
    take_json(row, timed(row, command, mesh.parent, 1, limit))


def fenicsx(row: Row, python: str, mesh: Path, limit: float) -> None:
    command = [*parallel(row.ranks), python, str(HERE / "run_dolfinx.py"), str(mesh)]
    take_json(row, timed(row, command, mesh.parent, 1, limit))


def calculix(row: Row, mesh: Path, limit: float) -> None:
    job = f"{mesh.name}_{row.case}"
    timed(row, ["ccx", "-i", job], mesh.parent, row.ranks, limit)
    answer = mesh.with_name(job + ".dat")
    if row.done and not answer.exists():
        row.outcome = "failed: no answer"
    if row.done:
        row.tip_x, row.tip_y, row.tip_z = calculix_tip(answer, mesh.with_name(mesh.name +
                                                                              "_tip.txt"))
        if row.case == "contact":
            history = mesh.with_name(job + ".cvg").read_text().splitlines()
            row.newton = sum(line[:8].strip().isdigit() for line in history)
    for end in (".frd", ".dat", ".12d", ".sta", ".cvg"):
        mesh.with_name(job + end).unlink(missing_ok=True)


def calculix_tip(answer: Path, weights: Path) -> tuple[float, ...]:
    """Mean displacement of the loaded face at the last printed time."""
    weight = {int(node): float(w) for node, w in
              (line.split() for line in weights.read_text().splitlines())}
    tip = [0.0, 0.0, 0.0]
    for line in answer.read_text().splitlines():
        words = line.split()
        if "displacements" in line:
            tip = [0.0, 0.0, 0.0]
        elif len(words) == 4 and words[0].isdigit():
            tip = [t + weight[int(words[0])] * float(w) for t, w in zip(tip, words[1:])]
    return tuple(tip)


def make_mesh(python: str, folder: Path, name: str, size: float, curved: bool) -> tuple[Path, int]:
    """The mesh with its decks, made if it is not there or its recipe is newer; its unknowns."""
    mesh = folder / name
    made, recipe = mesh.with_suffix(".json"), max((HERE / f).stat().st_mtime
                                                  for f in ("deck.py", "model.py"))
    if not made.exists() or made.stat().st_mtime < recipe:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([python, "-B", str(HERE / "deck.py"), str(mesh), "--size", str(size),
                        *(["--curved"] if curved else [])], check=True, stdout=sys.stderr)
    return mesh, json.loads(made.read_text())["dof"]
