#include "support/calculix_deck.h"

PetscErrorCode ost_deck_by_file(const OstMesh *mesh, Vec v, double **values)
{
  const PetscScalar *value;

  PetscFunctionBeginUser;
  PetscCall(PetscCalloc1(3 * mesh->total_nodes, values));
  PetscCall(VecGetArrayRead(v, &value));
  for (PetscInt k = 0; k < mesh->num_owned; k++)
    for (int d = 0; d < 3; d++)
      (*values)[3 * mesh->node_file[k] + d] = PetscRealPart(value[3 * k + d]);
  PetscCall(VecRestoreArrayRead(v, &value));
  PetscFunctionReturn(PETSC_SUCCESS);
}

/* In an orientation the axis is x', and the first of the constants goes along it. */
static void write_material(FILE *deck, int r, const OstElastic *m)
{
  const double *a         = m->axis;
  const int     along_x   = fabs(a[0]) > 0.9;
  const double  second[3] = {along_x ? 0.0 : 1.0, along_x ? 1.0 : 0.0, 0.0};

  fprintf(deck, "*MATERIAL, NAME=M%d\n", r);
  if (!m->transverse) {
    fprintf(deck, "*ELASTIC\n%.15g, %.15g\n*SOLID SECTION, ELSET=E%d, MATERIAL=M%d\n", m->E, m->nu,
            r, r);
    return;
  }
  fprintf(deck, "*ELASTIC, TYPE=ENGINEERING CONSTANTS\n");
  fprintf(deck, "%.15g, %.15g, %.15g, %.15g, %.15g, %.15g, %.15g, %.15g\n%.15g\n", m->E,
          m->E_across, m->E_across, m->nu, m->nu, m->nu_across, m->G_along, m->G_along,
          0.5 * m->E_across / (1.0 + m->nu_across));
  fprintf(deck, "*ORIENTATION, NAME=AXIS%d\n%.15g, %.15g, %.15g, %g, %g, %g\n", r, a[0], a[1], a[2],
          second[0], second[1], second[2]);
  fprintf(deck, "*SOLID SECTION, ELSET=E%d, MATERIAL=M%d, ORIENTATION=AXIS%d\n", r, r, r);
}

void ost_deck_write_model(FILE *deck, const OstProblem *p, const double x[])
{
  const OstMesh *mesh = p->mesh;

  /* CalculiX reads 20 columns of a number and drops the rest, exponent and all */
  fprintf(deck, "*NODE, NSET=ALL\n");
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    fprintf(deck, "%d, %.12g, %.12g, %.12g\n", (int)mesh->node_file[i] + 1, x[3 * i], x[3 * i + 1],
            x[3 * i + 2]);
  for (int r = 0; r < OST_NUM_REGIONS; r++) {
    const OstElastic *material = NULL;
    for (PetscInt c = 0; c < mesh->num_cells; c++) {
      if (mesh->region[c] != r) continue;
      if (!material) fprintf(deck, "*ELEMENT, TYPE=C3D10, ELSET=E%d\n", r);
      if (!material) material = &p->elastic[c];
      fprintf(deck, "%d", (int)mesh->cell_file[c] + 1);
      /* Abaqus order: corners, edges 01 12 20 03 13 23, which is ours */
      for (int a = 0; a < 10; a++)
        fprintf(deck, ", %d", (int)mesh->node_file[mesh->cells[10 * c + a]] + 1);
      fprintf(deck, "\n");
    }
    if (material) write_material(deck, r, material);
  }
  fprintf(deck, "*BOUNDARY\n");
  for (PetscInt i = 0; i < mesh->num_nodes; i++)
    for (int d = 0; d < 3; d++)
      if (p->fixed[3 * i + d]) fprintf(deck, "%d, %d\n", (int)mesh->node_file[i] + 1, d + 1);
}

void ost_deck_write_forces(FILE *deck, const OstMesh *mesh, const double f[])
{
  fprintf(deck, "*CLOAD\n");
  for (PetscInt i = 0; i < mesh->total_nodes; i++)
    for (int d = 0; d < 3; d++)
      if (f[3 * i + d] != 0.0) fprintf(deck, "%d, %d, %.12e\n", (int)i + 1, d + 1, f[3 * i + d]);
}

/* The cell that has the three corners, and the number 1 to 4 of that face. */
static int find_face(const OstMesh *mesh, const PetscInt corners[3], PetscInt *cell)
{
  static const int without[4] = {3, 4, 2, 1}; /* S1 012, S2 013, S3 123, S4 023 */

  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    int hits = 0, left = 0 + 1 + 2 + 3; /* in the end the corner that is not on the face */
    for (int a = 0; a < 4; a++)
      for (int b = 0; b < 3; b++)
        if (mesh->cells[10 * c + a] == corners[b]) {
          hits++;
          left -= a;
        }
    if (hits < 3) continue;
    *cell = c;
    return without[left];
  }
  return 0;
}

PetscErrorCode ost_deck_write_faces(FILE *deck, const OstMesh *mesh, int implant, const int marks[],
                                    int which)
{
  PetscFunctionBeginUser;
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    PetscInt cell = -1;
    if (marks && marks[f] != which) continue;
    const int side = find_face(mesh, &mesh->faces[12 * f + (implant ? 6 : 0)], &cell);
    OstAssert(side, "no cell has interface face %d", (int)f);
    fprintf(deck, "%d, S%d\n", (int)mesh->cell_file[cell] + 1, side);
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
