#!/usr/bin/env python3
"""Tests of postproc/: the page, the table and the pictures of a synthetic results directory."""
from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "postproc"), str(HERE)]

import make_synthetic  # noqa: E402
from osteon_post import (  # noqa: E402
    curves,
    geometry,
    maps,
    pictures,
    sections,
    states,
    style,
    words,
)
from osteon_post.reader import Fall, Results, Transitions  # noqa: E402


def run(tool: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "postproc" / tool), *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


class Page(HTMLParser):
    """What the tests ask of a page: sections, links, images, the numbers behind the table cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.values: list[float] = []
        self.rows: dict[str, list[float]] = {}
        self.open: list[str] = []
        self._row = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)
        if "id" in a:
            self.ids.add(a["id"])
        self.links += [a[k] for k in ("src", "href") if k in a]
        if tag == "tr":
            self._row = a.get("data-fall") or (f"zone {a['data-zone']}" if "data-zone" in a else "")
        if "data-value" in a:
            self.values.append(float(a["data-value"]))
            self.rows.setdefault(self._row, []).append(float(a["data-value"]))

    def handle_endtag(self, tag: str) -> None:
        assert (
            self.open and self.open[-1] == tag
        ), f"</{tag}> closes <{self.open[-1] if self.open else ''}>"
        self.open.pop()


class Fixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls._temporary = tempfile.TemporaryDirectory()
        cls.top = Path(cls._temporary.name)
        cls.dir = cls.top / "right"
        cls.summary = make_synthetic.write(cls.dir, cells=6000, step_days=90.0)

    @classmethod
    def tearDownClass(cls) -> None:
        cls._temporary.cleanup()

    def variant(self, name: str, **how: object) -> Path:
        make_synthetic.write(self.top / name, cells=1500, months=6.0, step_days=90.0, **how)
        return self.top / name


class ReportPage(Fixture):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.done = run("report", cls.dir, "--figures", cls.top / "figures")
        cls.text = (
            (cls.dir / "report.html").read_text(encoding="utf-8")
            if cls.done.returncode == 0
            else ""
        )
        cls.page = Page(cls.text)

    def test_is_made_and_named(self) -> None:
        self.assertEqual(self.done.returncode, 0, self.done.stderr)
        self.assertEqual(self.done.stdout.strip(), str(self.dir / "report.html"))
        self.assertEqual(list(self.dir.glob("*.part")), [])

    def test_holds_every_section_and_picture(self) -> None:
        wanted = {
            "verdict",
            "end",
            "limb",
            "density",
            "strain",
            "interface",
            "states",
            "time",
            "falls",
            "mesh",
            "solver",
            "provenance",
        }
        wanted |= {
            f"figure-{n}"
            for n in (
                "density",
                "strain",
                "interface",
                "states",
                "curves",
                "mesh-quality",
                "solver",
                "fall-forward_day0200",
            )
        }
        self.assertEqual(wanted - self.page.ids, set())

    def test_is_self_contained(self) -> None:
        self.assertTrue(
            all(link.startswith(("data:image/", "#")) for link in self.page.links),
            [l[:60] for l in self.page.links],
        )
        self.assertNotIn("<script", self.text)
        self.assertNotRegex(re.sub(r"data:image/[^\"]*", "", self.text), r"https?://|@import|url\(")
        self.assertTrue(
            all(link[1:] in self.page.ids for link in self.page.links if link.startswith("#"))
        )

    def test_is_small_and_well_formed(self) -> None:
        self.assertLess(len(self.text), 6e6)
        self.assertEqual(self.page.open, [])

    def test_tables_repeat_the_summary(self) -> None:
        final, mesh, solver = (self.summary[k] for k in ("final", "mesh", "solver"))
        for source, keys in (
            (
                final,
                (
                    "bonded_area_fraction",
                    "strength_mean",
                    "micromotion_p95_um",
                    "area_over_40um",
                    "area_over_150um",
                ),
            ),
            (mesh, mesh.keys()),
            (solver, [key for key in solver if key != "seconds"]),
            (solver["seconds"], solver["seconds"].keys()),
        ):
            for key in keys:
                self.assertIn(source[key], self.page.values, key)
        for zone in range(1, 8):
            self.assertEqual(
                self.page.rows[f"zone {zone}"],
                [final["density_change_zone"][zone - 1], final["bond_zone"][zone - 1]],
            )
        for fall in self.summary["falls"]:
            self.assertEqual(
                self.page.rows[f"{fall['name']}_day{fall['day']:04.0f}"], [fall["factor"]]
            )

    def test_tells_what_the_rules_did(self) -> None:
        self.assertEqual(len(self.summary["decisions"]), 2)
        for decision in self.summary["decisions"]:
            self.assertIn(decision["day"], self.page.values)
            self.assertIn(decision["protocol_day"], self.page.values)
            self.assertIn(decision["rule"].replace(">", "&gt;"), self.text)
            self.assertIn(words.number(1000 * decision["value"]) + " µm", self.text)
        self.assertIn("On day 730 the protocol stands on its day 716: 14 days behind", self.text)
        self.assertEqual(
            {d["did"] for d in self.summary["decisions"]} - set(words._DID), set()
        )

    def test_shows_rounded_numbers_with_units(self) -> None:
        final = self.summary["final"]
        self.assertIn(words.percent(final["bonded_area_fraction"]), self.text)
        self.assertIn(words.number(final["micromotion_p95_um"]) + " µm", self.text)
        self.assertIn(final["verdict"], self.text)
        self.assertIn("morgan-femoral-neck, known from 0.260 to 0.750 g/cm³; extrapolated on "
                      "62.5\u202f% of", self.text)

    def test_escapes_what_users_wrote(self) -> None:
        self.assertIn("Synthetic limb &lt;right&gt;", self.text)
        self.assertNotIn("limb <right>", self.text)

    def test_tells_where_it_came_from(self) -> None:
        for words_ in (
            "0f" * 32,
            "case.yaml",
            "PETSc 3.18.5",
            "osteon run case.yaml -o out",
            "until: 730 day",
        ):
            self.assertIn(words_, self.text)

    def test_complete_run_is_not_marked(self) -> None:
        self.assertNotIn("INCOMPLETE", self.text)

    def test_saves_pictures_as_png(self) -> None:
        for name in ("density", "strain", "fit", "interface", "curves", "fall-forward_day0200"):
            self.assertTrue(
                (self.top / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG"), name
            )

    def test_same_results_give_the_same_page(self) -> None:
        run("report", self.dir, "-o", self.top / "again.html")
        self.assertEqual((self.top / "again.html").read_text(encoding="utf-8"), self.text)


class Pictures(Fixture):
    """Axes carry names and units, sides are right, colours mean the same in one row."""

    def setUp(self) -> None:
        self.results = Results(self.dir)
        self.addCleanup(self.results.__exit__)
        self.addCleanup(style.plt.close, "all")

    def labels(self, figure) -> str:
        return "\n".join(t.get_text() for t in figure.findobj(style.matplotlib.text.Text))

    def test_sections_have_units_and_directions(self) -> None:
        painter = pictures.Painter(self.results, None)
        columns, before, after = painter.density_columns()
        text = self.labels(
            sections.columns_figure(painter.cutter, columns, self.results.interface, 2)
        )
        self.assertEqual((before.day, after.day), (0.0, 730.0))
        for word in (
            "x (mm)",
            "y (mm)",
            "z (mm)",
            "g/cm³",
            "anterior",
            "posterior",
            "medial",
            "lateral",
            "frontal",
            "sagittal",
        ):
            self.assertIn(word, text)
        self.assertIs(columns[0].scale, columns[1].scale)
        np.testing.assert_allclose(columns[2].values, columns[1].values - columns[0].values)

    def test_every_section_has_equal_aspect(self) -> None:
        painter = pictures.Painter(self.results, None)
        figure = sections.columns_figure(painter.cutter, painter.density_columns()[0], None, None)
        drawn = [a for a in figure.axes if a.get_title()]
        self.assertEqual(len(drawn), 15)
        for axes in drawn:
            box = axes.get_position()
            across = box.width * figure.get_figwidth() / np.ptp(axes.get_xlim())
            upward = box.height * figure.get_figheight() / np.ptp(axes.get_ylim())
            self.assertAlmostEqual(across / upward, 1.0, places=6)

    def test_the_fit_shows_gap_and_kinds_of_surface(self) -> None:
        interface = self.results.interface
        figure = maps.fit_figure(maps.Unrolled(interface, "right"), "right")
        text = self.labels(figure)
        for word in ("depth z (mm)", "gap (µm)", "anterior", "coated", "neck"):
            self.assertIn(word, text)
        self.assertNotIn("smooth", text)  # no face has it
        self.assertTrue(-0.031 < interface.initial_gap.min() < interface.initial_gap.max() < -0.019)
        bare = dataclasses.replace(interface, initial_gap=None)
        self.assertIsNone(maps.fit_figure(maps.Unrolled(bare, "right"), "right"))

    def test_maps_share_a_scale_and_name_the_angles(self) -> None:
        unrolled = maps.Unrolled(self.results.interface, "right")
        steps = pictures.Painter(self.results, None).map_steps()
        figure = maps.maps_figure(self.results, unrolled, steps)
        text = self.labels(figure)
        for word in (
            "depth z (mm)",
            "bonded fraction (%)",
            "micromotion (µm)",
            "anterior",
            "medial",
            "posterior",
            "lateral",
            "day 730",
        ):
            self.assertIn(word, text)
        norms = {
            id(c.norm) for a in figure.axes[len(steps) : 2 * len(steps)] for c in a.collections
        }
        self.assertEqual(len(norms), 1)

    def test_maps_know_the_zone_borders(self) -> None:
        borders = maps.Unrolled(self.results.interface, "right").borders()
        for half in (0.0, 180.0):
            depths = sorted(z for (a0, _), z in borders if a0 == half)
            np.testing.assert_allclose(depths, [40, 80, 120], atol=8)

    def test_curves_have_units_and_limits(self) -> None:
        text = self.labels(curves.curves_figure(self.results.history))
        for word in (
            "(N)",
            "micromotion (µm)",
            "150 µm",
            "40 µm",
            "30 µm",
            "days since",
            "bone density change (%)",
            "two crutches",
        ):
            self.assertIn(word, text)

    def test_stages_are_found_in_the_history(self) -> None:
        found = curves.bands(self.results.history)
        self.assertEqual([b.name for b in found], [s[0] for s in make_synthetic.STAGES])
        self.assertEqual([b.start for b in found], [s[1] for s in make_synthetic.STAGES])
        self.assertEqual(
            [b.stop for b in found], [s[1] for s in make_synthetic.STAGES[1:]] + [730.0]
        )
        self.assertEqual(found[-1].load_peak, make_synthetic.STAGES[-1][2])

    def test_end_of_the_coating_is_drawn_only_where_a_smooth_part_follows(self) -> None:
        interface = self.results.interface
        depth = interface.depth.mean(axis=1)
        of = lambda coated: maps.Unrolled(  # noqa: E731
            replace(interface, coated=coated.astype(int)), "right"
        ).coating_end()
        self.assertAlmostEqual(of(depth < 100), 100.0, delta=5.0)
        self.assertIsNone(of(depth > depth.min() + 1.0))  # a smooth collar, coated from there on
        self.assertIsNone(of(depth > -1.0))
        both = (depth > depth.min() + 1.0) & (depth < 100)
        self.assertAlmostEqual(of(both), of(depth < 100))

    def test_fall_picture_marks_the_place(self) -> None:
        cutter, fall = sections.Cutter(self.results), self.results.worst_falls[0]
        figure = sections.fall_figure(
            cutter, fall, self.results.fall_values(fall, "cell/risk").data, "risk"
        )
        rings = [line.get_xydata()[0] for line in figure.axes[0].lines]
        np.testing.assert_allclose(rings[-1], fall.place[[1, 2]])

    def test_sides_are_mirrored(self) -> None:
        self.assertEqual(
            style.angle_names("right"), ["anterior", "medial", "posterior", "lateral", "anterior"]
        )
        self.assertEqual(
            style.angle_names("left"), ["anterior", "lateral", "posterior", "medial", "anterior"]
        )
        self.assertEqual(style.y_names("left"), ("medial", "lateral"))

    def test_left_limb_has_its_first_zone_lateral(self) -> None:
        with Results(self.variant("left", side="left")) as left:
            interface = left.interface
            y = interface.corners[interface.zone == 1][..., 1].mean()
            self.assertGreater(y, 0.0)
            self.assertEqual(style.y_names(left.side)[1], "lateral")

    def test_readme_picture_is_written(self) -> None:
        target = self.top / "wide.png"
        self.assertEqual(run("report", self.dir, "--readme-picture", target).returncode, 0)
        height, width = style.plt.imread(target).shape[:2]
        self.assertGreater(width, 2 * height)


class States(Fixture):
    """Area by state and events agree with the log, the history and the fields."""

    def setUp(self) -> None:
        self.results = Results(self.dir)
        self.addCleanup(self.results.__exit__)
        self.addCleanup(style.plt.close, "all")
        self.faces = np.ones(len(self.results.interface.zone), dtype=bool)

    def told(self, *entries: tuple[float, int, int, str, str, str]) -> list[str]:
        """Sentences on a log of these entries: day, face, point, from, to, cause."""
        log = self.results.transitions
        day, face, point, before, after, cause = zip(*entries)
        order = np.argsort(day, kind="stable")
        self.results.__dict__["transitions"] = Transitions(
            np.array(day)[order],
            np.array(face)[order],
            np.array(point)[order],
            np.array([log.states.index(s) for s in before])[order],
            np.array([log.states.index(s) for s in after])[order],
            np.array([log.causes.index(c) for c in cause])[order],
            log.states,
            log.causes,
            np.full_like(log.start, log.states.index(before[0])),
        )
        found = states.events(self.results, self.faces)
        return [f"{e.days}: {e.sentence}".replace("\u202f", " ") for e in found]

    def test_log_leads_from_the_history_s_first_row_to_every_other(self) -> None:
        history, log = self.results.history, self.results.transitions
        shares = states.shares_over(log, self.results.interface.area, self.faces, history.days)
        np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-12)
        for k, name in enumerate(log.states):
            np.testing.assert_allclose(shares[k], history[f"area_{name}"], atol=1e-12)

    def test_log_ends_in_the_last_field(self) -> None:
        log = self.results.transitions
        state = log.start.copy()
        for face, point, before, after in zip(log.face, log.point, log.before, log.after):
            self.assertEqual(state[face, point], before)
            state[face, point] = after
        last = self.results.step_field(self.results.steps[-1], "interface_point/state")
        np.testing.assert_array_equal(state.ravel(), last)

    def test_events_tell_days_share_and_place(self) -> None:
        found = {e.kind: e for e in states.events(self.results, self.faces)}
        broke = found["broke_shear"]
        self.assertEqual((broke.start, broke.stop), (390.0, 390.0))
        self.assertEqual(broke.zones, (6, 7))
        self.assertEqual(broke.place, "zones 6, 7")
        self.assertEqual(found["healed"].share, broke.share)
        area, log = self.results.interface.area, self.results.transitions
        entries = log.cause == log.causes.index("broke_shear")
        self.assertAlmostEqual(
            broke.share, area[log.face[entries], log.point[entries]].sum() / area.sum()
        )

    def test_one_kind_at_one_time_is_one_event(self) -> None:
        grow = lambda day, *faces: [  # noqa: E731
            (day, face, q, "stick", "bonded", "grew") for face in faces for q in range(6)
        ]
        area = self.results.interface.area.sum(axis=1)
        of = lambda *faces: states.rough(area[list(faces)].sum() / area.sum())  # noqa: E731
        found = self.told(*grow(10.0, 0, 1), *grow(20.0, 2), *grow(200.0, 3, 4))
        wanted = [
            f"day 10–20: {of(0, 1, 2)} began to bond",
            f"day 200: {of(3, 4)} began to bond",
        ]
        self.assertEqual(found, [w.replace("\u202f", " ") for w in wanted])

    def test_a_point_that_flickers_counts_once(self) -> None:
        flicker = [
            (10.0 + k, face, q, *pair)
            for k in range(20)
            for face in range(12)
            for q in range(6)
            for pair in [(("stick", "slip", "slid"), ("slip", "stick", "held"))[k % 2]]
        ]
        slid = [(30.0, f, q, "stick", "slip", "slid") for f in range(12, 24) for q in range(6)]
        lost = [(31.0, f, q, "stick", "open", "lifted") for f in range(24, 36) for q in range(6)]
        found = self.told(*flicker, *slid, *lost)
        self.assertEqual(len(found), 3)
        for text in ("to and fro", "began to slide", "lifted off"):
            self.assertEqual(sum(text in f for f in found), 1, found)

    def test_small_things_and_quiet_parts_are_left_out(self) -> None:
        slid = [(10.0, f, q, "stick", "slip", "slid") for f in range(4) for q in range(6)]
        self.assertEqual(self.told((9.0, 0, 3, "stick", "bonded", "grew"), *slid), [])
        self.assertEqual(states.losses(self.results), [])

    def test_bars_are_full_and_name_what_is_most(self) -> None:
        rows = states.courses(self.results)
        self.assertEqual([r.zone for r in rows], [0, 0, 1, 2, 3, 4, 5, 6, 7])
        for row in rows:
            for bar in (row.start, row.end):
                self.assertAlmostEqual(sum(p[1] for p in bar.pieces), 100.0, places=9)
        self.assertIn("held by friction", rows[0].start.words)
        self.assertIn("bond grown", rows[0].end.words)

    def test_losses_are_among_the_findings(self) -> None:
        text = " ".join(words.findings(self.results)).replace("\u202f", " ")
        self.assertRegex(text, r"Day 390: \d % of the surface broke loose in shear, zones 6, 7\.")

    def test_every_state_and_cause_of_the_solver_has_words(self) -> None:
        log = self.results.transitions
        self.assertEqual(set(log.states), {s.name for s in states.STATES})
        self.assertEqual(set(log.causes), set(states.EVENTS) - {"to and fro"})

    def test_files_without_a_log_are_reported_all_the_same(self) -> None:
        target = self.variant("no_log")
        with h5py.File(target / "results.h5", "r+") as file:
            del file["transitions"]
        self.assertEqual(run("report", target).returncode, 0)
        text = (target / "report.html").read_text(encoding="utf-8")
        self.assertIn('id="figure-states"', text)
        with h5py.File(target / "results.h5", "r+") as file:
            for column in [c for c in file["history"] if c.startswith("area_")]:
                del file["history"][column]
        self.assertEqual(run("report", target).returncode, 0)
        self.assertIn(
            "no states of the interface", (target / "report.html").read_text(encoding="utf-8")
        )


class Geometry(Fixture):
    def test_cut_of_a_cube_has_its_area(self) -> None:
        corners = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=float)
        tets = np.array(
            [[0, 1, 3, 7], [0, 1, 7, 5], [0, 5, 7, 4], [0, 3, 2, 7], [0, 6, 7, 2], [0, 4, 7, 6]]
        )
        plane = geometry.Plane(np.array([0, 0, 0.3]), np.eye(3)[0], np.eye(3)[1])
        section = geometry.cut(corners, tets, np.zeros(6, dtype=int), plane)
        self.assertAlmostEqual(sum(abs(_area(p)) for p in section.polygons), 1.0, places=12)
        lengths = np.linalg.norm(section.outlines[:, 1] - section.outlines[:, 0], axis=1)
        self.assertAlmostEqual(lengths.sum(), 4.0, places=12)

    def test_cut_through_nodes_loses_nothing(self) -> None:
        with Results(self.dir) as results:
            cutter = sections.Cutter(results)
            area = [
                sum(abs(_area(p)) for p in cutter.section(sections.transverse(z)).polygons)
                for z in (40.0, 40.0 + 1e-7)
            ]
            self.assertAlmostEqual(area[0] / area[1], 1.0, places=5)

    def test_sections_fill_the_volume(self) -> None:
        """The integral of the transverse areas over z is the volume of the mesh (Cavalieri)."""
        with Results(self.dir) as results:
            cutter = sections.Cutter(results)
            z = np.linspace(results.mesh.nodes[:, 2].min(), results.mesh.nodes[:, 2].max(), 161)
            middle = 0.5 * (z[1:] + z[:-1])
            areas = [
                sum(abs(_area(p)) for p in cutter.section(sections.transverse(m)).polygons)
                for m in middle
            ]
            self.assertAlmostEqual(
                float(np.dot(areas, np.diff(z))) / results.mesh.volume.sum(), 1.0, places=2
            )

    def test_unrolled_side_has_its_area(self) -> None:
        with Results(self.dir) as results:
            corners = results.interface.corners
            side = corners[
                np.hypot(corners[..., 0], corners[..., 1]).min(axis=1)
                > make_synthetic.STEM_RADIUS - 1e-6
            ]
            polygons, faces = geometry.unroll(side)
            inside = [np.clip(p, [0, -np.inf], [360, np.inf]) for p in polygons]
            self.assertTrue(all(p[:, 0].max() - p[:, 0].min() < 90 for p in inside))
            span = side[..., 2].max() - side[..., 2].min()
            whole = sum(abs(_area(p)) for p, f in zip(polygons, faces) if p[:, 0].min() >= -1e-9)
            self.assertAlmostEqual(whole / (360.0 * span), 1.0, delta=0.05)

    def test_cap_faces_reach_all_angles(self) -> None:
        pole, ring = np.array([0.0, 0.0, 5.0]), [
            np.array([np.cos(a), np.sin(a), 4.0]) for a in np.radians([0, 90, 180, 270])
        ]
        faces = np.array([[pole, ring[i], ring[(i + 1) % 4]] for i in range(4)])
        polygons, _ = geometry.unroll(faces)
        inside = [np.clip(p, [0.0, 0.0], [360.0, 9.0]) for p in polygons]
        self.assertAlmostEqual(sum(abs(_area(p)) for p in inside), 360.0 * 1.0, places=9)


def _area(p: np.ndarray) -> float:
    x, y = p.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


class Terminal(Fixture):
    def test_table_repeats_the_summary(self) -> None:
        done = run("summary", self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        final = self.summary["final"]
        for text in (
            words.percent(final["bonded_area_fraction"]),
            words.number(final["micromotion_p95_um"]) + " µm",
            "bone breaks",
            "verdict",
            *(words.percent(v, True) for v in final["density_change_zone"]),
            *(words.number(f["factor"]) for f in self.summary["falls"]),
        ):
            self.assertIn(text, done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 84)

    def test_numbers_are_rounded_not_cut(self) -> None:
        self.assertEqual(
            [words.number(v) for v in (0.0126, 1.999, 12345.6, 3, None, float("nan"), -0.5)],
            ["0.0126", "2.00", "12\u202f346", "3", "–", "–", "\u22120.500"],
        )
        self.assertEqual(
            [words.percent(v, True) for v in (0.1234, -0.1234, 0.00001)],
            ["+12.3\u202f%", "\u221212.3\u202f%", "0.0\u202f%"],
        )


class Sentences(unittest.TestCase):
    """What is said of falls and of rest."""

    def fall(self, **values: object) -> Fall:
        known = {"name": "trip", "day": 40, "factor": 1.4, "mode": "tension", "zone": 4}
        return Fall("trip_day0040", {**known, "stem_yield_factor": 3.0, **values})

    def test_which_goes_first(self) -> None:
        self.assertNotIn("stem", words.fall_sentence(self.fall()))
        self.assertIn(
            "the stem yields first, at 1.20 times this fall's load",
            words.fall_sentence(self.fall(stem_yield_factor=1.2)),
        )
        self.assertIn(
            "first, at 80.0\u202f% of this fall's load",
            words.fall_sentence(self.fall(factor=0.9, stem_yield_factor=0.8)),
        )
        self.assertNotIn("stem", words.fall_sentence(self.fall(stem_yield_factor=float("nan"))))

    def test_bound_is_no_break(self) -> None:
        capped = self.fall(factor=10.0, at_least=True, stem_yield_factor=20.0)
        self.assertEqual(words.factor_words(capped), "≥\u202f10")
        self.assertEqual(words.fall_verdict(capped), "bone holds")
        self.assertIn("holds at 10 times this fall's load", words.fall_sentence(capped))
        self.assertNotIn("before it breaks", words.fall_sentence(capped))
        unsure = self.fall(factor=0.5, converged=0)
        self.assertEqual(words.factor_words(unsure), "≥\u202f0.500")
        self.assertEqual(words.fall_verdict(unsure), "not known")

    def test_interface_may_give_way_before_the_bone(self) -> None:
        loose = self.fall(factor=0.3, reached=0)
        self.assertEqual(words.fall_verdict(loose), "stem slips")
        self.assertIn("beyond which the interface gives way", words.fall_sentence(loose))

    def test_no_zone_has_no_number(self) -> None:
        said = words.fall_sentence(self.fall(zone=0))
        self.assertIn("outside the zones", said)
        self.assertNotIn("zone 0", said)

    def test_rest_is_called_rest(self) -> None:
        final = {"micromotion_p95_um": 0.0}
        self.assertIn("at rest", " ".join(r.remark for r in words.end_rows(final)))
        final["micromotion_p95_um"] = 0.01
        self.assertNotIn("at rest", " ".join(r.remark for r in words.end_rows(final)))


class Rules(Fixture):
    """What is said of a protocol that may wait, and of one that may not."""

    def said(self, name: str, change: dict[str, object], rules: bool) -> str:
        target = self.variant(name)
        data = json.loads((target / "summary.json").read_text(encoding="utf-8")) | change
        (target / "summary.json").write_text(json.dumps(data), encoding="utf-8")
        with h5py.File(target / "results.h5", "r+") as file:
            if not rules:
                text = file["case/resolved"][()].decode().replace("#   rules:", "#   words:")
                del file["case/resolved"]
                file["case"].create_dataset("resolved", data=text, dtype=h5py.string_dtype())
        self.assertEqual(run("report", target).returncode, 0)
        return (target / "report.html").read_text(encoding="utf-8")

    def test_rules_that_never_acted(self) -> None:
        self.assertIn("never held the protocol up", self.said("idle", {"decisions": []}, True))

    def test_no_rules_no_words(self) -> None:
        self.assertNotIn("What the rules did", self.said("free", {"decisions": []}, False))

    def test_every_decision_of_the_solver_has_words(self) -> None:
        source = (ROOT / "solver" / "loads" / "clock.c").read_text(encoding="utf-8")
        names = re.search(r"ost_decision_names\[.*?\] = \{(.*?)\}", source, re.DOTALL).group(1)
        self.assertEqual(set(re.findall(r'"(.*?)"', names)), set(words._DID))


class Refusals(Fixture):
    def refused(self, directory: Path, *expected: str) -> None:
        for tool in ("report", "summary"):
            done = run(tool, directory)
            self.assertEqual(done.returncode, 2, done.stderr)
            for text in expected:
                self.assertIn(text, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
        self.assertFalse((directory / "report.html").exists())

    def test_wrong_version(self) -> None:
        self.refused(self.variant("new", version=9), "format version 9", "reads version 1")

    def test_missing_directory_and_file(self) -> None:
        self.refused(self.top / "nowhere", "no such results directory")
        (self.top / "empty").mkdir()
        self.refused(self.top / "empty", "holds no results.h5")

    def test_truncated_file(self) -> None:
        target = self.variant("cut") / "results.h5"
        target.write_bytes(target.read_bytes()[:20000])
        self.refused(target.parent, "cannot be opened as HDF5")

    def test_foreign_file(self) -> None:
        (self.top / "foreign").mkdir()
        with h5py.File(self.top / "foreign" / "results.h5", "w") as file:
            file["a"] = 1
        self.refused(self.top / "foreign", "is not a results file of osteon")

    def test_no_state_saved(self) -> None:
        target = self.variant("early")
        with h5py.File(target / "results.h5", "r+") as file:
            del file["steps"]
        self.refused(target, "lacks steps", "osteon.log")

    def test_broken_summary(self) -> None:
        target = self.variant("broken")
        (target / "summary.json").write_text("{", encoding="utf-8")
        self.refused(target, "not valid JSON")

    def test_unwritable_target_is_a_file_error(self) -> None:
        done = run("report", self.dir, "-o", self.dir / "results.h5" / "report.html")
        self.assertEqual(done.returncode, 4)
        self.assertNotIn("Traceback", done.stderr)


class Incomplete(Fixture):
    def test_is_marked_and_uses_the_history(self) -> None:
        target = self.variant("stopped", complete=False, summary=False)
        with h5py.File(target / "results.h5", "r+") as file:
            bonded = float(file["history/bonded_area_fraction"][-1])
            del file["falls"]
        done = run("report", target)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (target / "report.html").read_text(encoding="utf-8")
        self.assertIn('class="incomplete"', text)
        self.assertIn("INCOMPLETE", text)
        self.assertIn("No fall was computed", text)
        self.assertIn(bonded, Page(text).values)
        self.assertIn("INCOMPLETE", run("summary", target).stdout)

    def test_history_is_read_from_csv_where_the_file_has_none(self) -> None:
        target = self.variant("csv", complete=False, summary=False)
        with h5py.File(target / "results.h5", "r+") as file:
            days = file["history/day"][()]
            del file["history"]
        with Results(target) as results:
            np.testing.assert_allclose(results.history.days, days)

    def test_one_step_and_no_interface_still_report(self) -> None:
        target = self.variant("first", complete=False, summary=False)
        with h5py.File(target / "results.h5", "r+") as file:
            for key in list(file["steps"])[1:]:
                del file["steps"][key]
            for name in ("falls", "history", "mesh/interface", "steps/00000/interface"):
                del file[name]
        (target / "history.csv").unlink()
        done = run("report", target)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (target / "report.html").read_text(encoding="utf-8")
        for words_ in (
            "INCOMPLETE",
            "No interface was saved",
            "Fewer than two steps",
            "No stage was reached",
        ):
            self.assertIn(words_, text)

    def test_stopped_at_rest_and_with_a_fall_that_only_holds(self) -> None:
        target = self.variant("rest", complete=False, summary=False)
        with h5py.File(target / "results.h5", "r+") as file:
            file["history/micromotion_p95"][-1] = 0.0
            for fall in file["falls"].values():
                fall.attrs.update(factor=10.0, at_least=1, zone=0)
        self.assertEqual(run("report", target).returncode, 0)
        text = (target / "report.html").read_text(encoding="utf-8")
        for words_ in (
            "the limb is at rest",
            "≥\u202f10",
            "outside the zones",
            "unless it was killed",
            "the stem yields first, at 2.10 times",
        ):
            self.assertIn(words_, text)
        for words_ in ("less than 0 µm", "zone 0"):
            self.assertNotIn(words_, text)
        table = run("summary", target).stdout
        self.assertIn("≥\u202f10", table)
        self.assertLessEqual(max(map(len, table.splitlines())), 84)

    def test_missing_keys_are_dashes(self) -> None:
        target = self.variant("sparse")
        data = json.loads((target / "summary.json").read_text(encoding="utf-8"))
        data["final"].pop("strength_mean")
        data["final"]["bond_zone"][3] = None
        (target / "summary.json").write_text(json.dumps(data), encoding="utf-8")
        self.assertEqual(run("report", target).returncode, 0)
        self.assertEqual(run("summary", target).returncode, 0)


class Roofline(unittest.TestCase):
    FIGURES = {
        "processor": "a machine", "ranks": 2, "triad_bytes_s": 3e10, "update_bytes_s": 4e10,
        "single_flop_s": 2e11, "double_flop_s": 1e11,
        "product": {kind: {"flop": 1e9, "bytes": 4e8, "seconds": 0.02}
                    for kind in ("single", "double")},
    }

    def setUp(self) -> None:
        self.top = Path(tempfile.mkdtemp(prefix="osteon_roofline_"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)

    def draw(self, text: str) -> subprocess.CompletedProcess[str]:
        (self.top / "bench.json").write_text(text, encoding="utf-8")
        return run("roofline", self.top / "bench.json")

    def test_a_picture_is_made_beside_the_figures(self) -> None:
        done = self.draw(json.dumps(self.FIGURES))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        picture = (self.top / "bench.png").read_bytes()
        self.assertTrue(picture.startswith(b"\x89PNG"))
        self.assertGreater(len(picture), 10000)

    def test_what_is_no_figures_is_refused(self) -> None:
        for text in ("", "[]", "{}", json.dumps(self.FIGURES | {"update_bytes_s": 0})):
            with self.subTest(text=text):
                done = self.draw(text)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("these are no figures of a machine", done.stderr)
                self.assertFalse((self.top / "bench.png").exists())


if __name__ == "__main__":
    unittest.main()
