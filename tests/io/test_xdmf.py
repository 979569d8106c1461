#!/usr/bin/env python3
"""results.xdmf opens in the readers of VTK that ParaView uses, as a time series of quadratic cells.

Debian's VTK is built without them, its ParaView with them (package python3-paraview). Skipped, with
exit code 200, where neither reader can be imported.

    tests/io/test_xdmf.py WRITER MPIEXEC
"""
from __future__ import annotations

import sys
from typing import Any, Iterator

import h5py
import numpy as np

import written

READERS: dict[str, Any] = {}
try:
    from vtkmodules.vtkIOXdmf2 import vtkXdmfReader

    READERS["vtkXdmfReader"] = vtkXdmfReader
except ImportError:
    pass
try:
    from vtkmodules.vtkIOXdmf3 import vtkXdmf3Reader

    READERS["vtkXdmf3Reader"] = vtkXdmf3Reader
except ImportError:
    pass
if not READERS:
    print("SKIPPED: no XDMF reader in this Python's VTK; the package python3-paraview has it")
    sys.exit(200)

from vtkmodules.util.numpy_support import vtk_to_numpy  # noqa: E402
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline  # noqa: E402

QUADRATIC_TRIANGLE, QUADRATIC_TETRA = 22, 24


def leaves(block: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Name and grid of each leaf of a multi-block data set."""
    if block is None:
        return
    if block.IsA("vtkDataSet"):
        yield name, block
        return
    for i in range(block.GetNumberOfBlocks()):
        label = block.GetMetaData(i).Get(block.NAME()) if block.HasMetaData(i) else None
        yield from leaves(block.GetBlock(i), label or "")


def quadratic_edges_are_whole(grid: Any) -> float:
    """Largest distance of a mid-side node from the middle of the edge that VTK gives it [mm]."""
    worst = 0.0
    for c in range(grid.GetNumberOfCells()):
        cell = grid.GetCell(c)
        for e in range(cell.GetNumberOfEdges()):
            a, b, middle = (np.array(cell.GetEdge(e).GetPoints().GetPoint(i)) for i in range(3))
            worst = max(worst, float(np.abs(middle - 0.5 * (a + b)).max()))
    return worst


class Readers(written.Written):
    ranks = (2,)

    def opened(self, make: Any, name: str) -> tuple[Any, tuple[float, ...]]:
        reader = make()
        reader.SetFileName(str(self.dirs[2] / name))
        reader.UpdateInformation()
        information = reader.GetOutputInformation(0)
        return reader, information.Get(vtkStreamingDemandDrivenPipeline.TIME_STEPS())

    def test_series_has_its_times_grids_and_fields(self) -> None:
        file = h5py.File(self.dirs[2] / "results.h5")
        self.addCleanup(file.close)
        for name, make in READERS.items():
            with self.subTest(reader=name):
                reader, times = self.opened(make, "results.xdmf")
                self.assertEqual(times, (0.0, 30.0, 60.0))
                for k, day in enumerate(times):
                    reader.UpdateTimeStep(day)
                    grids = list(leaves(reader.GetOutputDataObject(0)))
                    self.assertEqual(len(grids), 2)
                    if name == "vtkXdmfReader":  # the other gives no names
                        self.assertEqual([g[0] for g in grids], ["limb", "interface"])
                    self.check_limb(file, k, grids[0][1])
                    self.check_interface(file, k, grids[1][1])

    def check_fields(self, data: Any, group: h5py.Group) -> None:
        for name in group:
            values = data.GetArray(name)
            self.assertIsNotNone(values, name)
            np.testing.assert_array_equal(vtk_to_numpy(values), group[name][()])

    def check_limb(self, file: h5py.File, k: int, grid: Any) -> None:
        cells = file["mesh/cells"][()]
        self.assertEqual(grid.GetNumberOfPoints(), len(file["mesh/nodes"]))
        self.assertEqual(grid.GetNumberOfCells(), len(cells))
        types = {grid.GetCellType(c) for c in range(grid.GetNumberOfCells())}
        self.assertEqual(types, {QUADRATIC_TETRA})
        nodes = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 10)
        np.testing.assert_array_equal(nodes, cells)
        self.check_fields(grid.GetCellData(), file[f"steps/{k:05d}/cell"])
        self.check_fields(grid.GetPointData(), file[f"steps/{k:05d}/node"])
        np.testing.assert_array_equal(
            vtk_to_numpy(grid.GetCellData().GetArray("region")), file["mesh/region"][()]
        )
        np.testing.assert_array_equal(
            vtk_to_numpy(grid.GetCellData().GetArray("shaft_axis")), file["mesh/shaft_axis"][()]
        )
        low, high = grid.GetCellData().GetArray("density").GetRange()
        self.assertAlmostEqual(low, file[f"steps/{k:05d}/cell/density"][()].min(), places=12)
        self.assertGreater(high, low)

    def check_interface(self, file: h5py.File, k: int, grid: Any) -> None:
        faces = file["mesh/interface/faces"][()]
        types = {grid.GetCellType(c) for c in range(grid.GetNumberOfCells())}
        self.assertEqual(types, {QUADRATIC_TRIANGLE})
        nodes = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 6)
        np.testing.assert_array_equal(nodes, faces)
        self.check_fields(grid.GetCellData(), file[f"steps/{k:05d}/interface"])
        zone = vtk_to_numpy(grid.GetCellData().GetArray("zone"))
        np.testing.assert_array_equal(zone, file["mesh/interface/zone"][()])

    def test_mid_side_nodes_lie_on_the_edges_of_vtk(self) -> None:
        for name, make in READERS.items():
            with self.subTest(reader=name):
                reader, _ = self.opened(make, "results.xdmf")
                reader.Update()
                for _, grid in leaves(reader.GetOutputDataObject(0)):
                    self.assertLess(quadratic_edges_are_whole(grid), 1e-9)

    def test_cells_are_not_inside_out(self) -> None:
        make = next(iter(READERS.values()))
        reader, _ = self.opened(make, "results.xdmf")
        reader.Update()
        grid = next(leaves(reader.GetOutputDataObject(0)))[1]
        points = vtk_to_numpy(grid.GetPoints().GetData())
        nodes = vtk_to_numpy(grid.GetCells().GetConnectivityArray()).reshape(-1, 10)
        corners = points[nodes[:, :4]]
        a, b, c = (corners[:, i] - corners[:, 0] for i in (1, 2, 3))
        volume = np.einsum("ij,ij->i", np.cross(a, b), c) / 6.0
        with h5py.File(self.dirs[2] / "results.h5") as file:
            np.testing.assert_allclose(volume, file["mesh/volume"][()], rtol=1e-6)

    def test_falls_open(self) -> None:
        make = next(iter(READERS.values()))
        reader, _ = self.opened(make, "falls.xdmf")
        reader.Update()
        grids = list(leaves(reader.GetOutputDataObject(0)))
        self.assertEqual(len(grids), 3)
        with h5py.File(self.dirs[2] / "results.h5") as file:
            for _, grid in grids:
                self.check_fields(grid.GetCellData(), file["falls/forward_day0030/cell"])


if __name__ == "__main__":
    written.main()
