"""Curves over the days of a run, with the protocol's stages as bands."""
from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

from . import style
from .reader import NUM_ZONES, History

MOTION_LIMITS = (
    (30.0, "30 µm: bond grows freely below"),
    (40.0, "40 µm"),
    (150.0, "150 µm: fibrous tissue above"),
)


@dataclass(frozen=True)
class Band:
    """One stage of the protocol as the run met it."""

    number: int
    name: str
    start: float
    stop: float
    load_peak: float
    cycles_peak: float


def bands(history: History) -> list[Band]:
    """A row tells the stage that leads up to its day: a stage begins at the row before its own."""
    if "stage" not in history or len(history.days) == 0:
        return []
    stage = history["stage"].astype(int)
    starts = np.flatnonzero(np.concatenate([[True], stage[1:] != stage[:-1]]))
    result = []
    for n, begin in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else len(stage)
        name = (
            history.stages[stage[begin]]
            if 0 <= stage[begin] < len(history.stages)
            else f"stage {stage[begin]}"
        )
        top = lambda c: (
            float(np.nanmax(history[c][begin:end])) if c in history else math.nan
        )  # noqa: E731,B023
        result.append(
            Band(
                n + 1,
                name,
                float(history.days[max(begin - 1, 0)]),
                float(history.days[end - 1]),
                top("load_axial"),
                top("cycles_per_day"),
            )
        )
    return result


def shade(axes: Axes, stages: list[Band], numbers: bool = False) -> None:
    for band in stages:
        if band.number % 2 == 0:
            axes.axvspan(band.start, band.stop, color="#e9edf3", lw=0, zorder=0)
        if numbers and band.stop > band.start:
            axes.text(
                0.5 * (band.start + band.stop),
                1.02,
                str(band.number),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="bottom",
                fontsize=7.5,
                color=style.MUTED,
            )


def bare(axes: Axes, label: str) -> None:
    """A name for what is drawn, lines to read it by, no box."""
    axes.set_ylabel(label)
    axes.grid(axis="y", color=style.GRID, lw=0.6)
    axes.set_axisbelow(True)
    for edge in ("top", "right"):
        axes.spines[edge].set_visible(False)


def _frame(axes: Axes, history: History, label: str) -> None:
    bare(axes, label)
    axes.set_xlim(history.days.min(), max(history.days.max(), history.days.min() + 1e-6))


def _lines(
    axes: Axes, history: History, entries: list[tuple[str, str, str, str]], factor: float
) -> None:
    for column, label, colour, stroke in entries:
        if column in history:
            axes.plot(
                history.days, factor * history[column], color=colour, ls=stroke, lw=1.5, label=label
            )


def _load(axes: Axes, history: History) -> None:
    _lines(axes, history, [("load_axial", "", style.BLUE, "-")], 1.0)
    _frame(axes, history, "axial load, peak (N)")
    axes.set_ylim(bottom=0)


def _cycles(axes: Axes, history: History) -> None:
    _lines(axes, history, [("cycles_per_day", "", style.BLUE, "-")], 1.0)
    _frame(axes, history, "load cycles (1/day)")
    axes.set_ylim(bottom=0)


def bond(axes: Axes, history: History) -> None:
    _lines(
        axes,
        history,
        [
            ("bonded_area_fraction", "bonded area", style.BLUE, "-"),
            ("strength_mean", "bond strength, mean", style.VERMILION, "--"),
            ("debonded_area_fraction", "debonded area", style.INK, ":"),
        ],
        100.0,
    )
    _frame(axes, history, "of the interface (%)")
    axes.set_ylim(0, 103)
    axes.legend(loc="best", ncol=1)


def micromotion(axes: Axes, history: History) -> None:
    entries = [
        ("micromotion_max", "largest", style.VERMILION, ":"),
        ("micromotion_p95", "95 % of area below", style.BLUE, "-"),
        ("micromotion_mean", "mean", style.GREEN, "--"),
    ]
    known = [1000.0 * history[c] for c, *_ in entries if c in history]
    for column, label, colour, stroke in entries:
        if column in history:
            axes.plot(
                history.days,
                np.maximum(1000.0 * history[column], 1e-3),  # rest is below the axis
                color=colour,
                ls=stroke,
                lw=1.5,
                label=label,
            )
    _frame(axes, history, "")
    motion_axis(axes, known)
    axes.legend(loc="lower left", fontsize=6.3, handlelength=1.6)  # rest comes first


def motion_axis(axes: Axes, known: list[np.ndarray]) -> None:
    """A logarithmic axis for these micromotions (µm), with lines where bone takes notice."""
    high = max([300.0] + [1.3 * float(np.nanmax(k)) for k in known])
    moving = [float(k[k > 0.0].min()) for k in known if np.any(k > 0.0)]
    low = 10.0 ** np.floor(np.log10(np.clip(min(moving, default=1.0), 0.011, 1.0)))
    axes.set_yscale("log")
    for limit, words in MOTION_LIMITS:
        axes.axhline(limit, color=style.MUTED, lw=0.8, ls=(0, (5, 2)), zorder=1)
        axes.annotate(
            words,
            (0.0, limit),
            (3, -1.5 if limit == 30.0 else 1.5),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            fontsize=6.3,
            color=style.MUTED,
            va="top" if limit == 30.0 else "bottom",
        )
    axes.set_ylabel("micromotion (µm), log scale")
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(
        FixedLocator([t for t in (0.01, 0.1, 1, 10, 30, 100, 300, 1000, 3000) if low <= t <= high])
    )
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _over(axes: Axes, history: History) -> None:
    _lines(
        axes,
        history,
        [
            ("area_over_40um", "above 40 µm", style.BLUE, "-"),
            ("area_over_150um", "above 150 µm", style.VERMILION, "--"),
        ],
        100.0,
    )
    _frame(axes, history, "of the interface (%)")
    axes.set_ylim(0, max(5.0, min(103.0, axes.get_ylim()[1])))
    axes.legend(loc="best")


def by_zone(
    axes: Axes,
    history: History,
    prefix: str,
    factor: float,
    label: str,
    limits: tuple[float, float] | None = None,
) -> None:
    """Seven lines, each with its zone number at the end."""
    ends = []
    for zone in range(1, NUM_ZONES + 1):
        name = f"{prefix}_zone_{zone}"
        if name not in history:
            continue
        values = factor * history[name]
        axes.plot(
            history.days,
            values,
            color=style.ZONE_COLOURS[zone - 1],
            ls=style.ZONE_STROKES[zone - 1],
            lw=1.4,
            label=f"{zone}",
        )
        if np.isfinite(values[-1]):
            ends.append((float(values[-1]), zone))
    _frame(axes, history, label)
    if limits is not None:
        axes.set_ylim(limits)
    _label_ends(axes, ends)


def _label_ends(axes: Axes, ends: list[tuple[float, int]]) -> None:
    """Zone numbers right of the curves, moved apart where the curves end close together."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    ends = sorted(ends)
    room = 0.085 * (high - low)
    places = [min(max(value, low), high) for value, _ in ends]
    for _ in range(60):
        for i in range(len(places) - 1):
            short = room - (places[i + 1] - places[i])
            if short > 0:
                places[i] -= short / 2
                places[i + 1] += short / 2
        shift = min(0.0, high - places[-1]) + max(0.0, low - places[0]) if places else 0.0
        places = [p + shift for p in places]
    for place, (_, zone) in zip(places, ends):
        axes.annotate(
            str(zone),
            (1.0, place),
            (4, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=7,
            fontweight="bold",
            color=style.ZONE_COLOURS[zone - 1],
            annotation_clip=False,
        )


def _density(axes: Axes, history: History) -> None:
    by_zone(axes, history, "density_change", 100.0, "bone density change (%)")
    axes.axhline(0.0, color=style.MUTED, lw=0.8)


def _bond_zone(axes: Axes, history: History) -> None:
    by_zone(axes, history, "bond", 100.0, "bond by zone (%)", (0.0, 103.0))


def _motion_zone(axes: Axes, history: History) -> None:
    by_zone(axes, history, "micromotion", 1000.0, "mean micromotion (µm)")


def _strength_zone(axes: Axes, history: History) -> None:
    by_zone(axes, history, "strength", 100.0, "bond strength by zone (%)", (0.0, 103.0))


def _strain(axes: Axes, history: History) -> None:
    if "strain_tension_max" in history:
        axes.plot(
            history.days,
            1e6 * history["strain_tension_max"],
            color=style.VERMILION,
            ls="--",
            lw=1.5,
            label="tension, largest",
        )
    if "strain_compression_min" in history:
        axes.plot(
            history.days,
            -1e6 * history["strain_compression_min"],
            color=style.BLUE,
            lw=1.5,
            label="compression, largest",
        )
    _frame(axes, history, "principal strain (µε)")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


def _stress(axes: Axes, history: History) -> None:
    _lines(
        axes,
        history,
        [
            ("stem_stress_max", "stem, von Mises, largest", style.BLUE, "-"),
            ("contact_pressure_max", "contact pressure, largest", style.VERMILION, "--"),
        ],
        1.0,
    )
    _frame(axes, history, "stress (MPa)")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


@dataclass(frozen=True)
class _Panel:
    title: str
    needs: tuple[str, ...]
    draw: Callable[[Axes, History], None]


_PANELS = (
    _Panel("Load at the abutment", ("load_axial",), _load),
    _Panel("Load cycles", ("cycles_per_day",), _cycles),
    _Panel("Bond of the whole stem", ("bonded_area_fraction", "strength_mean"), bond),
    _Panel(
        "Micromotion in a load cycle",
        ("micromotion_p95", "micromotion_max", "micromotion_mean"),
        micromotion,
    ),
    _Panel("Bone density around the stem, by zone", ("density_change_zone_1",), _density),
    _Panel("Bond, by zone", ("bond_zone_1",), _bond_zone),
    _Panel("Bond strength, by zone", ("strength_zone_1",), _strength_zone),
    _Panel("Micromotion, by zone", ("micromotion_zone_1",), _motion_zone),
    _Panel("Area that moves too much", ("area_over_40um", "area_over_150um"), _over),
    _Panel("Largest strain of the bone", ("strain_tension_max", "strain_compression_min"), _strain),
    _Panel("Largest stress", ("stem_stress_max", "contact_pressure_max"), _stress),
)


def _grid(
    history: History, panels: list[_Panel], columns: int, row_height: float, key: bool = False
) -> Figure:
    rows = -(-len(panels) // columns)
    fig, grid = plt.subplots(rows, columns, figsize=(12.6, 0.45 + rows * row_height), squeeze=False)
    stages = bands(history)
    for axes, panel in zip(grid.flat, panels):
        panel.draw(axes, history)
        shade(axes, stages, numbers=True)
        axes.set_title(panel.title, loc="left", fontsize=9, fontweight="bold", pad=13)
        axes.set_xlabel("days since the implantation")
    spare = list(grid.flat)[len(panels) :]
    for axes in spare:
        axes.set_axis_off()
    if key and spare:
        _key(spare[0], stages)
    fig.tight_layout(pad=0.6, w_pad=2.6, h_pad=1.3)
    return fig


def _key(axes: Axes, stages: list[Band]) -> None:
    """What the numbers of stages and zones stand for, where the grid of panels leaves room."""
    how = {"transform": axes.transAxes, "va": "top", "fontsize": 7.8}
    axes.text(0.0, 1.0, "Stages of the protocol", fontweight="bold", **how)
    for n, band in enumerate(stages[:9]):
        axes.text(
            0.0,
            0.89 - 0.1 * n,
            f"{band.number}  {textwrap.shorten(band.name, 40, placeholder=' …')}",
            **how,
        )
    axes.text(0.55, 1.0, "Zones of the stem", fontweight="bold", **how)
    for zone, (name, colour) in enumerate(zip(style.ZONE_NAMES, style.ZONE_COLOURS)):
        axes.text(0.55, 0.89 - 0.1 * zone, f"{zone + 1}  {name}", color=colour, **how)


def curves_figure(history: History) -> Figure | None:
    """All panels for which the history has columns, in two columns; None without any."""
    if len(history.days) < 2:
        return None
    panels = [p for p in _PANELS if any(n in history for n in p.needs)]
    return _grid(history, panels, 2, 2.45, key=True) if panels else None


def solver_figure(history: History) -> Figure | None:
    """Iterations and step size over the days."""

    def of(column: str, label: str) -> Callable[[Axes, History], None]:
        def draw(axes: Axes, h: History) -> None:
            axes.plot(h.days, h[column], color=style.BLUE, lw=1.1, drawstyle="steps-pre")
            _frame(axes, h, label)
            axes.set_ylim(bottom=0)

        return draw

    panels = [
        _Panel(t, (c,), of(c, u))
        for c, t, u in (
            ("newton_mean", "Newton iterations per load increment", "iterations, mean"),
            ("krylov_mean", "Krylov iterations per Newton step", "iterations, mean"),
            ("step_size", "Time step", "days"),
        )
        if c in history
    ]
    return _grid(history, panels, 3, 2.1) if panels and len(history.days) > 1 else None
