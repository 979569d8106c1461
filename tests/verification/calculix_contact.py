#!/usr/bin/env python3
"""Cross-check with CalculiX: a press-fit with friction, loaded along and across.

usage: calculix_contact.py PROGRAM DIR     PROGRAM is calculix_contact; DIR is made and overwritten

The same curved 10-node tetrahedra, the same law: pressure k_n times overclosure, stick as stiff as
k_t up to mu p, radial return. What differs, and is left to differ:
- contact points: 6 on a face here; CalculiX cuts the faces with one another, 7 points on each piece
  (77 on a face of this mesh);
- CalculiX pairs points and takes normals anew from the deformed shape at each increment, Osteon
  keeps both (small sliding);
- bulk: CalculiX integrates curved cells with 4 points, Osteon with 14.
Measured: forces and moments 0.3 % of the largest, pressure 0.6 % (RMS), largest micromotion 0.4 %,
tip 0.1 %. Bars: design asks for 2 % and 5 %, BARS are closer.
Osteon's default elastic slip of 1 um, which CalculiX does not know, is the second row: it has to
miss the bars, which shows that they can be missed, and says what it costs.

Two traps of CalculiX 2.20, both met on the way. Contact pairs that share a master surface lose
contact area (8 pairs: 15-20 %), so each slave has its own master, and the area is checked.
*CLEARANCE is ramped up again in every step (a quarter into the second step a third of the pressure
is left) and moves each node along the normal of one of its faces only; the interference of this
deck is overlapping geometry, which is ramped in the first step alone.
Exit code 200 (skipped) where ccx is not installed.
"""
import math
import os
import pathlib
import shutil
import subprocess
import sys

STIFFNESS, INTERFERENCE, RADIUS, LENGTH = 1e4, 0.004, 7.0, 60.0  # as in calculix_contact.c
ENDS = {1.0: "seated", 2.0: "pushed", 3.0: "bent"}  # states by CalculiX's total time
BARS = {"force": 0.01, "moment": 0.01, "pressure": 0.02, "micromotion": 0.02, "tip": 0.01}


class State:
    """Displacements [mm] by node; forces [N] and moments [N mm] on the bone by kind and band."""

    def __init__(self):
        self.u, self.bands, self.area = {}, {"normal": {}, "shear": {}}, 0.0

    def total(self, kind: str) -> list[float]:
        return [sum(band[i] for band in self.bands[kind].values()) for i in range(6)]


def read_osteon(path: pathlib.Path) -> dict[str, State]:
    states = {}
    for line in path.read_text().splitlines():
        kind, first, *rest = line.split()
        if kind == "state":
            state = states[first] = State()
        elif kind == "u":
            state.u[int(first)] = [float(v) for v in rest]
        else:
            state.bands[kind][int(first)] = [float(v) for v in rest]
    return states


def read_ccx(path: pathlib.Path) -> dict[str, State]:
    """The blocks of the .dat file at the ends of the steps. Of the two blocks of forces that each
    pair gets, both under the same title, the first is CFN, the second CFS."""
    states = {name: State() for name in ENDS.values()}
    state, block, band = None, "", 0
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["displacements"] or words[:3] == ["statistics", "for", "slave"]:
            state = states.get(ENDS.get(round(float(words[-1]), 6), ""))
            block = words[0]
            if block == "statistics":
                band = int(words[4].strip(",").removeprefix("BONE"))
        elif "surface force" in line:
            block = "force"
        elif words[:1] == ["area,"]:
            block = "area"
        elif state is None or not words:
            continue
        elif block == "displacements" and len(words) == 4:
            state.u[int(words[0])] = [float(v) for v in words[1:]]
        elif block == "force" and len(words) == 6:
            kind = "shear" if band in state.bands["normal"] else "normal"
            state.bands[kind][band] = [float(v) for v in words]
            block = ""
        elif block == "area" and len(words) == 3:
            state.area += 0.5 * float(words[0])  # printed with CFN and with CFS
            block = ""
    return states


def rows_of(folder: pathlib.Path, name: str) -> list[list[str]]:
    return [line.split() for line in (folder / name).read_text().splitlines()]


class Interface:
    """Pairs of nodes on the two sides, with their places; nodes of the loaded end."""

    def __init__(self, folder: pathlib.Path):
        self.place = {(int(a), int(b)): [float(v) for v in x]
                      for a, b, *x in rows_of(folder, "pairs.txt")}
        self.tip = sorted({int(row[0]) for row in rows_of(folder, "tip.txt")})

    def jump(self, state: State) -> dict[tuple[int, int], list[float]]:
        return {(a, b): [p - q for p, q in zip(state.u[a], state.u[b])] for a, b in self.place}

    def micromotion(self, state: State, seated: State) -> list[float]:
        now, then = self.jump(state), self.jump(seated)
        return [1e3 * math.dist(now[pair], then[pair]) for pair in self.place]

    def pressure(self, state: State) -> list[float]:
        """By the common law, from the overclosure of each pair of nodes."""
        jump, out = self.jump(state), []
        for pair, x in self.place.items():
            gap = (jump[pair][0] * x[0] + jump[pair][1] * x[1]) / RADIUS - INTERFERENCE
            out.append(STIFFNESS * max(0.0, -gap))
        return out

    def tip_displacement(self, state: State) -> list[float]:
        return [1e3 * sum(state.u[n][i] for n in self.tip) / len(self.tip) for i in range(3)]


def length(v) -> float:
    return math.sqrt(sum(x * x for x in v))


def difference(a, b) -> float:
    """Of two lists, in the 2-norm, over the first."""
    return math.dist(a, b) / length(a)


def worst_band(a: State, b: State, kind: str, part: slice) -> float:
    largest = max(length(v[part]) for k in a.bands for v in a.bands[k].values())
    return max(math.dist(v[part], b.bands[kind][n][part])
               for n, v in a.bands[kind].items()) / largest


def measures(it: Interface, a: dict[str, State], b: dict[str, State], name: str) -> list[tuple]:
    """(what, unit, value of a, value of b, difference, its bar)."""
    x, y = a[name], b[name]
    out = []
    for kind, text in (("normal", "contact"), ("shear", "friction")):
        force = [sum(length(v[:3]) for v in s.bands[kind].values()) for s in (x, y)]
        out.append((f"{text}, sum of bands", "N", *force, worst_band(x, y, kind, slice(0, 3)),
                    "force"))
    moment = [0.001 * (s.total("normal")[4] + s.total("shear")[4]) for s in (x, y)]
    turned = max(worst_band(x, y, kind, slice(3, 6)) for kind in ("normal", "shear"))
    out.append(("bending moment", "N m", *moment, turned, "moment"))
    p, q = it.pressure(x), it.pressure(y)
    out.append(("pressure, mean", "MPa", sum(p) / len(p), sum(q) / len(q), difference(p, q),
                "pressure"))
    if name != "seated":
        p, q = it.micromotion(x, a["seated"]), it.micromotion(y, b["seated"])
        out.append(("micromotion, largest", "um", max(p), max(q), max(q) / max(p) - 1.0,
                    "micromotion"))
        out.append(("micromotion, mean", "um", sum(p) / len(p), sum(q) / len(q),
                    sum(q) / sum(p) - 1.0, "micromotion"))
        p, q = it.tip_displacement(x), it.tip_displacement(y)
        out.append(("tip", "um", length(p), length(q), difference(p, q), "tip"))
    return out


def solve(ccx: str, folder: pathlib.Path) -> dict[str, State]:
    threads = {"OMP_NUM_THREADS": "2", "CCX_NPROC_EQUATION_SOLVER": "2"}
    run = subprocess.run([ccx, "-i", "contact"], cwd=folder, capture_output=True, text=True,
                         timeout=500, env={**os.environ, **threads})
    if run.returncode or not (folder / "contact.dat").exists():
        sys.exit(f"FAILED: ccx ended with {run.returncode}\n{run.stdout[-2000:]}")
    states = read_ccx(folder / "contact.dat")
    area = 2.0 * math.pi * RADIUS * LENGTH
    if abs(states["seated"].area / area - 1.0) > 0.01:
        sys.exit(f"FAILED: CalculiX found {states['seated'].area:.0f} of {area:.0f} mm2 in contact")
    return states


def main() -> int:
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    ccx = shutil.which("ccx")
    if not ccx:
        print("SKIPPED: ccx (Debian package calculix-ccx) is not installed")
        return 200
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run([program, str(folder)], check=True, timeout=300)
    it = Interface(folder)
    theirs = solve(ccx, folder)
    ours = {slip: read_osteon(folder / f"osteon_{slip}.txt") for slip in (0, 1)}
    failed, missed = [], 0
    print(f"{'':8}{'':23}{'':4}{'CalculiX':>10}{'Osteon':>10}{'differ':>8}{'slip 1 um':>11}"
          f"{'differ':>8}{'bar':>6}")
    for name in ENDS.values():
        for row, softer in zip(measures(it, theirs, ours[0], name),
                               measures(it, theirs, ours[1], name)):
            what, unit, a, b, gap, bar = row
            print(f"{name:8}{what:23}{unit:4}{a:10.4g}{b:10.4g}{100 * gap:7.2f}%{softer[3]:11.4g}"
                  f"{100 * softer[4]:7.2f}%{100 * BARS[bar]:5.0f}%")
            if not abs(gap) <= BARS[bar]:
                failed.append(f"{name}, {what}")
            missed += abs(softer[4]) > BARS[bar]
    print("differ: forces and moments in the worst of 8 bands, over the largest; pressure and tip "
          "in the 2-norm")
    if failed:
        print("FAILED: beyond the bar: " + "; ".join(failed))
    if not missed:
        print("FAILED: an elastic slip of 1 um is not noticed")
    return 1 if failed or not missed else 0


if __name__ == "__main__":
    sys.exit(main())
