#include "meshes/quality.h"

static void note_worst(OstQuality *q, const OstQualityPlace *place)
{
  PetscInt i = q->num_worst;

  if (i == OST_QUALITY_NUM_WORST) {
    if (q->worst[i - 1].sicn <= place->sicn) return;
    i--;
  } else
    q->num_worst++;
  while (i > 0 && q->worst[i - 1].sicn > place->sicn) {
    q->worst[i] = q->worst[i - 1];
    i--;
  }
  q->worst[i] = *place;
}

PetscErrorCode ost_quality_measure(const OstTetMesh *mesh, OstQuality *q)
{
  PetscInt   doubled = 0;
  PetscBool *on_interface;

  PetscFunctionBeginUser;
  PetscCall(PetscMemzero(q, sizeof(*q)));
  q->num_nodes = mesh->num_nodes;
  q->num_tets  = mesh->num_tets;
  q->min_sicn  = 1.0;
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) q->part_min_sicn[p] = 1.0;
  for (PetscInt c = 0; c < mesh->num_tets; c++) {
    const PetscInt *t     = &mesh->tet[10 * c];
    OstQualityPlace place = {.tet = c, .part = mesh->part[c]};
    PetscReal       x[10][3];
    for (PetscInt a = 0; a < 10; a++) {
      for (PetscInt k = 0; k < 3; k++) x[a][k] = mesh->x[3 * t[a] + k];
    }
    for (PetscInt k = 0; k < 3; k++) {
      place.centroid[k] = 0.25 * (x[0][k] + x[1][k] + x[2][k] + x[3][k]);
    }
    place.sicn = ost_tet_mesh_sicn((const PetscReal(*)[3])x);
    q->mean_sicn += place.sicn;
    q->min_sicn = PetscMin(q->min_sicn, place.sicn);
    q->tets[place.part]++;
    q->part_mean_sicn[place.part] += place.sicn;
    q->part_min_sicn[place.part] = PetscMin(q->part_min_sicn[place.part], place.sicn);
    note_worst(q, &place);
  }
  if (mesh->num_tets) q->mean_sicn /= (PetscReal)mesh->num_tets;
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) {
    if (q->tets[p]) q->part_mean_sicn[p] /= (PetscReal)q->tets[p];
    q->volume[p] = ost_tet_mesh_part_volume(mesh, p);
  }
  PetscCall(PetscCalloc1(mesh->num_nodes, &on_interface));
  for (PetscInt f = 0; f < mesh->num_faces; f++) {
    const PetscInt skin = mesh->skin[f];
    q->faces[skin]++;
    if (skin != OST_SKIN_COATED && skin != OST_SKIN_SMOOTH) continue;
    for (PetscInt a = 0; a < 6; a++) on_interface[mesh->face[6 * f + a]] = PETSC_TRUE;
  }
  for (PetscInt i = 0; i < mesh->num_nodes; i++) doubled += on_interface[i] ? 1 : 0;
  PetscCall(PetscFree(on_interface));
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) q->area[s] = ost_tet_mesh_skin_area(mesh, s);
  q->num_dofs = 3 * (mesh->num_nodes + doubled);
  PetscFunctionReturn(PETSC_SUCCESS);
}

PetscErrorCode ost_quality_print(const OstQuality *q, FILE *out)
{
  PetscFunctionBeginUser;
  PetscCall(PetscFPrintf(PETSC_COMM_SELF, out, "%-18s %9s %12s %9s %9s\n", "volume group",
                         "elements", "mm3", "min SICN", "mean SICN"));
  for (PetscInt p = 0; p < OST_NUM_PARTS; p++) {
    if (!q->tets[p]) continue;
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, out, "%-18s %9d %12.1f %9.3f %9.3f\n",
                           ost_part_names[p], (int)q->tets[p], (double)q->volume[p],
                           (double)q->part_min_sicn[p], (double)q->part_mean_sicn[p]));
  }
  PetscCall(
      PetscFPrintf(PETSC_COMM_SELF, out, "%-18s %9s %12s\n", "surface group", "triangles", "mm2"));
  for (PetscInt s = 0; s < OST_NUM_SKINS; s++) {
    if (!q->faces[s]) continue;
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, out, "%-18s %9d %12.1f\n", ost_skin_names[s],
                           (int)q->faces[s], (double)q->area[s]));
  }
  PetscCall(
      PetscFPrintf(PETSC_COMM_SELF, out,
                   "%d nodes, %d ten-node tetrahedra, %d unknowns with the interface doubled\n",
                   (int)q->num_nodes, (int)q->num_tets, (int)q->num_dofs));
  PetscCall(PetscFPrintf(PETSC_COMM_SELF, out, "SICN min %.3f mean %.3f; worst elements:\n",
                         (double)q->min_sicn, (double)q->mean_sicn));
  for (PetscInt i = 0; i < q->num_worst; i++) {
    const OstQualityPlace *w = &q->worst[i];
    PetscCall(PetscFPrintf(PETSC_COMM_SELF, out, "  %.3f in %s at x %.1f y %.1f z %.1f mm\n",
                           (double)w->sicn, ost_part_names[w->part], (double)w->centroid[0],
                           (double)w->centroid[1], (double)w->centroid[2]));
  }
  PetscFunctionReturn(PETSC_SUCCESS);
}
