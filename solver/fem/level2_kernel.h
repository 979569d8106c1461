/* level2_kernel.h: the dense blocks of facets; included by level2.c once for each precision, with
   REAL and NAME(x) defined. */

static void NAME(mask)(PetscInt num, const char fixed[], REAL v[])
{
  for (PetscInt k = 0; k < num; k++)
    if (fixed[k]) v[k] = 0;
}

/* Interface faces, on the jump from stem to bone. */
static void NAME(add_faces)(const OstMesh *mesh, const REAL K[], const REAL u[], REAL f[])
{
  for (PetscInt face = 0; face < mesh->num_faces; face++) {
    const PetscInt *bone = &mesh->faces[12 * face], *stem = bone + 6;
    const REAL     *block = &K[BLOCK * face];
    REAL            jump[18], t[18] = {0};
    for (int a = 0; a < 6; a++)
      for (int i = 0; i < 3; i++) jump[3 * a + i] = u[3 * bone[a] + i] - u[3 * stem[a] + i];
    for (int r = 0; r < 18; r++)
      for (int c = 0; c < 18; c++) t[r] += block[18 * r + c] * jump[c];
    for (int a = 0; a < 6; a++)
      for (int i = 0; i < 3; i++) {
        f[3 * bone[a] + i] += t[3 * a + i];
        f[3 * stem[a] + i] -= t[3 * a + i];
      }
  }
}

/* Facets on a foundation. */
static void NAME(add_ground)(const OstLevel2 *s, const REAL K[], const REAL u[], REAL f[])
{
  for (PetscInt k = 0; k < s->num_ground; k++) {
    const PetscInt *node  = &s->mesh->facets[6 * s->ground_facet[k]];
    const REAL     *block = &K[BLOCK * k];
    for (int r = 0; r < 18; r++)
      for (int c = 0; c < 18; c++)
        f[3 * node[r / 3] + r % 3] += block[18 * r + c] * u[3 * node[c / 3] + c % 3];
  }
}
