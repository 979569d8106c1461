"""Reads a results directory: results.h5 in the solver's layout, summary.json and history.csv.

Owns the names of groups and datasets. Fields are read when they are asked for, one at a time, so a
long run costs no more memory than a short one.
"""
from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import yaml

FORMAT, FORMAT_VERSION = "osteon-results", 1
NUM_ZONES = 7


class ResultsError(Exception):
    """The directory cannot be reported on; the text says why and what to do."""


@dataclass(frozen=True)
class Step:
    """One saved state."""

    key: str
    day: float
    stage: str
    activity: str


@dataclass(frozen=True)
class Fall:
    """One analysed fall: its numbers as written by the solver."""

    key: str
    values: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.values.get("name", self.key))

    @property
    def title(self) -> str:
        return f"{self.name}, day {_number(self.values.get('day')):g}"

    @property
    def factor(self) -> float:
        return _number(self.values.get("factor"))

    def _flag(self, name: str, default: bool) -> bool:
        return bool(self.values.get(name, default))

    @property
    def at_least(self) -> bool:
        """The bone was seen to hold at the factor; at which load it breaks is not known."""
        return self._flag("at_least", False) or not self._flag("converged", True)

    @property
    def reached(self) -> bool:
        """False: beyond the factor the interface gives way, before the bone breaks."""
        return self._flag("reached", True)

    @property
    def holds(self) -> bool:
        return self.factor > 1.0

    @property
    def stem_first(self) -> bool:
        """The stem yields at a smaller load than the factor."""
        return _number(self.values.get("stem_yield_factor")) < self.factor

    @property
    def place(self) -> np.ndarray | None:
        xyz = [_number(self.values.get(a)) for a in "xyz"]
        return np.array(xyz) if np.all(np.isfinite(xyz)) else None


@dataclass(frozen=True)
class Values:
    """One array with its unit and the sentence that explains it."""

    data: np.ndarray
    units: str = "1"
    description: str = ""


@dataclass(frozen=True)
class Mesh:
    """Corner tetrahedra and regions; the interface by face where there is one."""

    nodes: np.ndarray
    tets: np.ndarray
    region: np.ndarray
    region_names: list[str]
    volume: np.ndarray | None
    sicn: np.ndarray | None

    def in_regions(self, *names: str) -> np.ndarray:
        wanted = [i for i, n in enumerate(self.region_names) if n in names]
        return np.isin(self.region, wanted)

    @cached_property
    def is_metal(self) -> np.ndarray:
        return self.in_regions("stem", "abutment")


@dataclass(frozen=True)
class Interface:
    """Faces between bone and stem: corner places [F,3,3] (mm), zone [F], coated [F]; angle
    (degree), depth (mm) and area (mm²) of the six points of a face [F,6]. As it was laid: index of
    the surface in `surfaces` [F] and mean gap of the face before the press-fit [F] (mm), where the
    file has them."""

    corners: np.ndarray
    zone: np.ndarray
    coated: np.ndarray
    angle: np.ndarray
    depth: np.ndarray
    area: np.ndarray
    surface: np.ndarray | None = None
    surfaces: tuple[str, ...] = ()
    initial_gap: np.ndarray | None = None


@dataclass(frozen=True)
class Transitions:
    """Points of the interface that were in another state than on the day before, by day: face and
    point [N], states and cause [N] as indices of `states` and `causes`; and the state of every
    point at the start [F,6]."""

    day: np.ndarray
    face: np.ndarray
    point: np.ndarray
    before: np.ndarray
    after: np.ndarray
    cause: np.ndarray
    states: list[str]
    causes: list[str]
    start: np.ndarray


@dataclass
class History:
    """Columns over the time steps, their units, and the names of the protocol's stages."""

    columns: dict[str, np.ndarray] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)

    def __contains__(self, name: str) -> bool:
        return name in self.columns and bool(np.any(np.isfinite(self.columns[name])))

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def days(self) -> np.ndarray:
        return self.columns.get("day", np.zeros(0))

    def last(self, name: str) -> float:
        return float(self.columns[name][-1]) if name in self else math.nan

    @property
    def delay(self) -> float:
        """By how many days the protocol's rules hold it up at the end."""
        return self.last("day") - self.last("protocol_day")


@dataclass(frozen=True)
class Decision:
    """What a rule of the protocol did on a day, and by what it was judged."""

    day: float
    did: str
    stage: str
    rule: str
    sign: str
    value: float
    protocol_day_before: float
    protocol_day: float


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def _plain(value: Any) -> Any:
    """HDF5 attribute to a plain Python value."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value] if value.size != 1 else _plain(value.reshape(-1)[0])
    return value.item() if isinstance(value, np.generic) else value


def _text(node: h5py.Group, name: str) -> str:
    if name not in node:
        return ""
    value = node[name][()]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(_plain(value))


class Results:
    """An open results directory. Use as a context manager."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / "results.h5"
        self._file = self._open()
        try:
            self._check()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Results:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    # Opening and refusing
    def _open(self) -> h5py.File:
        if not self.directory.is_dir():
            raise ResultsError(
                f"{self.directory}: no such results directory\n"
                "    fix: give the directory that `osteon run CASE -o DIR` wrote"
            )
        if not self.path.is_file():
            raise ResultsError(
                f"{self.directory}: holds no results.h5\n"
                "    fix: give the directory that `osteon run CASE -o DIR` wrote"
            )
        try:
            return h5py.File(self.path, "r")
        except OSError as error:
            raise ResultsError(
                f"{self.path}: cannot be opened as HDF5; it may be cut off, or still being written "
                f"({str(error).splitlines()[0]})\n    fix: let the run end, or run it again"
            ) from error

    def _check(self) -> None:
        attributes = self._file.attrs
        if _plain(attributes.get("format", "")) != FORMAT:
            raise ResultsError(
                f"{self.path}: is not a results file of osteon "
                f"(attribute format is {_plain(attributes.get('format'))!r}, wanted {FORMAT!r})"
            )
        version = _plain(attributes.get("format_version"))
        if version != FORMAT_VERSION:
            raise ResultsError(
                f"{self.path}: has format version {version}, this report reads version"
                f" {FORMAT_VERSION}\n    fix: make the report with the osteon that wrote the file"
                f" ({_plain(attributes.get('osteon_version', 'unknown'))})"
            )
        missing = [
            n
            for n in ("case", "mesh/nodes", "mesh/cells", "mesh/region", "steps")
            if n not in self._file
        ]
        if missing:
            raise ResultsError(
                f"{self.path}: lacks {', '.join(missing)}; the run ended before its first state was"
                " saved\n    fix: see osteon.log beside it, then run again"
            )

    # What was run
    @cached_property
    def complete(self) -> bool:
        return (
            _plain(self._file.attrs.get("complete", 0)) == 1
            and self.summary.get("complete", True) is not False
        )

    @cached_property
    def case(self) -> dict[str, Any]:
        return {k: _plain(v) for k, v in self._file["case"].attrs.items()}

    def case_text(self, name: str) -> str:
        return _text(self._file["case"], name)

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The whole case with every default, in house units."""
        tree = yaml.safe_load(self.case_text("resolved") or "{}")
        return tree if isinstance(tree, dict) else {}

    def attached(self, kind: str) -> dict[str, Any]:
        """The file of this kind (protocol, implant, ...) as it was read: the resolved case carries
        it as a comment that begins with kind and path."""
        for block in self.case_text("resolved").split("\n\n"):
            head, *lines = block.strip("\n").splitlines() or [""]
            if head.startswith(f"# {kind} "):
                tree = yaml.safe_load("\n".join(line[4:] for line in lines))
                return tree if isinstance(tree, dict) else {}
        return {}

    @cached_property
    def hashes(self) -> list[tuple[str, str]]:
        """SHA-256 and name of each file that was read."""
        parts = [line.split(maxsplit=1) for line in self.case_text("hashes").splitlines()]
        return [(p[0], p[1].strip()) for p in parts if len(p) == 2]

    @cached_property
    def decisions(self) -> list[Decision] | None:
        """None: the run has not ended, or had no protocol that decides, so that none are told."""
        told = self.summary.get("decisions")
        if told is None:
            return None
        numbers = ("day", "value", "protocol_day_before", "protocol_day")
        texts = ("did", "stage", "rule", "sign")
        return [
            Decision(
                **{n: _number(d.get(n)) for n in numbers},
                **{n: str(d.get(n, "")) for n in texts},
            )
            for d in told
        ]

    @cached_property
    def limb(self) -> dict[str, Any]:
        tree = yaml.safe_load(self.case_text("limb") or "{}")
        return tree.get("limb", {}) if isinstance(tree, dict) else {}

    @property
    def version(self) -> str:
        return str(_plain(self._file.attrs.get("osteon_version", "")))

    @property
    def side(self) -> str:
        return str(self.case.get("side") or self.limb.get("side") or "").lower()

    def stem_mm(self, key: str) -> float:
        """A length of the sidecar's stem entry, like `length` or `diameter` [mm]."""
        text = str(self.limb.get("stem", {}).get(key, "")).split()
        return _number(text[0]) if text and (len(text) == 1 or text[1] == "mm") else math.nan

    @cached_property
    def summary(self) -> dict[str, Any]:
        path = self.directory / "summary.json"
        if not path.is_file():
            return {}
        try:
            tree = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ResultsError(
                f"{path}: is not valid JSON ({error})\n    fix: run again, or remove the file"
            ) from error
        if not isinstance(tree, dict):
            raise ResultsError(
                f"{path}: holds no table of keys\n    fix: run again, or remove the file"
            )
        return tree

    # Mesh
    @cached_property
    def mesh(self) -> Mesh:
        node = self._file["mesh"]
        names = str(_plain(node["region"].attrs.get("names", ""))).split()
        read = lambda name: node[name][()].reshape(-1) if name in node else None  # noqa: E731
        return Mesh(
            node["nodes"][()],
            node["cells"][:, :4].astype(np.int64),
            node["region"][()].reshape(-1),
            names,
            read("volume"),
            read("sicn"),
        )

    @cached_property
    def interface(self) -> Interface | None:
        node = self._file["mesh"].get("interface")
        if node is None or "faces" not in node or len(node["faces"]) == 0:
            return None
        corners = self.mesh.nodes[node["faces"][:, :3]]
        count = len(corners)
        centre = corners.mean(axis=1)
        angle = (
            node["angle"][()]
            if "angle" in node
            else np.degrees(np.arctan2(centre[:, 1], centre[:, 0]))
        )
        depth = node["depth"][()] if "depth" in node else centre[:, 2]
        read = lambda name, default: (
            node[name][()].reshape(-1) if name in node else np.full(count, default)
        )  # noqa: E731
        edges = corners[:, 1:] - corners[:, :1]
        flat = 0.5 * np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
        area = node["weights"][()] if "weights" in node else np.repeat(flat[:, None] / 6, 6, axis=1)
        names = str(_plain(node["surface"].attrs["names"])) if "surface" in node else ""
        return Interface(
            corners,
            read("zone", 0),
            read("coated", 1),
            angle.reshape(count, -1),
            depth.reshape(count, -1),
            area.reshape(count, -1),
            read("surface", 0) if "surface" in node else None,
            tuple(names.splitlines()),
            node["initial_gap"][()].mean(axis=1) if "initial_gap" in node else None,
        )

    @cached_property
    def transitions(self) -> Transitions | None:
        """None where the file has no log, or not the states that it begins with."""
        node = self._file.get("transitions")
        first = self.steps_with("interface_point/state")[:1]
        if node is None or not first or self.interface is None:
            return None
        read = lambda name: node[name][()].reshape(-1)  # noqa: E731
        names = lambda name: str(_plain(node[name].attrs.get("names", ""))).split()  # noqa: E731
        start = self.step_field(first[0], "interface_point/state").astype(int)
        return Transitions(
            read("day"),
            *(read(c).astype(int) for c in ("face", "point", "from", "to", "cause")),
            names("to"),
            names("cause"),
            start.reshape(len(self.interface.zone), -1),
        )

    # Fields over time
    @cached_property
    def steps(self) -> list[Step]:
        steps = []
        for key in sorted(self._file["steps"]):
            a = self._file["steps"][key].attrs
            steps.append(
                Step(
                    key,
                    float(_plain(a.get("day", math.nan))),
                    str(_plain(a.get("stage", ""))),
                    str(_plain(a.get("activity", ""))),
                )
            )
        return steps

    def _values(self, path: str) -> Values | None:
        if path not in self._file:
            return None
        dataset = self._file[path]
        return Values(
            dataset[()],
            str(_plain(dataset.attrs.get("units", "1"))),
            str(_plain(dataset.attrs.get("description", ""))),
        )

    def steps_with(self, *names: str) -> list[Step]:
        """The saved states that hold all these fields."""
        return [s for s in self.steps if all(f"steps/{s.key}/{n}" in self._file for n in names)]

    def step_field(self, step: Step, name: str) -> np.ndarray:
        """One number a row of a field that `steps_with` found."""
        return self._file[f"steps/{step.key}/{name}"][()].reshape(-1)

    def fall_values(self, fall: Fall, name: str) -> Values | None:
        return self._values(f"falls/{fall.key}/{name}")

    @cached_property
    def history(self) -> History:
        node = self._file.get("history")
        if node is not None and len(node) > 0:
            columns = {n: np.asarray(node[n][()], dtype=float).reshape(-1) for n in node}
            units = {n: str(_plain(node[n].attrs.get("units", "1"))) for n in node}
            stages = [s for s in str(_plain(node.attrs.get("stages", ""))).split("\n") if s]
            return History(columns, units, stages)
        path = self.directory / "history.csv"
        if not path.is_file():
            return History()
        with open(path, newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(line for line in stream if not line.startswith("#")))
        names = [n for n in (rows[0] if rows else {}) if n]
        return History({n: np.array([_number(r[n]) for r in rows]) for n in names})

    @cached_property
    def falls(self) -> list[Fall]:
        """In the order of day, then name."""
        group = self._file.get("falls")
        falls = (
            [Fall(k, {n: _plain(v) for n, v in group[k].attrs.items()}) for k in group]
            if group is not None
            else []
        )
        return sorted(
            falls, key=lambda f: (_number(f.values.get("day")), str(f.values.get("name", "")))
        )

    @property
    def worst_falls(self) -> list[Fall]:
        """The smallest load factor of each kind of fall, worst first."""
        worst: dict[str, Fall] = {}
        for fall in self.falls:
            name = str(fall.values.get("name", fall.key))
            if math.isfinite(fall.factor) and (
                name not in worst or fall.factor < worst[name].factor
            ):
                worst[name] = fall
        return sorted(worst.values(), key=lambda f: f.factor)

    @cached_property
    def final(self) -> dict[str, Any]:
        """The end state by summary.json; where that is missing, the last row of the history."""
        if "final" in self.summary:
            return self.summary["final"]
        h = self.history
        return {
            "day": h.last("day"),
            "bonded_area_fraction": h.last("bonded_area_fraction"),
            "strength_mean": h.last("strength_mean"),
            "micromotion_p95_um": 1000.0 * h.last("micromotion_p95"),
            "area_over_40um": h.last("area_over_40um"),
            "area_over_150um": h.last("area_over_150um"),
            "density_change_zone": [
                h.last(f"density_change_zone_{z}") for z in range(1, NUM_ZONES + 1)
            ],
            "bond_zone": [h.last(f"bond_zone_{z}") for z in range(1, NUM_ZONES + 1)],
        }
