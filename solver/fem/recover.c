#include "fem/recover.h"

#include "base/log.h"
#include "base/tensor.h"
#include "fem/element.h"

PetscErrorCode ost_recover_cells(const OstMesh *mesh, const PetscReal u[],
                                 const OstElastic elastic[], OstCellResult cell[])
{
  PetscFunctionBeginUser;
  PetscCall(ost_log_begin(OST_EVENT_RECOVER));
  for (PetscInt c = 0; c < mesh->num_cells; c++) {
    PetscReal      x[30], v[30], total = 0.0, sig[6], principal[3];
    OstCellResult *out = &cell[c];
    *out               = (OstCellResult){0};
    for (int a = 0; a < 10; a++)
      for (int i = 0; i < 3; i++) {
        x[3 * a + i] = mesh->x[3 * mesh->cells[10 * c + a] + i];
        v[3 * a + i] = u[3 * mesh->cells[10 * c + a] + i];
      }
    for (PetscInt q = 0; q < ost_tet_rule4.num; q++) {
      PetscReal       g[OST_TET_NODES][3], eps[6];
      const PetscReal w =
          ost_tet_rule4.weight[q] * ost_tet10_gradients(x, &ost_tet_rule4.point[4 * q], g);
      ost_strain(g, v, eps);
      ost_elastic_stress(&elastic[c], eps, sig);
      total += w;
      for (int i = 0; i < 6; i++) {
        out->strain[i] += w * eps[i];
        out->energy_density += 0.5 * w * sig[i] * eps[i];
      }
      out->von_mises_max = PetscMax(out->von_mises_max, ost_von_mises(sig));
    }
    for (int i = 0; i < 6; i++) out->strain[i] /= total;
    out->energy_density /= total;
    ost_elastic_stress(&elastic[c], out->strain, sig);
    out->von_mises = ost_von_mises(sig);
    ost_principal_values(out->strain, PETSC_TRUE, principal);
    out->principal_max = principal[0];
    out->principal_min = principal[2];
  }
  PetscCall(ost_log_end(OST_EVENT_RECOVER));
  PetscFunctionReturn(PETSC_SUCCESS);
}
