#!/usr/bin/env python3
"""Writes a results directory of the solver's layout from formulas, for tests of postproc/.

The limb is a stem with a dome tip inside an oval, bowed tube of TET10 cells, made with NumPy alone;
every field is a smooth formula of place and day. It is no mechanics: the numbers are only chosen so
that the pictures look like the ones a run gives (bone loss beside the collar, gain near the tip, a
bond that grows from the tip down, one loosening patch).

    tests/postproc/make_synthetic.py OUT [--side left] [--cells 30000] [--months 24] [--incomplete]
"""
from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

STEM_RADIUS, STEM_LENGTH, BONE_LENGTH, ABUTMENT = 7.5, 120.0, 190.0, 60.0
REGIONS = ("cortical", "cancellous", "marrow", "bone", "stem", "abutment")
STAGES = (
    ("rest after stage one", 0.0, 0.0, 0),
    ("training on a scale", 180.0, 400.0, 200),
    ("two crutches", 260.0, 700.0, 1200),
    ("one crutch", 310.0, 1200.0, 2000),
    ("free walking", 360.0, 1700.0, 3000),
)
STATES = ("open", "stick", "slip", "bonded", "debonded", "fibrous")
CAUSES = (
    "pressed",
    "lifted",
    "slid",
    "held",
    "grew",
    "broke_tension",
    "broke_shear",
    "resorbed",
    "healed",
    "fibrous_motion",
    "fibrous_gap",
    "matured",
    "unexplained",
)
MONTH = 365.25 / 12
HELD = (300.0, 314.0)  # days between which the protocol stands still
# In house units, as the solver writes it; what is read from its comments is the protocol.
RESOLVED = """title: Synthetic limb <{side}>
patient: {{side: {side}, body_mass: 73 kg}}
protocol: {{file: cases/protocols/synthetic.yaml, until: {until:g} day}}
biology:
  bond: {{bond_max: 0.7, bond_time: 82.2 day, strength_time: 292 day, micromotion_full: 0.03 mm,
         micromotion_none: 0.15 mm}}
  remodelling: {{law: daily-stress, reference: site, rate: 0.02 um/day/MPa, lazy_zone: 0.25}}
risk: {{strain_tension: 0.0073, strain_compression: 0.0104, volume: 100 mm3}}
time: {{tolerance: 0.005}}

# protocol cases/protocols/synthetic.yaml
#   name: "Synthetic, in five stages"
#   rules: ["hold while micromotion.p95 > 40 um"]
#   stages:
#     -
#       name: rest after stage one
"""


@dataclass
class Limb:
    """Nodes and cells with the stem side of the interface doubled, and the interface faces."""

    nodes: np.ndarray
    cells: np.ndarray
    region: np.ndarray
    faces: np.ndarray
    stem_faces: np.ndarray


def _disc(rings: int, stem_rings: int, sectors: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangles of a disc: (radius index as float, angle) per node, and node triples."""
    rho = [0.0] + [float(r) for r in range(1, rings + 1) for _ in range(sectors)]
    phi = [0.0] + [2 * np.pi * s / sectors for _ in range(rings) for s in range(sectors)]
    at = lambda r, s: 0 if r == 0 else 1 + (r - 1) * sectors + s % sectors  # noqa: E731
    tris = [(0, at(1, s), at(1, s + 1)) for s in range(sectors)]
    for r in range(1, rings):
        for s in range(sectors):
            a, b, c, d = at(r, s), at(r + 1, s), at(r + 1, s + 1), at(r, s + 1)
            tris += [(a, b, c), (a, c, d)] if (r + s) % 2 else [(a, b, d), (b, c, d)]
    return np.array(rho), np.array(phi), np.array(tris)


def _shape(
    rho: np.ndarray, phi: np.ndarray, z: np.ndarray, stem_rings: int, rings: int
) -> np.ndarray:
    """Place of a node: round stem inside, oval flaring bone outside, dome at the tip."""
    flare = 1.0 + 0.9 * np.clip((z - 110.0) / 80.0, 0.0, 1.0) ** 2
    outer = (14.5 + 1.5 * np.cos(2 * phi)) * flare + 6.0 * np.clip((z - 110) / 80, 0, 1) * np.sin(
        phi
    )
    inner = STEM_RADIUS * rho / stem_rings
    wall = STEM_RADIUS + (outer - STEM_RADIUS) * (rho - stem_rings) / (rings - stem_rings)
    radius = np.where(rho <= stem_rings, inner, wall)
    bump = np.clip(1 - np.abs(z - STEM_LENGTH) / 25.0, 0, 1) * 6.0
    dome = bump * np.clip(1 - (radius / STEM_RADIUS) ** 2, 0, 1)
    bow = np.where(rho > stem_rings, 0.0006 * np.clip(z - 60, 0, None) ** 2, 0.0)
    blend = np.clip((rho - stem_rings) / (rings - stem_rings), 0, 1)
    return np.stack([radius * np.cos(phi) + bow * blend, radius * np.sin(phi), z + dome], axis=-1)


def _quadratic(tets: np.ndarray, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Adds mid-edge nodes in VTK's order of edges."""
    edges = np.array([[0, 1], [1, 2], [0, 2], [0, 3], [1, 3], [2, 3]])
    pairs = np.sort(tets[:, edges].reshape(-1, 2), axis=1)
    unique, inverse = np.unique(pairs[:, 0] * len(nodes) + pairs[:, 1], return_inverse=True)
    mids = 0.5 * (nodes[unique // len(nodes)] + nodes[unique % len(nodes)])
    return np.hstack([tets, len(nodes) + inverse.reshape(-1, 6)]), np.vstack([nodes, mids])


def build_limb(num_cells: int) -> Limb:
    scale = (num_cells / 30000.0) ** (1 / 3)
    sectors, stem_rings = 4 * max(3, round(6 * scale)), max(2, round(3 * scale))
    rings, step = stem_rings + max(3, round(5 * scale)), 8.0 / scale
    below = np.linspace(-ABUTMENT, 0, max(3, round(ABUTMENT / step)) + 1)[:-1]
    along = np.linspace(0, STEM_LENGTH, max(6, round(STEM_LENGTH / step)) + 1)
    above = np.linspace(
        STEM_LENGTH, BONE_LENGTH, max(4, round((BONE_LENGTH - STEM_LENGTH) / step)) + 1
    )[1:]
    levels = np.concatenate([below, along, above])
    rho, phi, tris = _disc(rings, stem_rings, sectors)

    tris = np.sort(tris, axis=1)
    n2 = len(rho)
    tets, middle_rho, middle_z = [], [], []
    for k in range(len(levels) - 1):
        a, b, c = (tris + k * n2).T
        tets += [
            np.stack(t, axis=1)
            for t in ((a, b, c, c + n2), (a, b, b + n2, c + n2), (a, a + n2, b + n2, c + n2))
        ]
        middle_rho += [rho[tris].mean(axis=1)] * 3
        middle_z += [np.full(len(tris), 0.5 * (levels[k] + levels[k + 1]))] * 3
    cells, ring, height = np.concatenate(tets), np.concatenate(middle_rho), np.concatenate(middle_z)
    keep = (height > 0) | (ring < stem_rings)
    cells, ring, height = cells[keep], ring[keep], height[keep]
    zz = np.repeat(levels, n2)
    nodes = _shape(np.tile(rho, len(levels)), np.tile(phi, len(levels)), zz, stem_rings, rings)
    used, cells = np.unique(cells, return_inverse=True)
    nodes, cells = nodes[used], cells.reshape(-1, 4)

    inside = ring < stem_rings
    region = np.full(len(cells), 0)
    region[ring < stem_rings + 0.45 * (rings - stem_rings)] = 1
    region[inside & (height > STEM_LENGTH)] = 2
    region[inside & (height < STEM_LENGTH)] = 4
    region[height < 0] = 5
    p = nodes[cells]
    flip = (
        np.einsum("ij,ij->i", np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), p[:, 3] - p[:, 0]) < 0
    )
    cells[flip] = cells[flip][:, [0, 2, 1, 3]]
    cells, nodes = _quadratic(cells, nodes)
    return _double(nodes, cells, region)


def _double(nodes: np.ndarray, cells: np.ndarray, region: np.ndarray) -> Limb:
    """Finds the stem-bone faces and gives the stem its own nodes there."""
    local = np.array(
        [[0, 1, 2, 4, 5, 6], [0, 1, 3, 4, 8, 7], [1, 2, 3, 5, 9, 8], [0, 2, 3, 6, 9, 7]]
    )
    faces = cells[:, local].reshape(-1, 6)
    key = np.sort(faces[:, :3], axis=1)
    order = np.lexsort(key.T)
    same = np.all(key[order][1:] == key[order][:-1], axis=1)
    first, second = order[:-1][same], order[1:][same]
    metal = region >= 4
    cut = metal[first // 4] != metal[second // 4]
    bone_side = np.where(metal[first[cut] // 4], second[cut], first[cut])
    face_nodes = faces[bone_side]
    touched = np.unique(face_nodes)
    twin = np.full(len(nodes), -1)
    twin[touched] = len(nodes) + np.arange(len(touched))
    cells = cells.copy()
    cells[metal] = np.where(twin[cells[metal]] >= 0, twin[cells[metal]], cells[metal])
    return Limb(np.vstack([nodes, nodes[touched]]), cells, region, face_nodes, twin[face_nodes])


def _quality(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    volume = (
        np.einsum("ij,ij->i", np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), p[:, 3] - p[:, 0]) / 6
    )
    length2 = sum(((p[:, i] - p[:, j]) ** 2).sum(axis=1) for i in range(4) for j in range(i))
    return volume, 12 * np.cbrt(3 * np.abs(volume)) ** 2 / length2


def _face_points(limb: Limb) -> tuple[np.ndarray, np.ndarray]:
    """Six-point rule: places [F, 6, 3] and weights [F, 6] (mm2)."""
    a, b = 0.445948490915965, 0.091576213509771
    bary = np.array(
        [
            [1 - 2 * a, a, a],
            [a, 1 - 2 * a, a],
            [a, a, 1 - 2 * a],
            [1 - 2 * b, b, b],
            [b, 1 - 2 * b, b],
            [b, b, 1 - 2 * b],
        ]
    )
    w = np.repeat([0.223381589678011, 0.109951743655322], 3)
    p = limb.nodes[limb.faces[:, :3]]
    area = 0.5 * np.linalg.norm(np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]), axis=1)
    return np.einsum("qk,fkd->fqd", bary, p), area[:, None] * w


def _zone(y: np.ndarray, z: np.ndarray, medial_sign: float) -> np.ndarray:
    third = np.clip((z / (STEM_LENGTH / 3)).astype(int), 0, 2)
    zone = np.where(y * medial_sign < 0, 1 + third, 7 - third)
    return np.where(z > STEM_LENGTH, 4, zone)


def _put(
    group: h5py.Group, name: str, values: np.ndarray, units: str, description: str
) -> h5py.Dataset:
    values = np.asarray(values)
    packed = {"compression": "gzip"} if values.size >= 1024 else {}
    dataset = group.create_dataset(name, data=values, **packed)
    dataset.attrs["units"], dataset.attrs["description"] = units, description
    return dataset


class Story:
    """The invented course of the limb: every field as a formula of place and day."""

    def __init__(self, limb: Limb, medial_sign: float) -> None:
        self.limb, self.sign = limb, medial_sign
        p = limb.nodes[limb.cells[:, :4]]
        self.centre = p.mean(axis=1)
        self.volume, self.sicn = _quality(p)
        self.bone = limb.region < 4
        self.points, self.weights = _face_points(limb)
        self.angle = np.degrees(np.arctan2(self.points[..., 1], self.points[..., 0])) % 360
        self.depth = self.points[..., 2]
        middle = self.points.mean(axis=1)
        self.face_zone = _zone(middle[:, 1], middle[:, 2], medial_sign)
        near = np.hypot(self.centre[:, 0], self.centre[:, 1]) < 3 * STEM_RADIUS
        inside = (
            self.bone
            & near
            & (self.centre[:, 2] > 0)
            & (self.centre[:, 2] < STEM_LENGTH + 2 * STEM_RADIUS)
        )
        self.cell_zone = np.where(
            inside, _zone(self.centre[:, 1], self.centre[:, 2], medial_sign), 0
        )

    @staticmethod
    def load(day: float) -> tuple[int, float, int]:
        # as the solver tells it: a day on a boundary belongs to the stage that leads up to it
        index = max(i for i, s in enumerate(STAGES) if i == 0 or day > s[1])
        _, start, force, cycles = STAGES[index]
        previous = STAGES[index - 1][2] if index else 0.0
        return index, previous + (force - previous) * min(1.0, (day - start) / 40.0), cycles

    def density(self, day: float) -> np.ndarray:
        x, y, z = self.centre.T
        r = np.hypot(x, y)
        start = np.select(
            [self.limb.region == 0, self.limb.region == 1, self.limb.region == 2],
            [1.75 + 0.1 * np.cos(3 * np.arctan2(y, x)), 1.1 - 0.003 * z, 0.05 + 0 * z],
            0.0,
        )
        loss = (
            0.45
            * np.exp(-(((z - 10) / 40.0) ** 2))
            * (0.7 + 0.3 * np.sign(self.sign * y) * np.tanh(np.abs(y) / 4))
        )
        gain = 0.35 * np.exp(-(((z - 118) / 22.0) ** 2)) * np.exp(-(((r - 10) / 6.0) ** 2))
        growth = 1 - np.exp(-day / 260.0)
        return (
            np.clip(start + np.where(self.limb.region < 2, (gain - loss) * growth, 0.0), 0.01, 1.95)
            * self.bone
        )

    def bond(self, day: float) -> np.ndarray:
        patch = np.exp(-(((self.angle - 200) / 45.0) ** 2) - ((self.depth - 15) / 25.0) ** 2)
        speed = 90.0 + 110.0 * np.clip(1 - self.depth / STEM_LENGTH, 0, 1)
        return np.clip(0.93 * (1 - np.exp(-day / speed)) * (1 - 0.85 * patch), 0, 1)

    def micromotion(self, day: float) -> np.ndarray:
        _, force, _ = self.load(day)
        shape = 0.35 + 0.8 * np.clip(1 - self.depth / STEM_LENGTH, 0, 1) ** 2 * (
            1 + 0.5 * np.cos(np.radians(self.angle - 200))
        )
        return 1e-3 * force / 18.0 * shape * (1.05 - self.bond(day))

    def state(self, day: float) -> np.ndarray:
        """Index in STATES: slides where it moves while unbonded; a patch breaks when free walking
        begins and heals, another turns fibrous."""
        _, force, _ = self.load(day)
        across = np.abs((self.angle - 90.0 + 180.0) % 360.0 - 180.0)
        low = np.abs(self.depth - 30.0)
        slips = (force > 0) & (self.depth < 50.0)
        opens = (force > 0) & (self.depth > 0.97 * STEM_LENGTH)
        state = np.where(opens, 0, np.where(slips, 2, 1))
        state = np.where(self.bond(day) > 0.2, 3, state)
        broken = (across < 35.0) & (low < 12.0) & (day > 380.0) & (day < 470.0 + 4.0 * across)
        state = np.where(broken & (state == 3), 4, state)
        patch = np.exp(-(((self.angle - 200) / 45.0) ** 2) - ((self.depth - 15) / 25.0) ** 2)
        tissue = (patch > 0.9) & (day > 330.0) & (day - 330.0 > 900.0 * (1 - patch))
        return np.where(tissue, 5, state)

    def strain(self, day: float, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
        _, force, _ = self.load(day)
        x, _, z = self.centre.T
        scale = factor * (0.1 + force / 1700.0) / (0.4 + self.density(day))
        bend = 60e-6 * x * (1 + 0.6 * np.exp(-(((z - 125) / 25) ** 2))) * scale
        axial = -150e-6 * scale
        return (
            np.maximum(axial + np.abs(bend), 20e-6) * self.bone,
            np.minimum(axial - np.abs(bend), -30e-6) * self.bone,
        )

    def row(self, step: int, day: float, step_size: float) -> dict[str, float]:
        stage, force, cycles = self.load(day)
        bond, motion, area = self.bond(day), self.micromotion(day), self.weights
        mean = lambda v, w: (
            float((v * w).sum() / w.sum()) if w.sum() > 0 else float("nan")
        )  # noqa: E731
        strength = bond * (1 - np.exp(-day / 200.0))
        density, start = self.density(day), self.density(0.0)
        tension, compression = self.strain(day)
        order = np.argsort(motion.ravel())
        share = np.cumsum(area.ravel()[order]) / area.sum()
        row = {
            "day": day,
            "step": step,
            "stage": stage,
            "protocol_day": day - float(np.clip(day - HELD[0], 0.0, HELD[1] - HELD[0])),
            "load_axial": force,
            "load_moment": 22.0 * force,
            "cycles_per_day": cycles,
            "bonded_area_fraction": mean(bond > 0.5, area),
            "bond_mean": mean(bond, area),
            "strength_mean": mean(strength, area),
            "debonded_area_fraction": 0.01 * min(1.0, day / 400.0),
            "micromotion_mean": mean(motion, area),
            "micromotion_max": float(motion.max()),
            "micromotion_p95": float(motion.ravel()[order][np.searchsorted(share, 0.95)]),
            "area_over_40um": mean(motion > 0.040, area),
            "area_over_150um": mean(motion > 0.150, area),
        }
        for zone in range(1, 8):
            face, cell = self.face_zone == zone, self.cell_zone == zone
            row[f"bond_zone_{zone}"] = mean(bond[face], area[face])
            row[f"strength_zone_{zone}"] = mean(strength[face], area[face])
            row[f"micromotion_zone_{zone}"] = mean(motion[face], area[face])
            before = (start * self.volume)[cell].sum()
            row[f"density_change_zone_{zone}"] = float(
                (density * self.volume)[cell].sum() / before - 1
            )
        row |= {
            "bone_mass": float((density * self.volume)[self.bone].sum() / 1000.0),
            "strain_tension_max": float(tension.max()),
            "strain_compression_min": float(compression.min()),
            "contact_pressure_max": 6.0 + force / 300.0,
            "newton_mean": 3.5 + (day < 40) * 2.0,
            "krylov_mean": 11.0 + day / 300.0,
            "step_size": step_size,
            "stem_stress_max": force * 0.11,
        }
        state = self.state(day)
        row |= {f"area_{name}": mean(state == k, area) for k, name in enumerate(STATES)}
        return row


UNITS = {
    "load_axial": "N",
    "load_moment": "N mm",
    "micromotion": "mm",
    "bone_mass": "g",
    "day": "day",
    "protocol_day": "day",
    "step_size": "day",
    "contact_pressure_max": "MPa",
    "stem_stress_max": "MPa",
}


def _unit_of(column: str) -> str:
    return next(
        (
            u
            for k, u in UNITS.items()
            if column == k or (k == "micromotion" and column.startswith(k))
        ),
        "1",
    )


def _write_mesh(file: h5py.File, story: Story) -> None:
    limb, mesh = story.limb, file.create_group("mesh")
    _put(mesh, "nodes", limb.nodes, "mm", "places of the nodes")
    _put(mesh, "cells", limb.cells.astype(np.int32), "1", "ten nodes a cell, VTK order")
    _put(mesh, "region", limb.region.astype(np.int32), "1", "region index").attrs["names"] = (
        " ".join(REGIONS)
    )
    _put(mesh, "volume", story.volume, "mm3", "cell volumes")
    _put(mesh, "sicn", story.sicn, "1", "shape quality")
    face = mesh.create_group("interface")
    _put(face, "faces", limb.faces.astype(np.int32), "1", "bone-side nodes")
    _put(face, "stem_faces", limb.stem_faces.astype(np.int32), "1", "stem-side nodes")
    _put(face, "points", story.points.reshape(len(limb.faces), -1), "mm", "quadrature points")
    _put(face, "weights", story.weights, "mm2", "area of each point")
    _put(face, "coated", (story.depth.mean(axis=1) < 100).astype(np.int32), "1", "coated face")
    _put(face, "angle", story.angle, "degree", "0 anterior, 90 = y axis")
    _put(face, "depth", story.depth, "mm", "z of each point")
    _put(face, "zone", story.face_zone.astype(np.int32), "1", "zone 1..7")
    neck = (story.depth.mean(axis=1) < 20).astype(np.int32)
    _put(face, "surface", 1 + neck, "1", "kind").attrs["names"] = "smooth\ncoated\nneck"
    gap = 5e-3 * np.cos(np.radians(2 * story.angle)) - 0.025
    _put(face, "initial_gap", gap, "mm", "gap before the press-fit")


def _write_step(file: h5py.File, story: Story, index: int, day: float) -> None:
    stage, force, _ = story.load(day)
    step = file.create_group(f"steps/{index:05d}")
    step.attrs["day"], step.attrs["stage"], step.attrs["time_step"] = day, STAGES[stage][0], 30.0
    step.attrs["activity"] = "walking" if force > 0 else "none"
    tension, compression = story.strain(day)
    density = story.density(day)
    modulus = np.where(story.bone, 6850.0 * density**1.49, 110000.0)
    fields = {
        "density": (density, "g/cm3"),
        "modulus": (modulus, "MPa"),
        "strain_tension": (tension, "1"),
        "strain_compression": (compression, "1"),
        "energy_density": (0.5 * modulus * compression**2, "MPa"),
        "stimulus": (np.abs(compression) * 1e4, "MPa"),
        "von_mises": (modulus * np.abs(compression), "MPa"),
    }
    for name, (values, unit) in fields.items():
        _put(step, f"cell/{name}", values, unit, name.replace("_", " "))
    _put(step, "node/displacement", 1e-3 * story.limb.nodes * force / 1700.0, "mm", "displacement")
    bond, motion = story.bond(day), story.micromotion(day)
    face = {
        "bond": (bond.mean(axis=1), "1"),
        "strength": (0.8 * bond.mean(axis=1), "1"),
        "damage": (0 * bond.mean(axis=1), "1"),
        "gap": (0 * motion.max(axis=1), "mm"),
        "pressure": (2 + 0 * motion.max(axis=1), "MPa"),
        "shear": (1 + 0 * motion.max(axis=1), "MPa"),
        "micromotion": (motion.max(axis=1), "mm"),
        "state": (np.where(bond.mean(axis=1) > 0.5, 3, 2), "1"),
    }
    for name, (values, unit) in face.items():
        _put(step, f"interface/{name}", values, unit, name)
    _put(step, "interface_point/micromotion", motion, "mm", "micromotion")
    _put(step, "interface_point/bond", bond, "1", "bond")
    _put(step, "interface_point/state", story.state(day).astype(np.int32), "1", "state")


def _cause(before: int, after: int) -> str:
    if before in (3, 4) or after in (3, 4):
        return {(3, 4): "broke_shear", (4, 3): "healed"}.get(
            (before, after),
            "fibrous_motion" if after == 5 else "grew" if after == 3 else "resorbed",
        )
    if 5 in (before, after):
        return "fibrous_gap" if after == 5 else "matured"
    if 0 in (before, after):
        return "pressed" if before == 0 else "lifted"
    return "slid" if after == 2 else "held"


def _write_transitions(file: h5py.File, story: Story, days: np.ndarray) -> None:
    """The difference between each two days of the history."""
    entries = []
    for last, day in zip(days, days[1:]):
        before, after = story.state(float(last)), story.state(float(day))
        for face, point in np.argwhere(before != after):
            pair = int(before[face, point]), int(after[face, point])
            entries.append((day, face, point, *pair, CAUSES.index(_cause(*pair))))
    group = file.create_group("transitions")
    table = np.array(entries, dtype=float).reshape(len(entries), 6)
    for k, name in enumerate(("day", "face", "point", "from", "to", "cause")):
        values = table[:, k] if name == "day" else table[:, k].astype(np.int32)
        dataset = _put(group, name, values, "day" if name == "day" else "1", name)
        if name in ("from", "to", "cause"):
            dataset.attrs["names"] = " ".join(CAUSES if name == "cause" else STATES)


def _write_falls(file: h5py.File, story: Story) -> list[dict[str, object]]:
    falls = []
    for name, strength in (("forward", 5.2), ("sideways", 3.1)):
        for day in (200, 540):
            tension, compression = story.strain(720.0, strength * (1.15 if day < 300 else 1.0))
            risk = np.maximum(tension / 0.0073, -compression / 0.0104)
            worst = int(np.argmax(risk))
            mode = (
                "tension"
                if tension[worst] / 0.0073 >= -compression[worst] / 0.0104
                else "compression"
            )
            entry = {
                "name": name,
                "day": float(day),
                "factor": float(1 / risk[worst]),
                "mode": mode,
                "place": "femur shaft at the stem tip",
                "zone": 4,
                "xyz": [float(v) for v in story.centre[worst]],
                "stem_yield_factor": 2.1,
                "debonded_area_fraction": 0.04,
                "share": 1.0,
                "at_least": False,
                "reached": True,
                "converged": True,
            }
            falls.append(entry)
            group = file.create_group(f"falls/{name}_day{day:04d}")
            group.attrs.update({k: v for k, v in entry.items() if k != "xyz"})
            group.attrs.update(
                dict(zip("xyz", entry["xyz"])), force=2300.0, moment=95000.0, angle=25.0
            )
            _put(group, "cell/strain_tension", tension, "1", "largest principal strain")
            _put(group, "cell/strain_compression", compression, "1", "smallest principal strain")
            _put(group, "cell/risk", risk, "1", "strain over its limit at load factor 1")
    return falls


def _decisions() -> list[dict[str, object]]:
    rule = "hold while micromotion.p95 > 40 um"
    base = {"stage": "two crutches", "rule": rule, "sign": "micromotion.p95"}
    stood = {"protocol_day_before": HELD[0], "protocol_day": HELD[0]}
    return [
        {"day": HELD[0], "did": "hold", "value": 0.0415, **stood, **base},
        {"day": HELD[1], "did": "release", "value": 0.0385, **stood, **base},
    ]


def _case_texts(side: str, until: float) -> dict[str, str]:
    limb = {
        "side": side,
        "bone": "femur",
        "load_point": "{distance: 60 mm}",
        "bone_length": f"{BONE_LENGTH:g} mm",
        "stem": (
            f"{{length: {STEM_LENGTH:g} mm, diameter: {2 * STEM_RADIUS:g} mm, coated_from: 0 mm, "
            f"coated_to: 100 mm, tip: {STEM_LENGTH:g} mm}}"
        ),
    }
    return {
        "resolved": RESOLVED.format(side=side, until=until),
        "input": f"title: Synthetic limb <{side}>\npatient: {{side: {side}, body_mass: 73 kg}}\n",
        "hashes": "0f" * 32 + "  case.yaml\n" + "a1" * 32 + "  protocols/opra-normal.yaml\n",
        "versions": "osteon 0.1.0\nPETSc 3.18.5\nHDF5 1.10.8\n",
        "limb": "limb:\n" + "".join(f"  {k}: {v}\n" for k, v in limb.items()),
    }


def write(
    out: Path,
    side: str = "right",
    cells: int = 30000,
    months: float = 24.0,
    step_days: float = 30.0,
    complete: bool = True,
    version: int = 1,
    summary: bool = True,
) -> dict[str, object]:
    """Writes results.h5, history.csv and summary.json into `out`; returns the summary."""
    out.mkdir(parents=True, exist_ok=True)
    limb = build_limb(cells)
    story = Story(limb, 1.0 if side == "right" else -1.0)
    end = round(months * MONTH)
    texts = _case_texts(side, end)
    with h5py.File(out / "results.h5", "w") as file:
        file.attrs.update(
            format="osteon-results", format_version=version, osteon_version="0.1.0", complete=0
        )
        case = file.create_group("case")
        case.attrs.update(
            title=f"Synthetic limb <{side}>",
            patient="synthetic-1",
            side=side,
            bone="femur",
            implant="straight press-fit stem",
            ranks=2,
            command="osteon run case.yaml -o out",
        )
        for name, text in texts.items():
            case.create_dataset(name, data=text, dtype=h5py.string_dtype())
        _write_mesh(file, story)
        output_days = list(np.arange(0.0, end, step_days)) + [float(end)]
        for index, day in enumerate(output_days):
            _write_step(file, story, index, float(day))
        days = np.unique(np.concatenate([np.arange(0.0, end, 10.0), output_days]))
        rows = [
            story.row(i, float(d), float(d - days[i - 1]) if i else 0.0) for i, d in enumerate(days)
        ]
        history = file.create_group("history")
        history.attrs["stages"] = "\n".join(s[0] for s in STAGES)
        for column in rows[0]:
            _put(
                history,
                column,
                np.array([r[column] for r in rows]),
                _unit_of(column),
                column.replace("_", " "),
            )
        _write_transitions(file, story, days)
        falls = _write_falls(file, story)
        zones = file.create_group("zones")
        zones.attrs["names"] = (
            "lateral distal, lateral middle, lateral proximal, tip, medial proximal, medial middle,"
            " medial distal"
        )
        file.attrs["complete"] = int(complete)
    with open(out / "history.csv", "w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    last = rows[-1]
    data: dict[str, object] = {
        "osteon": "0.1.0",
        "title": f"Synthetic limb <{side}>",
        "patient": "synthetic-1",
        "implant": "straight press-fit stem",
        "mesh": {
            "nodes": len(limb.nodes),
            "cells": len(limb.cells),
            "dofs": 3 * len(limb.nodes),
            "min_sicn": float(story.sicn.min()),
            "mean_sicn": float(story.sicn.mean()),
            "interface_area_mm2": float(story.weights.sum()),
        },
        "final": {
            "day": last["day"],
            "bonded_area_fraction": last["bonded_area_fraction"],
            "strength_mean": last["strength_mean"],
            "micromotion_p95_um": 1000 * last["micromotion_p95"],
            "area_over_40um": last["area_over_40um"],
            "area_over_150um": last["area_over_150um"],
            "density_change_zone": [last[f"density_change_zone_{z}"] for z in range(1, 8)],
            "bond_zone": [last[f"bond_zone_{z}"] for z in range(1, 8)],
            "verdict": "The stem stays: most of its surface is bonded and the rest moves little.",
        },
        "material": {
            "density_law": "morgan-femoral-neck",
            "known_g_cm3": [0.26, 0.75],
            "found_g_cm3": [0.05, 1.86],
            "volume_below": 0.125,
            "volume_above": 0.5,
        },
        "remodelling": {
            "law": "daily-stress",
            "reference": "site",
            "reference_limb": "intact",
            "smoothing_mm": 1.5,
        },
        "falls": falls,
        "decisions": _decisions() if end >= HELD[1] else [],
        "solver": {
            "newton_mean": 3.6,
            "newton_max": 7,
            "krylov_mean": 12.2,
            "krylov_max": 19,
            "linear_solves": 41,
            "iterations": 160,
            "krylov_linear": 9,
            "steps": len(rows),
            "cutbacks": 2,
            "rates_turned": 0.0021,
            "calmed_increments": 5,
            "sudden_moves": 1,
            "energy_imbalance": 0.000125,
            "wall_s": 212.0,
            "seconds": {
                "mesh": 1.5,
                "stiffness": 4.0,
                "interface": 21.0,
                "preconditioner": 30.0,
                "krylov": 120.0,
                "strains": 6.0,
                "biology": 0.5,
                "output": 9.0,
            },
        },
        "complete": complete,
    }
    if summary:
        (out / "summary.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    (out / "case.resolved.yaml").write_text(texts["resolved"], encoding="utf-8")
    (out / "limb.yaml").write_text(texts["limb"], encoding="utf-8")
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--side", choices=("right", "left"), default="right")
    parser.add_argument("--cells", type=int, default=30000, help="about how many tetrahedra")
    parser.add_argument("--months", type=float, default=24.0)
    parser.add_argument("--step-days", type=float, default=30.0)
    parser.add_argument("--incomplete", action="store_true")
    args = parser.parse_args()
    data = write(args.out, args.side, args.cells, args.months, args.step_days, not args.incomplete)
    print(f"{args.out}: {data['mesh']['cells']} cells")


if __name__ == "__main__":
    main()
