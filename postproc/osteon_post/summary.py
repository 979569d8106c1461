"""The table a run ends with on a terminal."""
from __future__ import annotations

import textwrap

from . import words
from .reader import Results

WIDTH = 84
_END = (38, -12, 0)
_ZONE = (32, -15, -9, -11, -15)
_FALL = (16, -6, -8, 2, 13, -15, 2, 0)


def _rule(title: str = "") -> str:
    return f"── {title} ".ljust(WIDTH, "─") if title else "─" * WIDTH


def _row(cells: tuple[str, ...], widths: tuple[int, ...]) -> str:
    """Cells side by side; a positive width stands left, a negative one right."""
    text = (f"{c:<{w}}" if w >= 0 else f"{c:>{-w}}" for c, w in zip(cells, widths))
    return ("  " + "".join(text)).rstrip()


def _zones(results: Results) -> list[str]:
    lines = [_row(("zone", "density change", "bond", "strength", "micromotion"), _ZONE)]
    for z in words.zone_rows(results):
        motion = words.number(z.micromotion_um)
        cells = (
            f"{z.number} {z.name}",
            words.percent(z.density_change, True),
            words.percent(z.bond),
            words.percent(z.strength),
            f"{motion} µm" if motion != words.NONE else motion,
        )
        lines.append(_row(cells, _ZONE))
    return lines


def _falls(results: Results) -> list[str]:
    if not results.falls:
        return ["  none computed"]
    lines = [
        _row(("fall", "day", "factor", "", "bone", "stem yields at", "", "worst place"), _FALL)
    ]
    for fall in results.falls:
        v = fall.values
        cells = (
            fall.name[:15],
            words.number(v.get("day")),
            words.factor_words(fall),
            "",
            words.fall_verdict(fall),
            words.number(v.get("stem_yield_factor")),
            "",
            f"{v.get('mode', '')}, {words.zone_words(v.get('zone')).split(' the')[0]}",
        )
        lines.append(_row(cells, _FALL))
    return lines


def summary_table(results: Results) -> str:
    final, case = results.final, results.case
    limb = f"{results.side} {case.get('bone', '')}".strip()
    lines = [
        _rule("OSTEON"),
        f"  {case.get('title') or results.summary.get('title') or results.directory.name}",
        "  " + ", ".join(str(v) for v in (case.get("patient"), limb, case.get("implant")) if v),
    ]
    if not results.complete:
        lines.append("  INCOMPLETE: the run did not reach its end; numbers are of its last step")
    lines.append(_rule(f"stem and bone on day {words.number(final.get('day'))}"))
    lines += [_row((r.name, r.text, f"  {r.remark}"), _END) for r in words.end_rows(final)]
    lines += [_rule("by zone of the stem"), *_zones(results)]
    lines += [_rule("falls: load factor at which the bone breaks, above 1 it holds")]
    lines += _falls(results)
    verdict = str(final.get("verdict") or "")
    if verdict:
        lines += [_rule("verdict"), *(f"  {line}" for line in textwrap.wrap(verdict, WIDTH - 4))]
    return "\n".join([*lines, _rule()])
