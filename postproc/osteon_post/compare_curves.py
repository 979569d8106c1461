"""Courses of several protocols in one picture: a colour and a stroke for each, by month."""
from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MultipleLocator

from . import style
from .compare_words import widest_zone
from .compared import Arm, Comparison, DAYS_PER_MONTH, course, fall_day
from .curves import bare, motion_axis
from .reader import NUM_ZONES

_MARKS = ("o", "s", "^", "D", "v", "P", "X")


def _look(number: int) -> dict[str, object]:
    colours, strokes = style.COURSE_COLOURS, style.COURSE_STROKES
    return {
        "color": colours[number % len(colours)],
        "ls": strokes[number % len(strokes)],
        "lw": max(1.2, 2.6 - 0.5 * number),  # the first stay seen under those that run with them
    }


def _key(fig: Figure, c: Comparison, y: float) -> None:
    """One legend for all panels, above them."""
    handles = [Line2D([], [], **_look(n)) for n in range(len(c.arms))]
    labels = [a.name + (f" (to day {a.reached:.0f})" if a.cut_off else "") for a in c.arms]
    fig.legend(
        handles,
        labels,
        loc="upper center",
        bbox_to_anchor=(0.5, y),
        ncol=min(5, len(labels)),
        fontsize=9,
        handlelength=3.4,
    )


def _months(axes: Axes, c: Comparison) -> None:
    last = max(a.reached for a in c.arms) / DAYS_PER_MONTH
    axes.set_xlim(0.0, max(last, 1e-6))
    every = next((s for s in (1, 2, 3, 6, 12, 24, 60) if last / s <= 12.5), 120)
    if last >= 2:
        axes.xaxis.set_major_locator(MultipleLocator(every))
    axes.set_xlabel("months since the implantation")


def _lines(axes: Axes, c: Comparison, column: str, factor: float, floor: float | None) -> None:
    for number, arm in enumerate(c.arms):
        if column not in arm.history:
            continue
        days, values = course(arm.history, column)
        values = factor * values if floor is None else np.maximum(factor * values, floor)
        axes.plot(days / DAYS_PER_MONTH, values, **_look(number))
        if arm.cut_off:
            axes.plot(days[-1] / DAYS_PER_MONTH, values[-1], "x", color=_look(number)["color"])


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", fontsize=9, fontweight="bold")


def _course(
    axes: Axes, c: Comparison, title: str, column: str, label: str, factor: float = 1.0
) -> None:
    _title(axes, title)
    _lines(axes, c, column, factor, None)
    bare(axes, label)
    _months(axes, c)
    if factor == 1.0:
        axes.set_ylim(bottom=0)


def _load(axes: Axes, c: Comparison) -> None:
    _course(axes, c, "Load at the abutment", "load_axial", "axial load, peak (N)")
    weights = {round(a.body_weight, 3) for a in c.arms if np.isfinite(a.body_weight)}
    for weight in weights if len(weights) == 1 else ():
        for part, text in ((0.5, "half the body weight"), (1.0, "body weight")):
            axes.axhline(part * weight, color=style.MUTED, lw=0.8, ls=(0, (5, 2)), zorder=1)
            axes.annotate(text, (1.0, part * weight), (-2, 1.5), color=style.MUTED, fontsize=6.3,
                          xycoords=("axes fraction", "data"), textcoords="offset points",
                          ha="right", bbox={"fc": "white", "ec": "none", "pad": 0.4})


def _cycles(axes: Axes, c: Comparison) -> None:
    _course(axes, c, "Load cycles", "cycles_per_day", "load cycles (1/day)")


def _share(axes: Axes, c: Comparison, title: str, column: str, label: str) -> None:
    _course(axes, c, title, column, label, 100.0)
    axes.set_ylim(0, min(103.0, max(5.0, 1.08 * axes.get_ylim()[1])))


def _bonded(axes: Axes, c: Comparison) -> None:
    _share(axes, c, "Bonded area", "bonded_area_fraction", "of the interface (%)")


def _strength(axes: Axes, c: Comparison) -> None:
    _share(axes, c, "Bond strength, mean", "strength_mean", "of a grown bond (%)")


def _motion(axes: Axes, c: Comparison) -> None:
    _title(axes, "Micromotion, 95 % of the area below")
    known = [
        1e3 * a.history["micromotion_p95"] for a in c.arms if "micromotion_p95" in a.history
    ]
    _lines(axes, c, "micromotion_p95", 1e3, 1e-3)  # rest is below the axis
    bare(axes, "")
    _months(axes, c)
    motion_axis(axes, known)


def _zone(axes: Axes, c: Comparison, zone: int) -> None:
    title = f"{zone} {style.ZONE_NAMES[zone - 1]}"
    _course(axes, c, title, f"density_change_zone_{zone}", "density change (%)", 100.0)
    axes.axhline(0.0, color=style.MUTED, lw=0.8, zorder=1)


def _mass(axes: Axes, c: Comparison) -> None:
    _title(axes, "all bone of the model")
    for number, arm in enumerate(c.arms):
        if "bone_mass" in arm.history:
            mass = arm.history["bone_mass"]
            axes.plot(arm.history.days / DAYS_PER_MONTH, 100.0 * (mass / mass[0] - 1.0),
                      **_look(number))
    bare(axes, "mass change (%)")
    _months(axes, c)
    axes.axhline(0.0, color=style.MUTED, lw=0.8, zorder=1)


def _fall_line(axes: Axes, arm: Arm, number: int, name: str, mark: str) -> None:
    falls = [f for f in arm.falls if f.name == name]
    months = [fall_day(f) / DAYS_PER_MONTH for f in falls]
    look = _look(number)
    axes.plot(months, [f.factor for f in falls], **{**look, "lw": 1.1}, clip_on=False)
    for month, fall in zip(months, falls):
        face = "white" if fall.at_least else look["color"]
        axes.plot(month, fall.factor, mark, mfc=face, mec=look["color"], ms=5, clip_on=False)


def _falls(axes: Axes, c: Comparison) -> None:
    _title(axes, "Falls: load factor at which bone breaks")
    names = list(dict.fromkeys(name for name, _ in c.falls))
    marks = {name: _MARKS[k % len(_MARKS)] for k, name in enumerate(names)}
    for number, arm in enumerate(c.arms):
        for name in names:
            _fall_line(axes, arm, number, name, marks[name])
    bare(axes, "load factor")
    _months(axes, c)
    factors = [f.factor for a in c.arms for f in a.falls]
    axes.set_ylim(0, 1.15 * max([1.0, *factors]))
    axes.axhline(1.0, color=style.MUTED, lw=0.8, ls=(0, (5, 2)), zorder=1)
    axes.annotate("above 1 the bone holds", (0.0, 1.0), (3, 1.5), fontsize=6.3, color=style.MUTED,
                  xycoords=("axes fraction", "data"), textcoords="offset points")
    axes.legend([Line2D([], [], marker=m, ls="", color=style.MUTED, ms=5) for m in marks.values()],
                list(marks), loc="lower left", fontsize=7)


def _same_scale(panels: list[Axes]) -> None:
    low, high = (f(a.get_ylim()[i] for a in panels) for i, f in ((0, min), (1, max)))
    for axes in panels:
        axes.set_ylim(low, high)


def courses_figure(c: Comparison) -> Figure:
    """Loads, bond, micromotion and falls over the months."""
    panels = [_load, _cycles, _bonded, _strength, _motion, *([_falls] if c.falls else [])]
    fig, grid = plt.subplots(3, 2, figsize=(12.6, 8.2), squeeze=False)
    for axes, draw in zip(grid.flat, panels):
        draw(axes, c)
    for axes in list(grid.flat)[len(panels):]:
        axes.set_axis_off()
    fig.tight_layout(pad=0.6, w_pad=2.6, h_pad=1.6, rect=(0, 0, 1, 0.955))
    _key(fig, c, 1.0)
    return fig


def zones_figure(c: Comparison) -> Figure:
    """Bone density by zone, on one scale; lateral zones above, medial ones below, distal left."""
    fig, grid = plt.subplots(2, 4, figsize=(12.6, 5.4), squeeze=False)
    order = (1, 2, 3, 4, 7, 6, 5)
    panels = list(grid.flat)
    for axes, zone in zip(panels, order):
        _zone(axes, c, zone)
    _mass(panels[-1], c)
    _same_scale(panels[:NUM_ZONES])
    for axes in panels[1:4] + panels[5:7]:
        axes.set_ylabel("")
    fig.tight_layout(pad=0.6, w_pad=1.4, h_pad=1.6, rect=(0, 0, 1, 0.93))
    _key(fig, c, 1.0)
    return fig


def readme_picture(c: Comparison, path: Path) -> None:
    """One wide picture: loads, bond, micromotion, the zone of bone that differs most, falls."""
    zone = widest_zone(c) or 1
    panels = [_load, _bonded, _strength, _motion, lambda a, c: _zone(a, c, zone), _falls]
    fig, grid = plt.subplots(2, 3, figsize=(14.0, 6.0))
    for axes, draw in zip(grid.flat, panels):
        draw(axes, c)
    _title(grid[1, 1], f"Bone beside the stem, zone {zone}: {style.ZONE_NAMES[zone - 1]}")
    fig.tight_layout(pad=0.6, w_pad=2.0, h_pad=1.4, rect=(0, 0, 1, 0.94))
    _key(fig, c, 1.0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(style.png_bytes(fig, 100))
    plt.close(fig)
