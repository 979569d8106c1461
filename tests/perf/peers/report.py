"""What scripts/bench makes of its rows: the check of the answers, tables, sentences."""
from __future__ import annotations

import math

from jobs import DEFAULT_LAW, Row

TOLERANCE = 1e-6  # of the tip displacement in the tied case

TIED = ("unknowns", "program", "cores", "mesh s", "create s", "assembly s", "set-up s", "solve s",
        "solution s", "x Osteon", "job s", "x Osteon", "CG", "memory MB", "tip displacement mm",
        "differs")
CONTACT = ("unknowns", "program", "k_n, k_t, slip", "cores", "press-fit s", "load s",
           "solution s", "job s", "CalculiX / this", "Newton", "Krylov", "memory MB",
           "tip displacement mm", "differs")


def best(rows: list[Row]) -> list[Row]:
    """Of the repeats of a job the quickest that came to its end, in the order of the jobs."""
    chosen: dict[tuple, Row] = {}
    for row in rows:
        key = (row.case, row.size, row.program, row.law, row.ranks)
        held = chosen.get(key)
        if not held or row.done and (not held.done or row.wall_s < held.wall_s):
            chosen[key] = row
    return list(chosen.values())


def difference(row: Row, other: Row) -> float:
    return math.dist(row.tip, other.tip) / math.hypot(*other.tip)


def disagreements(rows: list[Row]) -> list[str]:
    """Tied rows whose tip displacement is not that of the size's first one."""
    found, first = [], {}
    for row in rows:
        if row.case == "tied" and row.done:
            other = first.setdefault(row.size, row)
            if not difference(row, other) <= TOLERANCE:
                found.append(f"{row.size}: the tip displacement of {row.program} on {row.ranks} "
                             f"differs by {difference(row, other):.1e} from that of "
                             f"{other.program} on {other.ranks}, more than {TOLERANCE:g}")
    return found


def seconds(value: float) -> str:
    return "-" if value <= 0.0 else f"{value:.2f}" if value < 100.0 else f"{value:.0f}"


def ratio(above: float, below: float) -> str:
    return f"{above / below:.3g}" if above > 0.0 and below > 0.0 else ""


def count(value: float) -> str:
    return f"{value:.0f}" if value else "-"


def tip(row: Row) -> str:
    return ", ".join(f"{value:.7f}" for value in row.tip)


def left_out(row: Row, head: list[str], columns: int) -> list[str]:
    """The reason stands where the answer would."""
    return head + [""] * (columns - len(head) - 2) + [row.outcome, ""]


def tied_cells(row: Row, ours: Row | None, first: Row | None) -> list[str]:
    head = [f"{row.dof:,}".replace(",", " "), row.program, str(row.ranks)]
    if not row.done:
        return left_out(row, head, len(TIED))
    other = ours if ours and ours is not row else None
    return head + [
        *(seconds(s) for s in (row.mesh_s, row.create_s, row.assembly_s, row.setup_s, row.solve_s,
                               row.total_s)),
        ratio(row.total_s, other.total_s) if other else "", seconds(row.wall_s),
        ratio(row.wall_s, other.wall_s) if other else "", count(row.iterations),
        count(row.memory_mb), tip(row),
        f"{difference(row, first):.0e}" if first and first is not row else ""]


def contact_cells(row: Row, calculix: Row | None) -> list[str]:
    head = [f"{row.dof:,}".replace(",", " "), row.program, row.law, str(row.ranks)]
    if not row.done:
        return left_out(row, head, len(CONTACT))
    other = calculix if calculix and calculix.done and calculix is not row else None
    return head + [seconds(row.fit_s), seconds(row.load_s), seconds(row.total_s),
                   seconds(row.wall_s), ratio(other.wall_s, row.wall_s) if other else "",
                   count(row.newton), count(row.iterations), count(row.memory_mb), tip(row),
                   f"{difference(row, other):.1e}" if other else ""]


def markdown(head: tuple[str, ...], rows: list[list[str]], left: tuple[int, ...]) -> str:
    """A table that is aligned as plain text too; `left` are the columns of words."""
    widths = [max(len(line[k]) for line in [head, *rows]) for k in range(len(head))]

    def line(cells) -> str:
        return "| " + " | ".join(c.ljust(w) if k in left else c.rjust(w)
                                 for k, (c, w) in enumerate(zip(cells, widths))) + " |\n"

    rule = "|" + "|".join(":" + "-" * (w + 1) if k in left else "-" * (w + 1) + ":"
                          for k, w in enumerate(widths)) + "|\n"
    return line(head) + rule + "".join(line(row) for row in rows)


def tied_table(rows: list[Row]) -> str:
    rows = [row for row in rows if row.case == "tied"]
    ours = {(r.size, r.ranks): r for r in rows if r.program == "Osteon" and r.done}
    first: dict[str, Row] = {}
    for row in rows:
        if row.done:
            first.setdefault(row.size, row)
    return markdown(TIED, [tied_cells(row, ours.get((row.size, row.ranks)), first.get(row.size))
                           for row in rows], left=(1,))


def contact_table(rows: list[Row]) -> str:
    rows = [row for row in rows if row.case == "contact"]
    calculix = next((row for row in rows if row.program == "CalculiX"), None)
    return markdown(CONTACT, [contact_cells(row, calculix) for row in rows], left=(1, 2))


def span(values: list[float]) -> str:
    least, most = f"{min(values):.2g}", f"{max(values):.2g}"
    return least if least == most else f"{least} to {most}"


def sentences(rows: list[Row]) -> list[str]:
    """The ratios in words."""
    ours = {(r.case, r.size, r.ranks): r for r in rows
            if r.program == "Osteon" and r.done and r.law in ("", DEFAULT_LAW)}
    text = []
    for program, case, measure, what in (
            ("FEniCSx", "tied", "total_s", "for the solution of the tied case on as many cores"),
            ("FEniCSx", "tied", "wall_s", "for the whole job, its imports included"),
            ("CalculiX", "tied", "wall_s", "for the whole tied job"),
            ("CalculiX", "contact", "wall_s",
             "for the whole contact job, Osteon with its default interface")):
        ratios = [getattr(r, measure) / getattr(ours[key], measure) for r in rows
                  if r.program == program and r.done and r.case == case
                  and (key := (case, r.size, r.ranks)) in ours]
        if ratios:
            text.append(f"{program} takes {span(ratios)} times as long as Osteon {what}.")
    return text


def page(rows: list[Row]) -> str:
    """The whole report, to be read as it stands and as markdown."""
    rows = best(rows)
    first = rows[0]
    versions = {row.program: row.version for row in rows if row.version}
    text = (f"# Osteon beside CalculiX and FEniCSx\n\nMade by `scripts/bench` on {first.date}: "
            f"{first.machine}, {first.cores} cores.\nLoad average before the run {first.load:.2f}, "
            f"other processes kept up to {max(r.others for r in rows):.1f} cores busy meanwhile.\n"
            + ", ".join(f"{name} {version}" for name, version in versions.items()) + ".\n\n")
    text += "".join(f"- {line}\n" for line in sentences(rows)) + "\n"
    if any(row.case == "tied" for row in rows):
        text += (
            "## Tied: one linear solve\n\nA titanium stem that shares its nodes with a hollow bone "
            "(straight 10-node tetrahedra), the same\nmesh for all. Osteon and FEniCSx (CG and "
            "GAMG with rigid-body modes) to 1e-8 of the residual, from cold;\nCalculiX by SPOOLES. "
            "`solution` is create, assembly, set-up and solve for Osteon, and without create "
            "for\nFEniCSx; `job` the whole process. `differs`: tip displacement from the first "
            "row's, relative.\n\n" + tied_table(rows) + "\n")
    if any(row.case == "contact" for row in rows):
        text += (
            "## Contact: press-fit, then load\n\nFriction 0.4, 10 um of radial interference, "
            "curved elements. k_n: normal contact\nstiffness, k_t: that of sticking [N/mm3]; slip: "
            "the way over which friction grows, if longer than k_t\nmakes it. Osteon seats the "
            "stem with hardly any friction, CalculiX with all of it: the answers are\n"
            "close, not the same. Osteon is stopped when it takes as long as CalculiX did.\n\n"
            + contact_table(rows) + "\n")
    return text
