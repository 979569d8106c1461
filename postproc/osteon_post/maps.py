"""The stem's surface unrolled, angle against depth: bond and micromotion on several days."""
from __future__ import annotations

import textwrap

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from . import style
from .geometry import unroll
from .reader import Interface, Results, Step


class Unrolled:
    """Polygons of the interface faces over angle and depth, made once for all days."""

    def __init__(self, interface: Interface, side: str) -> None:
        self.interface, self.side = interface, side
        self.polygons, self.faces = unroll(interface.corners)
        depths = np.concatenate([p[:, 1] for p in self.polygons])
        self.low, self.high = float(depths.min()), float(depths.max())

    def borders(self) -> list[tuple[tuple[float, float], float]]:
        """Depths where one zone follows another, each over its range of angles."""
        depth = self.interface.depth.mean(axis=1)
        angle = np.radians(self.interface.angle)
        left = np.sin(angle).mean(axis=1) > 0
        lines = []
        for half, (a0, a1) in ((left, (0.0, 180.0)), (~left, (180.0, 360.0))):
            zones = [z for z in range(1, 8) if np.any(half & (self.interface.zone == z))]
            spans = sorted((np.median(depth[half & (self.interface.zone == z)]), z) for z in zones)
            for (_, lower), (_, upper) in zip(spans, spans[1:]):
                top = depth[half & (self.interface.zone == lower)].max()
                bottom = depth[half & (self.interface.zone == upper)].min()
                lines.append(((a0, a1), 0.5 * (top + bottom)))
        # Both halves have their borders at the same depths; faces show them to half an edge.
        span = 0.04 * (self.high - self.low)
        return [(a, float(np.mean([w for _, w in lines if abs(w - z) < span]))) for a, z in lines]

    def coating_end(self) -> float | None:
        """Depth where a smooth part follows the coated one towards the tip; None where there is no
        such part (mm)."""
        coated = self.interface.coated > 0
        if not coated.any():
            return None
        depth, centre = self.interface.depth, self.interface.depth.mean(axis=1)
        beyond = ~coated & (centre > centre[coated].max())  # a smooth collar lies before it
        if not beyond.any():
            return None
        return float(0.5 * (depth[coated].max() + depth[beyond].min()))

    def draw(
        self, axes: Axes, face_values: np.ndarray, scale: style.Scale, numbers: bool = False
    ) -> None:
        axes.add_collection(
            PolyCollection(
                self.polygons,
                array=face_values[self.faces],
                cmap=scale.cmap,
                norm=scale.norm,
                edgecolors="none",
                antialiaseds=False,
            )
        )
        for line in ({"color": "white", "lw": 1.6, "alpha": 0.8}, {"color": style.INK, "lw": 0.7}):
            axes.axvline(180.0, **line)
            for (a0, a1), z in self.borders():
                axes.plot([a0, a1], [z, z], solid_capstyle="butt", **line)
        if numbers:
            self._number_zones(axes)
        axes.set(xlim=(0, 360), ylim=(self.low, self.high), xticks=[0, 90, 180, 270, 360])

    def _number_zones(self, axes: Axes) -> None:
        depth = self.interface.depth.mean(axis=1)
        turn = np.exp(1j * np.radians(self.interface.angle)).mean(axis=1)
        for zone in np.unique(self.interface.zone):
            here = self.interface.zone == zone
            angle = 90.0 if zone == 4 else np.degrees(np.angle(turn[here].mean())) % 360
            axes.text(
                angle,
                0.5 * (depth[here].min() + depth[here].max()),
                str(zone),
                ha="center",
                va="center",
                fontsize=7,
                color=style.INK,
                bbox={"boxstyle": "circle,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.75},
            )


def fit_figure(unrolled: Unrolled, side: str) -> Figure | None:
    """How the stem was laid in its bed: gap before the press-fit, and the kinds of surface."""
    interface = unrolled.interface
    if interface.initial_gap is None or interface.surface is None:
        return None
    used = np.unique(interface.surface)
    gap = 1000.0 * interface.initial_gap
    limit = max(1.0, style.upper_limit([np.abs(gap)], 0.995))
    kinds = style.Scale(
        "", ListedColormap(style.SURFACES[: len(used)]), Normalize(-0.5, len(used) - 0.5)
    )
    norm = Normalize(-limit, limit)
    panels = [(gap, style.Scale("gap (µm); < 0: press-fit", style.CHANGE, norm, "both"))]
    if len(used) > 1:
        panels.append((np.searchsorted(used, interface.surface), kinds))
    fig, grid = plt.subplots(
        1, len(panels), figsize=(4.6 * len(panels), 3.1), sharey=True, squeeze=False
    )
    for axes, (values, scale) in zip(grid[0], panels):
        unrolled.draw(axes, values.astype(float), scale, numbers=scale is kinds)
        axes.set_xticklabels(
            style.angle_names(side), rotation=38, ha="right", rotation_mode="anchor"
        )
    grid[0, 0].set_ylabel("depth z (mm)")
    fig.colorbar(
        plt.cm.ScalarMappable(panels[0][1].norm, style.CHANGE),
        ax=grid[0, 0],
        label=panels[0][1].label,
        extend="both",
    )
    if len(used) > 1:
        grid[0, 1].legend(
            handles=[
                Patch(color=colour, label=interface.surfaces[k])
                for colour, k in zip(style.SURFACES, used)
            ],
            loc="upper left",
            bbox_to_anchor=(1.02, 1.0),
        )
    fig.tight_layout(pad=0.6)
    return fig


def bond_scale() -> style.Scale:
    return style.Scale("bonded fraction (%)", style.BOND, Normalize(0, 100))


def motion_scale(values: list[np.ndarray]) -> style.Scale:
    top = max(50.0, style.upper_limit(values, 0.995))
    return style.Scale("micromotion (µm)", style.MOTION, Normalize(0, top), "max")


def map_steps(results: Results) -> list[Step]:
    """The saved states that can be drawn."""
    return results.steps_with("interface/bond", "interface/micromotion")


def bond_percent(results: Results, step: Step) -> np.ndarray:
    return 100.0 * results.step_field(step, "interface/bond")


def micromotion_um(results: Results, step: Step) -> np.ndarray:
    return 1000.0 * results.step_field(step, "interface/micromotion")


def maps_figure(results: Results, unrolled: Unrolled, steps: list[Step]) -> Figure:
    """One row of bond, one of micromotion; a column for each step; one colour scale a row."""
    motion = [micromotion_um(results, s) for s in steps]
    rows = [
        ([bond_percent(results, s) for s in steps], bond_scale()),
        (motion, motion_scale(motion)),
    ]
    height = 2.25
    fig, grid = plt.subplots(
        len(rows),
        len(steps),
        figsize=(12.6, 0.95 + len(rows) * (height + 0.2)),
        sharey=True,
        squeeze=False,
    )
    total = fig.get_figheight()
    fig.subplots_adjust(
        left=0.052, right=0.915, bottom=0.68 / total, top=1 - 0.34 / total, wspace=0.09, hspace=0.09
    )
    end = unrolled.coating_end()
    for r, (values, scale) in enumerate(rows):
        for c, (step, value) in enumerate(zip(steps, values)):
            axes = grid[r, c]
            unrolled.draw(axes, value, scale, numbers=r == 0 and c == 0)
            if end is not None:
                axes.axhline(end, color="white", lw=1.2)
                axes.axhline(end, color=style.INK, lw=1.2, ls=(0, (2, 2)))
            if r == 0:
                stage = textwrap.shorten(step.stage, 30, placeholder=" …")
                axes.set_title(f"day {step.day:.0f}\n{stage}", fontsize=8, pad=3)
            names = style.angle_names(results.side)
            names = names if c == len(steps) - 1 else names[:-1] + [""]
            axes.set_xticklabels(
                names if r == len(rows) - 1 else [], rotation=38, ha="right", rotation_mode="anchor"
            )
            if c == 0:
                axes.set_ylabel("depth z (mm)")
        box = grid[r, -1].get_position()
        bar = style.colour_bar(fig, (0.928, box.y0, 0.011, box.height), scale, vertical=True)
        if scale.cmap is style.MOTION:
            for limit in (40.0, 150.0):
                if limit < scale.norm.vmax:
                    bar.axhline(limit, color=style.BLUE, lw=1.6)
    return fig
