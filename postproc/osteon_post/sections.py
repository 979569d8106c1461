"""Pictures of exact plane cuts through the mesh: fields before and after, place of a fracture."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from . import style
from .geometry import Plane, Section, cut
from .reader import Fall, Interface, Results
from .words import fixed

X, Y, Z = np.eye(3)
ABUTMENT_SHOWN = 22.0  # mm of the abutment that the pictures keep below the resection plane


@dataclass(frozen=True)
class Column:
    """One field in one state: two lengthwise and three transverse pictures."""

    title: str
    values: np.ndarray
    scale: style.Scale


@dataclass(frozen=True)
class Frame:
    """Limits of a picture, mm: right from-to, up from-to."""

    right: tuple[float, float]
    up: tuple[float, float]

    @property
    def size(self) -> tuple[float, float]:
        return self.right[1] - self.right[0], self.up[1] - self.up[0]


def sagittal(y: float = 0.0) -> Plane:
    return Plane(y * Y, X, Z)


def frontal(x: float = 0.0) -> Plane:
    return Plane(x * X, Y, Z)


def transverse(z: float) -> Plane:
    return Plane(z * Z, Y, X)


class Cutter:
    """The mesh ready to be cut, with what all its pictures share."""

    def __init__(self, results: Results) -> None:
        self.mesh = results.mesh
        self.side = results.side
        metal = self.mesh.is_metal
        self.colours = np.where(self.mesh.in_regions("abutment"), style.ABUTMENT, style.STEM)
        self.group = metal.astype(int) + self.mesh.in_regions("abutment")
        self.bone = ~metal
        bone_nodes = self.mesh.nodes[np.unique(self.mesh.tets[self.bone])]
        self.low, self.high = bone_nodes.min(axis=0), bone_nodes.max(axis=0)
        stem = self.mesh.in_regions("stem")
        stem_nodes = self.mesh.nodes[np.unique(self.mesh.tets[stem])] if stem.any() else bone_nodes
        self.tip = float(stem_nodes[:, 2].max())

    def section(self, plane: Plane) -> Section:
        return cut(self.mesh.nodes, self.mesh.tets, self.group, plane)

    def levels(self) -> list[float]:
        """Three heights along the part of the stem that is in bone (mm)."""
        return [round(f * self.tip) for f in (0.15, 0.5, 0.85)]

    @cached_property
    def standard(self) -> list[tuple[Plane, Section]]:
        planes = [frontal(), sagittal()] + [transverse(z) for z in self.levels()]
        return [(p, self.section(p)) for p in planes]

    def frame(self, section: Section, lengthwise: bool, margin: float = 4.0) -> Frame:
        """Limits round the bone of a section; the whole bone where the section has none."""
        inside = [p for p, c in zip(section.polygons, section.cells) if self.bone[c]]
        points = np.concatenate(inside) if inside else np.array([self.low[:2], self.high[:2]])
        low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
        if lengthwise:
            low[1] = min(low[1], -ABUTMENT_SHOWN)
        return Frame((float(low[0]), float(high[0])), (float(low[1]), float(high[1])))


def draw(
    axes: Axes, cutter: Cutter, section: Section, values: np.ndarray, scale: style.Scale
) -> None:
    """Bone coloured by its cell values, metal grey, outlines dark."""
    bone = cutter.bone[section.cells]
    bone_polygons = [p for p, b in zip(section.polygons, bone) if b]
    metal_polygons = [p for p, b in zip(section.polygons, bone) if not b]
    cells = PolyCollection(
        bone_polygons,
        array=values[section.cells[bone]],
        cmap=scale.cmap,
        norm=scale.norm,
        edgecolors="none",
        antialiaseds=False,
    )  # smoothed edges would leave light seams
    axes.add_collection(cells)
    colours = cutter.colours[section.cells[~bone]]
    axes.add_collection(
        PolyCollection(metal_polygons, facecolors=colours, edgecolors="none", antialiaseds=False)
    )
    axes.add_collection(
        LineCollection(section.outlines, colors=style.INK, linewidths=0.7, capstyle="round")
    )


def _tick_step(length: float, inches: float) -> float:
    """The round step (mm) that leaves a tick label its room."""
    steps = (10.0, 15.0 if length < 50.0 else 20.0, 20.0, 50.0, 100.0, 200.0, 500.0)
    return next((s for s in steps if inches * s / length >= 0.28), steps[-1])


def _dress(axes: Axes, frame: Frame, names: tuple[str, str], label: str, ticks_left: bool) -> None:
    """Scales in mm and the anatomical names of left and right."""
    axes.set(xlim=frame.right, ylim=frame.up)
    axes.set_facecolor("#ffffff")
    box = axes.get_window_extent()
    wide, tall = box.width / axes.figure.dpi, box.height / axes.figure.dpi
    axes.xaxis.set_major_locator(MultipleLocator(_tick_step(frame.size[0], wide)))
    axes.yaxis.set_major_locator(MultipleLocator(_tick_step(frame.size[1], tall)))
    axes.tick_params(labelleft=ticks_left)
    axes.set_xlabel(label, labelpad=10.0, fontsize=7.5)
    for x, align, name in ((0.0, "left", names[0]), (1.0, "right", names[1])):
        axes.annotate(
            name,
            (x, 0.0),
            (0, -15.5),
            xycoords="axes fraction",
            textcoords="offset points",
            ha=align,
            va="top",
            fontsize=7,
            color=style.MUTED,
            style="italic",
        )


class _Sheet:
    """Axes placed in inches from the top left of a figure."""

    def __init__(self, width: float, height: float) -> None:
        self.fig: Figure = plt.figure(figsize=(width, height))
        self.width, self.height = width, height

    def box(
        self, left: float, top: float, width: float, height: float
    ) -> tuple[float, float, float, float]:
        return (
            left / self.width,
            1 - (top + height) / self.height,
            width / self.width,
            height / self.height,
        )

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        return self.fig.add_axes(self.box(left, top, width, height))

    def text(self, left: float, top: float, words: str, **how: object) -> None:
        self.fig.text(left / self.width, 1 - top / self.height, words, **how)


def mark_zones(
    axes: Axes, cutter: Cutter, interface: Interface, frame: Frame, size: float = 7.5
) -> None:
    """Numbers of the stem's zones at both sides of a frontal section."""
    for zone in range(1, 8):
        here = interface.zone == zone
        if here.any():
            y, z = interface.corners[here][..., 1].mean(), interface.depth[here].mean()
        elif zone == 4:
            y, z = 0.0, cutter.tip + 8.0
        else:
            continue
        if zone == 4:
            place = (0.0, max(z, cutter.tip) + 0.04 * frame.size[1])
        else:
            place = (
                frame.right[0 if y < 0 else 1]
                - np.copysign(0.1 * frame.size[0], -1 if y < 0 else 1),
                z,
            )
        axes.text(
            *place,
            str(zone),
            ha="center",
            va="center",
            fontsize=size,
            fontweight="bold",
            color=style.INK,
            bbox={
                "boxstyle": "circle,pad=0.18",
                "fc": "white",
                "ec": style.INK,
                "lw": 0.6,
                "alpha": 0.9,
            },
        )


def columns_figure(
    cutter: Cutter, columns: list[Column], interface: Interface | None, zones_on: int | None
) -> Figure:
    """Frontal, sagittal and three transverse sections for each column; colour bars below.

    Neighbouring columns that share one scale share one bar. `zones_on`: the column that carries the
    zone numbers.
    """
    count = len(columns)
    (front_plane, front), (side_plane, side) = cutter.standard[:2]
    across = cutter.standard[2:]
    frames = [cutter.frame(front, True), cutter.frame(side, True)]
    up = (min(f.up[0] for f in frames), max(f.up[1] for f in frames))
    frames = [Frame(f.right, up) for f in frames]
    square = _square([cutter.frame(s, False, 2.0) for _, s in across])

    # Sizes in inches: lengthwise sections share one scale, transverse ones another.
    left, gap, group_gap, width = 0.62, 0.16, 0.42, 12.6
    group = (width - left - 0.15 - (count - 1) * group_gap) / count
    widths = [f.size[0] for f in frames]
    scale = min((group - gap) / sum(widths), 5.6 / (up[1] - up[0]))
    tall = scale * (up[1] - up[0])
    disc = min((group - 2 * gap - 0.1) / 3, 1.7)
    top, disc_top = 0.62, 0.62 + tall + 0.98
    sheet = _Sheet(width, disc_top + disc + 1.32)
    minus_plus = style.y_names(cutter.side)

    for k, column in enumerate(columns):
        x0 = left + k * (group + group_gap)
        pad = (group - gap - scale * sum(widths)) / 2
        sheet.text(
            x0 + group / 2,
            0.12,
            column.title,
            ha="center",
            va="top",
            fontsize=10,
            fontweight="bold",
        )
        at = x0 + pad
        for n, (section, frame, names, title, label) in enumerate(
            (
                (front, frames[0], minus_plus, "frontal", "y (mm)"),
                (side, frames[1], ("posterior", "anterior"), "sagittal", "x (mm)"),
            )
        ):
            axes = sheet.axes(at, top, scale * frame.size[0], tall)
            draw(axes, cutter, section, column.values, column.scale)
            _dress(axes, frame, names, label, n == 0)
            axes.set_title(title, fontsize=8, pad=3)
            for z in cutter.levels():
                axes.axhline(z, color=style.INK, lw=0.5, ls=(0, (4, 3)), alpha=0.6)
            if n == 0 and k == 0:
                axes.set_ylabel("z (mm), proximal is up")
            if n == 0 and k == zones_on and interface is not None:
                mark_zones(axes, cutter, interface, frame)
            at += scale * frame.size[0] + gap
        for n, (plane, section) in enumerate(across):
            axes = sheet.axes(
                x0 + (group - 3 * disc - 2 * gap) / 2 + n * (disc + gap), disc_top, disc, disc
            )
            draw(axes, cutter, section, column.values, column.scale)
            _dress(
                axes, square, minus_plus if n == 1 else ("", ""), "y (mm)" if n == 1 else "", n == 0
            )
            axes.set_title(f"z = {plane.origin[2]:g} mm", fontsize=7.5, pad=3)
            if n == 0 and k == 0:
                axes.set_ylabel("x (mm), anterior is up", fontsize=7.5)
    _bars(sheet, columns, left, group, group_gap)
    return sheet.fig


def _square(frames: list[Frame]) -> Frame:
    """The smallest square that holds all frames."""
    spans = [
        (min(s[0] for s in sides), max(s[1] for s in sides))
        for sides in ([f.right for f in frames], [f.up for f in frames])
    ]
    half = 0.5 * max(high - low for low, high in spans)
    right, up = ((0.5 * (low + high) - half, 0.5 * (low + high) + half) for low, high in spans)
    return Frame(right, up)


def _bars(sheet: _Sheet, columns: list[Column], left: float, group: float, gap: float) -> None:
    start = 0
    while start < len(columns):
        stop = start
        while stop + 1 < len(columns) and columns[stop + 1].scale is columns[start].scale:
            stop += 1
        span = (stop - start + 1) * group + (stop - start) * gap
        wide = min(span * 0.8, 4.2)
        x = left + start * (group + gap) + (span - wide) / 2
        style.colour_bar(
            sheet.fig, sheet.box(x, sheet.height - 0.58, wide, 0.13), columns[start].scale
        )
        start = stop + 1


def fall_figure(cutter: Cutter, fall: Fall, risk: np.ndarray, words: str) -> Figure:
    """Three sections through the worst place of a fall, coloured by risk, with the place marked."""
    place = fall.place
    assert place is not None
    scale = style.Scale(words, style.RISK, Normalize(0.0, 1.0), "max")
    names = style.y_names(cutter.side)
    planes = (
        (
            frontal(place[0]),
            True,
            names,
            f"frontal\nx = {fixed(place[0], 1)} mm",
            "y (mm)",
            "z (mm), proximal is up",
        ),
        (
            sagittal(place[1]),
            True,
            ("posterior", "anterior"),
            f"sagittal\ny = {fixed(place[1], 1)} mm",
            "x (mm)",
            "",
        ),
        (
            transverse(place[2]),
            False,
            names,
            f"transverse\nz = {fixed(place[2], 1)} mm",
            "y (mm)",
            "x (mm), anterior is up",
        ),
    )
    sections = [cutter.section(p[0]) for p in planes]
    frames = [cutter.frame(s, p[1]) for s, p in zip(sections, planes)]
    up = (min(f.up[0] for f in frames[:2]), max(f.up[1] for f in frames[:2]))
    frames[:2] = [Frame(f.right, up) for f in frames[:2]]

    left, tall = 0.65, 4.7
    scale_long = min(tall / (up[1] - up[0]), 5.2 / sum(f.size[0] for f in frames[:2]))
    tall = scale_long * (up[1] - up[0])
    lengths = [scale_long * f.size[0] for f in frames[:2]]
    disc_scale = min(3.4 / frames[2].size[0], (tall - 0.2) / frames[2].size[1])
    lefts = [left, left + lengths[0] + 0.25, left + sum(lengths) + 1.05]
    width = lefts[2] + disc_scale * frames[2].size[0] + 0.3
    sheet = _Sheet(max(width, 7.0), tall + 1.55)
    for n, (plane, _, sides, title, label, up_label) in enumerate(planes):
        scale_n = disc_scale if n == 2 else scale_long
        high = scale_n * frames[n].size[1]
        axes = sheet.axes(
            lefts[n], 0.42 + (tall - high) / 2 * (n == 2), scale_n * frames[n].size[0], high
        )
        draw(axes, cutter, sections[n], risk, scale)
        _dress(axes, frames[n], sides, label, n != 1)
        axes.set_title(title, fontsize=8, pad=4)
        axes.set_ylabel(up_label)
        here = plane.flat(place)
        axes.plot(*here, "o", ms=11, mfc="none", mec="white", mew=3.2)
        axes.plot(*here, "o", ms=11, mfc="none", mec=style.INK, mew=1.6)
    style.colour_bar(
        sheet.fig,
        sheet.box(left + 0.4, sheet.height - 0.5, min(4.6, sheet.width - 1.6), 0.13),
        scale,
    )
    return sheet.fig
