"""Runs of one patient under several protocols: what each came to, and whether they may be compared.

Everything is read from the runs' own histories, falls and resolved cases; between two rows of a
history the courses are taken as straight.
"""
from __future__ import annotations

import hashlib
import math
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from . import words
from .curves import bands
from .reader import Fall, History, Results, ResultsError

DAYS_PER_MONTH = 365.242198781 / 12  # as UDUNITS has it, by which cases are read
GRAVITY = 9.80665  # standard gravity, m/s2
NEAR = 1e-3  # days that are the same day

# What acts, and what follows at once; the rest are states, which cannot jump.
_ACTING = ("load_", "cycles_", "micromotion_", "area_", "stem_", "strain_", "contact_", "support_")
# Of the case, what may differ between runs that are compared, or does not bear on the outcome.
_FREE = ("title", "output", "mesh", "protocol.file", "protocol.second_operation")
_PLACES = ("file", "bone", "image", "labels", "folder")  # keys whose value is a path


def quantity(value: Any) -> float:
    """The number of a value with a unit."""
    text = str(value).split()
    return words.value(text[0]) if text else math.nan


def at(history: History, column: str, day: float) -> float:
    """A column on a day, NaN outside the history. A row tells the stage that leads up to its day:
    of two rows in different stages what acts between them is the second's."""
    days = history.days
    if column not in history or not days[0] - NEAR <= day <= days[-1] + NEAR:
        return math.nan
    values = history[column]
    row = min(int(np.searchsorted(days, day - NEAR)), len(days) - 1)
    if row == 0 or days[row] <= day + NEAR:
        return float(values[row])
    if column.startswith(_ACTING) and _jumps(history)[row]:
        return float(values[row])
    return float(np.interp(day, days[row - 1 : row + 1], values[row - 1 : row + 1]))


def _jumps(history: History) -> np.ndarray:
    """Rows whose stage is another than that of the row before."""
    if "stage" not in history:
        return np.zeros(len(history.days), dtype=bool)
    stage = history["stage"]
    return np.concatenate([[False], stage[1:] != stage[:-1]])


def course(history: History, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Days and values to draw: what acts jumps where a stage begins."""
    days, values = history.days, history[column]
    at_once = np.flatnonzero(_jumps(history)) if column.startswith(_ACTING) else []
    return np.insert(days, at_once, days[np.array(at_once, int) - 1]), np.insert(
        values, at_once, values[at_once]
    )


@dataclass
class Arm:
    """One run, by the name of its directory."""

    name: str
    directory: Path
    complete: bool
    attributes: dict[str, Any]
    case: dict[str, Any]
    protocol: dict[str, Any]
    inputs: dict[str, str]  # SHA-256 of what was read, by the file's name
    mesh: str  # SHA-256 of nodes and cells
    history: History
    falls: list[Fall]
    decisions: dict[str, int] | None  # how often, by what was done; None: not told before the end
    stages: list[Any] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.protocol.get("name") or self.name)

    @property
    def reached(self) -> float:
        return float(self.history.days[-1])

    @property
    def until(self) -> float:
        """The day on which the run was to end."""
        planned = self.case.get("protocol") or {}
        return quantity(planned.get("until"))

    @property
    def cut_off(self) -> bool:
        return not self.complete

    @property
    def body_weight(self) -> float:
        """N; NaN where the case does not say."""
        return GRAVITY * quantity((self.case.get("patient") or {}).get("body_mass"))

    def at(self, column: str, day: float) -> float:
        return at(self.history, column, day)

    def first_day(self, column: str, level: float) -> float:
        """On which it is there; where a stage begins with it, the day on which that begins."""
        if column not in self.history or not math.isfinite(level):
            return math.nan
        there = np.flatnonzero(self.history[column] >= level * (1.0 - 1e-6))
        if len(there) == 0:
            return math.inf
        row = int(there[0])
        jumps = row > 0 and bool(_jumps(self.history)[row])
        return float(self.history.days[row - 1 if jumps else row])

    def _up_to(self, day: float) -> int:
        """How many rows there are up to a day."""
        return max(1, int(np.searchsorted(self.history.days, day + NEAR, side="right")))

    def largest(self, column: str, day: float) -> tuple[float, float]:
        """The largest value up to a day and the first day on which it is there."""
        if column not in self.history:
            return math.nan, math.nan
        most = float(np.nanmax(self.history[column][: self._up_to(day)]))
        return most, self.first_day(column, most) if most > 0.0 else math.inf

    def days_above(self, column: str, limit: float, day: float) -> float:
        """Length of the steps up to a day that ended above a limit."""
        if column not in self.history:
            return math.nan
        rows = self._up_to(day)
        steps = np.diff(self.history.days[:rows])
        return float(steps[self.history[column][1:rows] > limit].sum())

    def cycles(self, day: float) -> float:
        """Load cycles from the operation to a day."""
        if "cycles_per_day" not in self.history:
            return math.nan
        days = np.minimum(self.history.days, day)
        return float((np.diff(days) * self.history["cycles_per_day"][1:]).sum())

    def delay(self, day: float) -> float:
        """Days by which rules have held the protocol up."""
        return round(day - self.at("protocol_day", day), 6) + 0.0  # days have ten digits

    def fall(self, name: str, day: float) -> Fall | None:
        same = (f for f in self.falls if f.name == name and abs(fall_day(f) - day) < 0.5)
        return next(same, None)


def fall_day(fall: Fall) -> float:
    return words.value(fall.values.get("day"))


def _digest(results: Results) -> str:
    mesh = results.mesh
    sha = hashlib.sha256(np.ascontiguousarray(mesh.nodes).tobytes())
    sha.update(np.ascontiguousarray(mesh.tets).tobytes())
    return sha.hexdigest()


def read_arm(directory: Path, name: str) -> Arm:
    with Results(directory) as r:
        if len(r.history.days) == 0:
            raise ResultsError(
                f"{directory}: its history has no row: nothing to compare yet\n"
                "    fix: let the run go on (`osteon resume`), or leave it out"
            )
        told = r.decisions
        counts = {} if told else None if told is None else {}
        for decision in told or []:
            counts[decision.did] = counts.get(decision.did, 0) + 1
        return Arm(
            name,
            directory,
            r.complete,
            dict(r.case),
            r.resolved,
            r.attached("protocol"),
            # the first is the case, which is compared key by key
            {PurePosixPath(path).name: sha for sha, path in r.hashes[1:]},
            _digest(r),
            r.history,
            [f for f in r.falls if math.isfinite(f.factor)],
            counts,
            bands(r.history),
        )


def names_of(directories: list[Path]) -> list[str]:
    """The folders' names; where two are the same, with as much of the path before as parts them."""
    paths = [d.resolve().parts for d in directories]
    names = []
    for path in paths:
        length = 1
        while length < len(path) and sum(p[-length:] == path[-length:] for p in paths) > 1:
            length += 1
        names.append("/".join(path[-length:]))
    return names


# --- may they be compared? ------------------------------------------------------------------------


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of the case by its key; of a path the name alone, since a mesh or protocol is the
    same wherever it lies."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list) and any(isinstance(v, (dict, list)) for v in tree):
        for number, value in enumerate(tree, 1):
            yield from _leaves(value, f"{path}[{number}]")
    elif path.rsplit(".", 1)[-1] in _PLACES:
        yield path, PurePosixPath(str(tree)).name
    else:
        yield path, ", ".join(map(str, tree)) if isinstance(tree, list) else str(tree)


def _is_free(key: str) -> bool:
    return any(key == k or key.startswith((k + ".", k + "[")) for k in _FREE)


@dataclass(frozen=True)
class Difference:
    """What is not the same in all runs: a key of the case, and each run's value."""

    key: str
    values: tuple[str, ...]

    def told(self, names: list[str]) -> str:
        """Each value with who has it."""
        having: dict[str, list[str]] = {}
        for name, value in zip(names, self.values):
            having.setdefault(textwrap.shorten(value, 40, placeholder=" …"), []).append(name)
        return f"{self.key}: " + ", ".join(f"{v} ({_listed(n)})" for v, n in having.items())


@dataclass
class Comparison:
    """Two or more runs, and what is not the same in them beside the protocol."""

    arms: list[Arm]

    def __post_init__(self) -> None:
        trees = [dict(_leaves(a.case)) for a in self.arms]
        keys = dict.fromkeys(k for tree in trees for k in tree if not _is_free(k))
        found = [Difference(k, tuple(t.get(k, "not given") for t in trees)) for k in keys]
        self.differences = [d for d in found if len(set(d.values)) > 1]

    @property
    def names(self) -> list[str]:
        return [a.name for a in self.arms]

    @property
    def day(self) -> float:
        """The last that all have reached."""
        return min(a.reached for a in self.arms)

    @property
    def to_the_end(self) -> bool:
        return all(a.complete and abs(a.reached - self.day) < NEAR for a in self.arms)

    def months(self, arm: Arm) -> list[float]:
        """The days of an arm's whole months, from 0 on."""
        return [DAYS_PER_MONTH * m for m in range(int((arm.reached + NEAR) / DAYS_PER_MONTH) + 1)]

    @property
    def falls(self) -> list[tuple[str, float]]:
        """Name and day of every fall that some run has."""
        found = {(f.name, round(fall_day(f), 1)) for a in self.arms for f in a.falls}
        return sorted(found, key=lambda fall: (fall[1], fall[0]))

    def of(self, *beginnings: str) -> list[Difference]:
        return [d for d in self.differences if d.key.startswith(beginnings)]

    def _attribute(self, key: str) -> Difference | None:
        values = tuple(str(a.attributes.get(key, "")) for a in self.arms)
        return Difference(key, values) if len(set(values)) > 1 else None

    @property
    def _unlike_files(self) -> list[str]:
        """Files that all read, by their name, which were not the same; what the case itself says is
        compared key by key."""
        shared = set.intersection(*(set(a.inputs) for a in self.arms))
        own = {PurePosixPath(str((a.case.get("protocol") or {}).get("file"))).name
               for a in self.arms}
        return sorted(
            name
            for name in shared - own - {"limb.yaml"}  # written anew with each mesh
            if not name.endswith(".msh") and len({a.inputs[name] for a in self.arms}) > 1
        )

    @property
    def warnings(self) -> list[str]:
        """Why the protocols alone do not explain what differs; the gravest first."""
        names, lines = self.names, []
        of = [d for d in map(self._attribute, ("patient", "side", "bone", "implant")) if d]
        patient = self.of("patient.") or [d for d in of if d.key != "implant"]
        implant = self.of("implant") or [d for d in of if d.key == "implant"]
        if patient:
            lines.append("NOT THE SAME PATIENT. " + _told(patient, names))
        if implant:
            lines.append("NOT THE SAME IMPLANT. " + _told(implant, names))
        if len({a.mesh for a in self.arms}) > 1:
            lines.append(
                "NOT THE SAME MESH. What differs may be the mesh's doing. "
                + _told(self.of("geometry"), names)
            )
        ends = self.of("protocol.until")
        if ends:
            lines.append(
                "NOT THE SAME END: compared up to the earliest of them. " + _told(ends, names)
            )
        told = (*patient, *implant, *ends, *self.of("geometry"))
        other = [d for d in self.differences if d not in told]
        if other:
            lines.append("NOT THE SAME SETTINGS. " + _told(other, names))
        if self._unlike_files:
            lines.append(
                "Files that were changed between the runs: " + ", ".join(self._unlike_files) + "."
            )
        return lines + self._cut_off()

    def _cut_off(self) -> list[str]:
        return [
            f"INCOMPLETE: {a.name} has reached day {round(a.reached)}"
            + (f" of {round(a.until)}" if math.isfinite(a.until) else "")
            + f"; all are compared up to day {round(self.day)}."
            for a in self.arms
            if a.cut_off
        ]

    @property
    def sameness(self) -> str:
        """What was looked at and found the same."""
        same = []
        if not self.of("patient.") and not self._attribute("patient"):
            same.append("patient")
        if len({a.mesh for a in self.arms}) == 1:
            same.append("mesh")
        if not self.of("implant") and not self._attribute("implant"):
            same.append("implant")
        if not self.of("material", "interface", "biology", "risk", "support", "falls"):
            same.append("every setting of material, interface, biology and falls")
        return f"The same in all runs: {_listed(same)}." if same else ""


def _told(differences: list[Difference], names: list[str]) -> str:
    """At most six of them."""
    told = "; ".join(d.told(names) for d in differences[:6])
    more = len(differences) - 6
    return told + (f"; and {more} more" if more > 0 else "") + ("." if told else "")


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def read(directories: list[Path]) -> Comparison:
    if len(directories) < 2:
        raise ResultsError(
            "one results directory alone: there is nothing to compare it with\n"
            "    fix: give two or more, each what `osteon run CASE --protocol FILE -o DIR` wrote"
        )
    if len({d.resolve() for d in directories}) < len(directories):
        raise ResultsError(
            "the same results directory is named twice\n    fix: name each run once"
        )
    faults, arms = [], []
    for directory, name in zip(directories, names_of(directories)):
        try:
            arms.append(read_arm(directory, name))
        except ResultsError as fault:
            faults.append(str(fault))
    if faults:
        raise ResultsError("\nerror: ".join(faults))
    return Comparison(arms)

