/* calculix_deck.h: a test's problem as an input deck of CalculiX, on one rank.

   Owns the translation: nodes and cells by their file numbers plus one, our node order (which is
   Abaqus's), faces S1 to S4 of C3D10. Knows nothing of steps: the programs write those. */
#pragma once

#include "support/problem.h"

/* Values of the nodes [total_nodes x 3] in file order; the caller frees. */
PetscErrorCode ost_deck_by_file(const OstMesh *mesh, Vec v, double **values);

/* *NODE (set ALL) at x [num_nodes x 3], *ELEMENT, *MATERIAL and *SOLID SECTION by region, as the
   region's first cell has it (with an axis: engineering constants and *ORIENTATION, NAME=AXISn),
   and *BOUNDARY where the problem is held. */
void ost_deck_write_model(FILE *deck, const OstProblem *problem, const double x[]);

/* *CLOAD with the nodal forces [total_nodes x 3] in file order. */
void ost_deck_write_forces(FILE *deck, const OstMesh *mesh, const double forces[]);

/* One line `cell, Sk` of a *SURFACE for each interface face whose mark is `which`, on the bone's or
   on the implant's side; marks [num_faces], NULL: all faces. */
PetscErrorCode ost_deck_write_faces(FILE *deck, const OstMesh *mesh, int implant, const int marks[],
                                    int which);
