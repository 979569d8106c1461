"""Puts a comparison of protocols into one page and one table for scripts."""
from __future__ import annotations

from pathlib import Path

from . import compare_words as said
from . import words
from .compare_curves import courses_figure, zones_figure
from .compare_table import as_csv, groups, terminal
from .compared import Comparison
from .page import TOOLS, render, write_whole
from .style import COURSE_COLOURS, Picture, keep_picture

PAGE, TABLE = "compare.html", "compare.csv"


def _pictures(c: Comparison, figures: Path | None) -> dict[str, list[Picture]]:
    rest = " A cross ends a run that was cut off." if any(a.cut_off for a in c.arms) else ""
    courses = (
        "Axial load and load cycles of the day, bonded area and strength of the bond, micromotion"
        " (95 % of the area below; where nothing is drawn the limb is at rest), and the load factor"
        " of bone in each fall on its day (hollow: it was seen to hold at it; where the stem yields"
        " stands in the table)." + rest
    )
    zones = (
        "Change of the bone's mass beside the stem since the operation, by zone: lateral above,"
        " medial below, from the collar (left) to the tip (right), all on one scale; last, all bone"
        " of the model on its own." + rest
    )
    return {
        "courses": keep_picture(figures, "courses", courses_figure(c), courses),
        "zones": keep_picture(figures, "zones", zones_figure(c), zones),
    }


def page(c: Comparison, figures: Path | None = None) -> str:
    first = c.arms[0].attributes
    return render(
        "compare.html.j2",
        title=first.get("title") or "Protocols compared",
        limb=", ".join(str(first[k]) for k in ("patient", "side", "bone", "implant") if k in first),
        day=c.day,
        arms=c.arms,
        colours=[COURSE_COLOURS[n % len(COURSE_COLOURS)] for n in range(len(c.arms))],
        warnings=c.warnings,
        verdict=said.said(c),
        findings=said.findings(c),
        thresholds=said.threshold_words(),
        groups=groups(c),
        pictures_of=_pictures(c, figures),
        rests_on=said.rests_on(c),
        has_rules=words.has_rules,
        tools=TOOLS,
    )


def write_comparison(c: Comparison, directory: Path, figures: Path | None = None) -> None:
    """OUTDIR/compare.csv and OUTDIR/compare.html, each replaced only by a whole new one."""
    write_whole(as_csv(c), directory / TABLE)
    write_whole(page(c, figures), directory / PAGE)


def terminal_table(c: Comparison) -> str:
    return terminal(c, said.said(c))
