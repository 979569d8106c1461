"""Cuts a mesh of corner tetrahedra by planes, and unrolls the stem's surface to angle and depth.

Pure NumPy functions: places in, polygons out. Knows no file and no picture.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_TET_FACES = np.array([[0, 1, 2], [0, 1, 3], [1, 2, 3], [0, 2, 3]])


@dataclass(frozen=True)
class Plane:
    """A cut plane with the directions that point right and up in its picture."""

    origin: np.ndarray
    right: np.ndarray
    up: np.ndarray

    @property
    def normal(self) -> np.ndarray:
        return np.cross(self.right, self.up)

    def flat(self, points: np.ndarray) -> np.ndarray:
        """Places [..., 3] to picture coordinates [..., 2], mm, with the zero of the limb frame."""
        return np.stack([points @ self.right, points @ self.up], axis=-1)


@dataclass(frozen=True)
class Section:
    """The exact cut of a plane through the cells: one triangle or quadrilateral per cell."""

    polygons: list[np.ndarray]
    cells: np.ndarray
    outlines: np.ndarray  # [S, 2, 2] segments between groups of cells and round the outside


def _between(p: np.ndarray, d: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Where the edge from corner i to corner j of each row meets d = 0."""
    row = np.arange(len(p))
    di, dj = d[row, i], d[row, j]
    t = (di / (di - dj))[:, None]
    return p[row, i] + t * (p[row, j] - p[row, i])


def _nonzero(d: np.ndarray) -> np.ndarray:
    """Nudges corners in the plane to its upper side, so that every cut is a proper polygon."""
    tiny = 1e-9 * max(1.0, float(np.abs(d).max(initial=0.0)))
    return np.where(np.abs(d) < tiny, tiny, d)


def _cut_tets(points: np.ndarray, d: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Polygons in space [k, 3] and the row each belongs to; every row must be cut."""
    order = np.argsort(d, axis=1)
    num_above = (d > 0).sum(axis=1)
    polygons: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    for count in (1, 2, 3):
        row = np.flatnonzero(num_above == count)
        if len(row) == 0:
            continue
        p, dd, o = points[row], d[row], order[row]
        if count == 2:
            pairs = [(0, 2), (0, 3), (1, 3), (1, 2)]
        else:
            apex = 3 if count == 1 else 0
            pairs = [(apex, k) for k in range(4) if k != apex]
        corners = np.stack([_between(p, dd, o[:, i], o[:, j]) for i, j in pairs], axis=1)
        polygons += list(corners)
        rows.append(row)
    return polygons, np.concatenate(rows) if rows else np.zeros(0, dtype=int)


def _outlines(
    nodes: np.ndarray, tets: np.ndarray, group: np.ndarray, distance: np.ndarray
) -> np.ndarray:
    """Cut segments [S, 2, 3] of the faces that only one cell has, or that two groups share."""
    faces = np.sort(tets[:, _TET_FACES].reshape(-1, 3), axis=1)
    owner = np.repeat(group, 4)
    order = np.lexsort(faces.T)
    faces, owner = faces[order], owner[order]
    same = np.all(faces[1:] == faces[:-1], axis=1)
    paired = np.zeros(len(faces), dtype=bool)
    paired[1:] |= same
    paired[:-1] |= same
    border = ~paired
    border[:-1] |= same & (owner[1:] != owner[:-1])
    faces = faces[border]
    d = distance[faces]
    above = (d > 0).sum(axis=1)
    crossing = (above == 1) | (above == 2)
    faces, d, above = faces[crossing], d[crossing], above[crossing]
    order = np.argsort(d, axis=1)
    apex = np.where(above == 1, order[:, 2], order[:, 0])
    first, second = (apex + 1) % 3, (apex + 2) % 3
    p = nodes[faces]
    return np.stack([_between(p, d, apex, first), _between(p, d, apex, second)], axis=1)


def cut(nodes: np.ndarray, tets: np.ndarray, group: np.ndarray, plane: Plane) -> Section:
    """Cuts all cells; `group` [C] says between which cells an outline is wanted."""
    distance = _nonzero((nodes - plane.origin) @ plane.normal)
    d = distance[tets]
    hit = np.flatnonzero((d.min(axis=1) < 0) & (d.max(axis=1) > 0))
    polygons, rows = _cut_tets(nodes[tets[hit]], d[hit])
    lines = _outlines(nodes, tets[hit], group[hit], distance)
    return Section([plane.flat(p) for p in polygons], hit[rows], plane.flat(lines))


def unroll(corners: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Faces [F, 3, 3] (mm) to polygons over angle (0 to 360 degree) and depth (mm), with face.

    A face that crosses angle 0 appears at both ends; a corner on the axis has no angle and becomes
    an edge of constant depth; a face that the axis pierces becomes a band.
    """
    radius = np.hypot(corners[..., 0], corners[..., 1])
    angle = np.degrees(np.arctan2(corners[..., 1], corners[..., 0])) % 360.0
    depth = corners[..., 2]
    on_axis = radius < 1e-6 * max(1.0, float(radius.max(initial=0.0)))
    polygons: list[np.ndarray] = []
    faces: list[int] = []
    for f in range(len(corners)):
        a, z, pole = angle[f], depth[f], on_axis[f]
        if pole.any():
            k = int(np.argmax(pole))
            i, j = (k + 1) % 3, (k + 2) % 3
            aj = a[i] + (a[j] - a[i] + 180.0) % 360.0 - 180.0
            ring = np.array([[a[i], z[i]], [aj, z[j]], [aj, z[k]], [a[i], z[k]]])
        else:
            turns = (np.roll(a, -1) - a + 180.0) % 360.0 - 180.0
            if abs(turns.sum()) > 180.0:
                ring = np.array(
                    [[0.0, z.min()], [360.0, z.min()], [360.0, z.max()], [0.0, z.max()]]
                )
            else:
                ring = np.stack([a[0] + np.concatenate([[0.0], np.cumsum(turns[:2])]), z], axis=1)
        for shift in (-360.0, 0.0, 360.0):
            low, high = ring[:, 0].min() + shift, ring[:, 0].max() + shift
            if high > 0.0 and low < 360.0:
                polygons.append(ring + [shift, 0.0])
                faces.append(f)
    return polygons, np.array(faces, dtype=int)
