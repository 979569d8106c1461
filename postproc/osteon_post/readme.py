"""One wide picture of a run: sections, bond maps and curves side by side."""
from __future__ import annotations

from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec, SubplotSpec

from . import curves, style
from .maps import bond_percent, bond_scale, map_steps
from .pictures import Painter, evenly
from .reader import Results
from .sections import draw, frontal, mark_zones


def readme_picture(results: Results, path: Path) -> None:
    """One wide picture: density before, after and change; bond maps; three curves."""
    painter = Painter(results, None)
    fig = plt.figure(figsize=(15.0, 6.0))
    grid = GridSpec(
        1,
        3,
        figure=fig,
        width_ratios=[1.15, 1.0, 1.05],
        left=0.045,
        right=0.975,
        top=0.87,
        bottom=0.1,
        wspace=0.24,
    )
    _readme_sections(fig, grid[0], painter)
    _readme_maps(fig, grid[1], painter)
    _readme_curves(fig, grid[2], results)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(style.png_bytes(fig, 130))
    plt.close(fig)


def _head(fig: Figure, x: float, text: str) -> None:
    fig.text(x, 0.965, text, ha="center", va="center", fontsize=11, fontweight="bold")


def _readme_sections(fig: Figure, spec: SubplotSpec, painter: Painter) -> None:
    found, cutter = painter.density_columns(), painter.cutter
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1), "Bone density, frontal section")
    if found is None:
        return
    columns = found[0]
    section = cutter.section(frontal())
    frame = cutter.frame(section, True)
    cells = spec.subgridspec(2, 3, height_ratios=[1, 0.03], wspace=0.08, hspace=0.32)
    minus, plus = style.y_names(cutter.side)
    for k, column in enumerate(columns):
        axes = fig.add_subplot(cells[0, k])
        draw(axes, cutter, section, column.values, column.scale)
        axes.set(xlim=frame.right, ylim=frame.up, aspect="equal", title=column.title)
        axes.set_xlabel(f"y (mm)\n{minus} – {plus}", fontsize=8)
        if k == 0:
            axes.set_ylabel("z (mm)")
        axes.tick_params(labelleft=k == 0)
        if k == 2 and painter.results.interface is not None:
            mark_zones(axes, cutter, painter.results.interface, frame, 6.5)
    for where, column, label in (
        (cells[1, :2], columns[0], "g/cm³"),
        (cells[1, 2], columns[2], "change, g/cm³"),
    ):
        place = where.get_position(fig)
        scale = style.Scale(label, column.scale.cmap, column.scale.norm, column.scale.extend)
        style.colour_bar(fig, (place.x0 + 0.01, place.y0, place.width - 0.02, place.height), scale)


def _readme_maps(fig: Figure, spec: SubplotSpec, painter: Painter) -> None:
    results = painter.results
    steps = map_steps(results)
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1), "Bond of the stem's surface, unrolled")
    if painter.unrolled is None or not steps:
        return
    chosen = evenly(steps, 1, 4)
    cells = spec.subgridspec(2, 2, wspace=0.1, hspace=0.2)
    scale = bond_scale()
    for k, step in enumerate(chosen):
        axes = fig.add_subplot(cells[k // 2, k % 2])
        painter.unrolled.draw(axes, bond_percent(results, step), scale)
        axes.set_title(f"day {step.day:.0f}")
        names = [style.SHORT_NAMES[n] for n in style.angle_names(results.side)]
        names[-1] = names[-1] if k % 2 else ""
        axes.set_xticklabels(names if k // 2 == 1 or k + 2 >= len(chosen) else [])
        axes.tick_params(labelleft=k % 2 == 0)
        if k % 2 == 0:
            axes.set_ylabel("depth z (mm)")
    style.colour_bar(fig, (box.x1 + 0.006, box.y0, 0.007, box.height), scale, vertical=True)


def _readme_curves(fig: Figure, spec: SubplotSpec, results: Results) -> None:
    history = results.history
    cells = spec.subgridspec(3, 1, hspace=0.42)
    box = spec.get_position(fig)
    _head(fig, 0.5 * (box.x0 + box.x1) + 0.02, "Over the protocol's stages")
    if len(history.days) < 2:
        return
    stages = curves.bands(history)
    for k, (title, paint) in enumerate(
        (
            ("bond", curves.bond),
            ("micromotion in a load cycle", curves.micromotion),
            (
                "bone density by zone",
                lambda a, h: curves.by_zone(a, h, "density_change", 100.0, "change (%)"),
            ),
        )
    ):
        axes = fig.add_subplot(cells[k])
        paint(axes, history)
        curves.shade(axes, stages)
        axes.set_title(title, fontsize=9)
        axes.set_ylabel(("share (%)", "µm, log scale", "change (%)")[k])
        place = axes.get_position()
        axes.set_position([place.x0 + 0.03, place.y0, place.width - 0.03, place.height])
        axes.tick_params(labelbottom=k == 2)
        if k == 2:
            axes.set_xlabel("days since the implantation")
