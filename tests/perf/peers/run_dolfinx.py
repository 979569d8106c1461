#!/usr/bin/env python3
"""FEniCSx's side of scripts/bench: the tied case of deck.py (dolfinx 0.5, Debian 12).

    [mpirun -n N] run_dolfinx.py NAME [--rtol R]

Reads NAME_linear.msh, solves with continuous P2 displacements by conjugate gradients and GAMG with
the rigid-body modes, to the relative unpreconditioned residual R (default 1e-8). The options of
GAMG are the fastest of those tried on this model. Prints one line of JSON: seconds by phase (from
barrier to barrier), iterations, tip displacement, peak memory of all ranks together.
"""
import time

START = time.time()

import argparse
import json
import resource

import dolfinx
import gmsh
import numpy as np
import ufl
from dolfinx import fem, la
from dolfinx.io import gmshio
from mpi4py import MPI
from petsc4py import PETSc

from model import BONE, CLAMP, FORCE, LOAD, MODULUS, POISSON, STEM

CENTRE = (0.0, 0.0, 120.0)  # of the rigid-body turns
OPTIONS = {"ksp_type": "cg", "pc_type": "gamg", "mg_levels_ksp_type": "chebyshev",
           "mg_levels_pc_type": "jacobi", "pc_gamg_threshold": 0.01,
           "mg_levels_ksp_chebyshev_esteig_steps": 10}


class Clock:
    """Seconds of phases, each from a barrier to the next."""

    def __init__(self, comm):
        self.comm, self.last, self.seconds = comm, time.time(), {}

    def lap(self, phase):
        self.comm.barrier()
        now = time.time()
        self.seconds[phase] = round(now - self.last, 4)
        self.last = now


def read_mesh(comm, path):
    if comm.rank == 0:
        gmsh.initialize()
        gmsh.option.setNumber("General.Verbosity", 1)
        gmsh.open(path)
    parts = gmshio.model_to_mesh(gmsh.model, comm, 0, gdim=3)
    if comm.rank == 0:
        gmsh.finalize()
    return parts


def rigid_modes(space):
    vectors = [la.create_petsc_vector(space.dofmap.index_map, space.dofmap.index_map_bs)
               for _ in range(6)]
    x = space.tabulate_dof_coordinates()[:space.dofmap.index_map.size_local] - np.array(CENTRE)
    for k, vector in enumerate(vectors):
        values = vector.array.reshape(-1, 3)
        values[:] = 0
        if k < 3:
            values[:, k] = 1
        else:
            i, j = ((0, 1), (1, 2), (2, 0))[k - 3]
            values[:, i], values[:, j] = -x[:, j], x[:, i]
    for k, vector in enumerate(vectors):
        for other in vectors[:k]:
            vector.axpy(-vector.dot(other), other)
        vector.normalize()
    return PETSc.NullSpace().create(vectors=vectors, comm=space.mesh.comm)


def forms(mesh, cells, facets, space):
    """Stiffness, load, the mean over the loaded face as a function of a displacement."""
    piecewise = fem.FunctionSpace(mesh, ("DG", 0))
    modulus = fem.Function(piecewise)
    modulus.x.array[cells.find(BONE)] = MODULUS["bone"]
    modulus.x.array[cells.find(STEM)] = MODULUS["stem"]
    mu = modulus / (2 * (1 + POISSON))
    lam = modulus * POISSON / ((1 + POISSON) * (1 - 2 * POISSON))
    ds = ufl.Measure("ds", mesh, subdomain_data=facets)(LOAD)
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)

    def strain(w):
        return ufl.sym(ufl.grad(w))

    def total(form):
        return mesh.comm.allreduce(fem.assemble_scalar(fem.form(form)), MPI.SUM)

    stress = 2 * mu * strain(u) + lam * ufl.tr(strain(u)) * ufl.Identity(3)
    area = total(fem.Constant(mesh, 1.0) * ds)
    traction = fem.Constant(mesh, np.array(FORCE) / area)
    return (fem.form(ufl.inner(stress, strain(v)) * ufl.dx), fem.form(ufl.inner(traction, v) * ds),
            lambda w: [total(w[k] * ds) / area for k in range(3)])


def assemble(space, facets, stiffness, load):
    dofs = fem.locate_dofs_topological(space, 2, facets.find(CLAMP))
    clamp = fem.dirichletbc(np.zeros(3), dofs, space)
    matrix = fem.petsc.assemble_matrix(stiffness, bcs=[clamp])
    matrix.assemble()
    right = fem.petsc.assemble_vector(load)
    fem.petsc.apply_lifting(right, [stiffness], [[clamp]])
    right.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
    fem.petsc.set_bc(right, [clamp])
    matrix.setOption(PETSc.Mat.Option.SPD, True)
    return matrix, right


def set_up(matrix, rtol):
    options = PETSc.Options()
    for key, value in OPTIONS.items():
        options[key] = value
    ksp = PETSc.KSP().create(matrix.comm)
    ksp.setOperators(matrix)
    ksp.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
    ksp.setTolerances(rtol=rtol)
    ksp.setFromOptions()
    ksp.setUp()
    return ksp


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("--rtol", type=float, default=1e-8)
    args = parser.parse_args()
    comm = MPI.COMM_WORLD
    clock = Clock(comm)
    clock.seconds["import"] = round(time.time() - START, 4)
    mesh, cells, facets = read_mesh(comm, args.name + "_linear.msh")
    clock.lap("mesh")
    space = fem.VectorFunctionSpace(mesh, ("CG", 2))
    stiffness, load, mean = forms(mesh, cells, facets, space)
    clock.lap("create")
    matrix, right = assemble(space, facets, stiffness, load)
    clock.lap("assembly")
    matrix.setNearNullSpace(rigid_modes(space))
    ksp = set_up(matrix, args.rtol)
    clock.lap("setup")
    u = fem.Function(space)
    ksp.solve(right, u.vector)
    u.x.scatter_forward()
    clock.lap("solve")
    if ksp.getConvergedReason() <= 0:
        raise SystemExit(f"no convergence: reason {ksp.getConvergedReason()}")
    residual = right.duplicate()
    matrix.mult(u.vector, residual)
    residual.axpy(-1, right)
    memory = comm.allreduce(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, MPI.SUM)
    tip, norms = mean(u), (residual.norm(), right.norm())
    seconds = clock.seconds
    seconds["total"] = sum(seconds[phase] for phase in ("assembly", "setup", "solve"))
    if comm.rank == 0:
        print(json.dumps({"version": dolfinx.__version__, "ranks": comm.size, "seconds": seconds,
                          "dof": 3 * space.dofmap.index_map.size_global,
                          "iterations": ksp.getIterationNumber(), "residual": norms[0] / norms[1],
                          "tip": tip, "memory_mb": round(memory, 1)}))


if __name__ == "__main__":
    main()
