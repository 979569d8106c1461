"""The table a run ends with on a terminal."""
from __future__ import annotations

import math
import textwrap

from . import words
from .reader import Results

WIDTH = 84


def _rule(title: str = "") -> str:
    return f"── {title} ".ljust(WIDTH, "─") if title else "─" * WIDTH


def _pairs(rows: list[tuple[str, str, str]]) -> list[str]:
    """Name, value and remark in columns."""
    return [f"  {name:<38}{value:>12}  {remark}".rstrip() for name, value, remark in rows]


def summary_table(results: Results) -> str:
    final, lines = results.final, [_rule("OSTEON")]
    title = results.case.get("title") or results.summary.get("title") or results.directory.name
    lines.append(f"  {title}")
    lines.append("  " + ", ".join(str(v) for v in (results.case.get("patient"), f"{results.side} {results.case.get('bone', '')}".strip(),
                                                   results.case.get("implant")) if v))
    if not results.complete:
        lines.append("  INCOMPLETE: the run did not reach its end; the numbers are of the last saved step")
    lines.append(_rule(f"stem and bone on day {words.number(final.get('day'))}"))
    lines += _pairs([
        ("bonded area", words.percent(final.get("bonded_area_fraction")), "of the stem's surface in bone"),
        ("bond strength, mean", words.percent(final.get("strength_mean")), "of a fully grown bond"),
        ("micromotion, 95 % of the area below", words.number(final.get("micromotion_p95_um")) + " µm", "in a load cycle"),
        ("area that moves more than 40 µm", words.percent(final.get("area_over_40um")), "bond grows poorly"),
        ("area that moves more than 150 µm", words.percent(final.get("area_over_150um")), "fibrous tissue instead of bone")])
    lines.append(_rule("by zone of the stem"))
    lines.append(f"  {'zone':<32}{'density change':>15}{'bond':>9}{'strength':>11}{'micromotion':>15}")
    for z in words.zone_rows(results):
        motion = words.number(z.micromotion_um) + " µm" if math.isfinite(z.micromotion_um) else words.NONE
        lines.append(f"  {z.number} {z.name:<30}{words.percent(z.density_change, True):>15}{words.percent(z.bond):>9}"
                     f"{words.percent(z.strength):>11}{motion:>15}")
    lines.append(_rule("falls: load factor at which the bone breaks, above 1 it holds"))
    if results.falls:
        lines.append(f"  {'fall':<16}{'day':>6}{'factor':>8}  {'verdict':<13}{'stem yields at':>15}  worst place")
        for fall in results.falls:
            v = fall.values
            lines.append(f"  {str(v.get('name', fall.key))[:15]:<16}{words.number(v.get('day')):>6}{words.number(fall.factor):>8}  "
                         f"{words.fall_verdict(fall.factor):<13}{words.number(v.get('stem_yield_factor')):>15}  "
                         f"{v.get('mode', '')}, zone {words.number(v.get('zone'))}")
    else:
        lines.append("  none computed")
    verdict = str(final.get("verdict") or "")
    if verdict:
        lines += [_rule("verdict"), *(f"  {line}" for line in textwrap.wrap(verdict, WIDTH - 4))]
    lines.append(_rule())
    return "\n".join(lines)

