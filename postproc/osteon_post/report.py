"""Puts tables, words and pictures of a results directory into one page."""
from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from . import curves, states, style, words
from .page import TOOLS, render, write_whole
from .pictures import Gallery, Painter
from .reader import Results


def _region_rows(results: Results) -> list[dict[str, Any]]:
    mesh = results.mesh
    rows = []
    for index, name in enumerate(mesh.region_names):
        cells = mesh.region == index
        if cells.any():
            rows.append(
                {
                    "name": name,
                    "cells": int(cells.sum()),
                    "volume_cm3": (
                        float(mesh.volume[cells].sum()) / 1000.0
                        if mesh.volume is not None
                        else math.nan
                    ),
                    "sicn_min": (
                        float(mesh.sicn[cells].min()) if mesh.sicn is not None else math.nan
                    ),
                    "sicn_mean": (
                        float(mesh.sicn[cells].mean()) if mesh.sicn is not None else math.nan
                    ),
                }
            )
    return rows


def _mesh_facts(results: Results) -> list[tuple[str, Any, str]]:
    stated = results.summary.get("mesh", {})
    sicn = results.mesh.sicn
    facts = [
        ("nodes", stated.get("nodes", len(results.mesh.nodes)), ""),
        ("cells (TET10)", stated.get("cells", len(results.mesh.tets)), ""),
        ("degrees of freedom", stated.get("dofs"), ""),
        ("interface area", stated.get("interface_area_mm2"), "mm²"),
        (
            "SICN, smallest",
            stated.get("min_sicn", float(sicn.min()) if sicn is not None else None),
            "",
        ),
        (
            "SICN, mean",
            stated.get("mean_sicn", float(sicn.mean()) if sicn is not None else None),
            "",
        ),
    ]
    return [f for f in facts if f[1] is not None]


def _limb_facts(results: Results) -> list[tuple[str, str]]:
    case, limb = results.case, results.limb
    stem = limb.get("stem", {})
    facts = [
        ("patient", case.get("patient")),
        ("limb", f"{results.side} {case.get('bone') or limb.get('bone') or ''}".strip()),
        ("implant", case.get("implant")),
        ("bone, resection to proximal end of the model", limb.get("bone_length")),
        ("stem length", stem.get("length")),
        ("stem diameter", stem.get("diameter")),
        (
            "coated from – to",
            (
                f"{stem['coated_from']} – {stem['coated_to']}"
                if "coated_to" in stem and "coated_from" in stem
                else None
            ),
        ),
        ("load point, distal of the resection", (limb.get("load_point") or {}).get("distance")),
        ("density law", words.density_law(results)),
        ("remodelling", words.remodelling(results)),
    ]
    return [(k, str(v)) for k, v in facts if v not in (None, "")]


def _solver_facts(results: Results) -> list[tuple[str, Any, str]]:
    s = results.summary.get("solver", {})
    names = (
        ("steps", "time steps", ""),
        ("newton_mean", "Newton iterations per load increment, mean", ""),
        ("newton_max", "Newton iterations, most", ""),
        ("cutbacks", "load increments cut back", ""),
        ("rates_turned", "bone whose rate one step turned round, largest share", ""),
        ("calmed_increments", "load increments in which turning points were calmed", ""),
        ("sudden_moves", "sudden moves of the stem to its next hold", ""),
        ("energy_imbalance", "energy not accounted for, of the work of the load steps", ""),
        ("krylov_mean", "Krylov iterations per Newton step, mean", ""),
        ("krylov_max", "Krylov iterations, most", ""),
        ("linear_solves", "linear solves in all", ""),
        ("iterations", "Krylov iterations in all", ""),
        ("krylov_linear", "Krylov iterations of the first linear solve", ""),
        ("wall_s", "wall time", "s"),
    )
    facts = [(label, s[key], unit) for key, label, unit in names if key in s]
    if "ranks" in results.case:
        facts.append(("MPI ranks", results.case["ranks"], ""))
    return facts


# Events of the solver's clock, in words.
_EVENTS = {
    "mesh": "reading and distributing the mesh",
    "stiffness": "stiffness of bone and stem",
    "interface": "interface: tractions and tangents",
    "preconditioner": "preconditioner",
    "krylov": "linear solves",
    "strains": "strains",
    "biology": "biology: remodelling and bond",
    "output": "writing results",
}


def _time_rows(results: Results) -> list[dict[str, Any]]:
    """Where the wall time went, longest first, and what no event accounts for."""
    solver = results.summary.get("solver", {})
    seconds, wall = solver.get("seconds", {}), solver.get("wall_s", 0.0)
    rows = sorted(
        ((_EVENTS.get(name, name), value) for name, value in seconds.items()),
        key=lambda row: -row[1],
    )
    total = max(wall, sum(value for _, value in rows))
    if rows:
        rows.append(("all else", total - sum(value for _, value in rows)))
    return [
        {"name": name, "seconds": value, "share": 100.0 * value / total if total else 0.0}
        for name, value in rows
    ]


def _end_facts(results: Results) -> list[words.EndRow]:
    """The table of the end state: what the terminal shows, and the extremes of the last step."""
    rows, history = words.end_rows(results.final), results.history
    for column, label, factor, unit in (
        ("bone_mass", "bone mass in the model", 1.0, "g"),
        ("strain_compression_min", "largest compressive strain", -1e6, "µε"),
        ("strain_tension_max", "largest tensile strain", 1e6, "µε"),
        ("stem_stress_max", "largest stress of the stem", 1.0, "MPa"),
        ("contact_pressure_max", "largest contact pressure", 1.0, "MPa"),
        ("support_force", "force of the support", 1.0, "N"),
        ("support_moment", "moment of the support", 1e-3, "N m"),
    ):
        if column in history:
            raw = history.last(column)
            rows.append(words.EndRow(label, f"{words.number(factor * raw)} {unit}", raw, ""))
    return [r for r in rows if math.isfinite(r.raw)]


def page(results: Results, gallery: Gallery) -> str:
    title = results.case.get("title") or results.summary.get("title") or "Osteon results"
    steps = results.steps
    return render(
        "report.html.j2",
        title=title,
        complete=results.complete,
        last_day=max((s.day for s in steps), default=math.nan),
        num_steps=len(steps),
        verdict=str(results.final.get("verdict") or ""),
        findings=words.findings(results),
        limb_facts=_limb_facts(results),
        end_facts=_end_facts(results),
        stages=curves.bands(results.history),
        zones=words.zone_rows(results),
        zone_colours=style.ZONE_COLOURS,
        mesh_facts=_mesh_facts(results),
        regions=_region_rows(results),
        gallery=gallery,
        courses=states.courses(results),
        state_list=states.STATES,
        decisions=words.decision_rows(results),
        delay=words.delay_sentence(results),
        falls=results.falls,
        fall_verdict=words.fall_verdict,
        fall_factor=words.factor_words,
        zone_words=words.zone_words,
        solver_facts=_solver_facts(results),
        time_rows=_time_rows(results),
        versions=_hash_lines(results.case_text("versions")),
        hashes=results.hashes,
        command=str(results.case.get("command") or ""),
        resolved=results.case_text("resolved"),
        written=results.case_text("input"),
        version=results.version,
        tools=TOOLS,
    )


def _hash_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def write_report(results: Results, path: Path, figures: Path | None = None) -> None:
    """Makes the page; an older one is replaced only by a whole new one."""
    write_whole(page(results, Painter(results, figures).gallery()), path)
