#include "interface/micromotion.h"

#include "base/tensor.h"

OstMicromotion ost_micromotion_larger(OstMicromotion a, OstMicromotion b)
{
  return (OstMicromotion){PetscMax(a.length, b.length), PetscMax(a.normal, b.normal),
                          PetscMax(a.shear, b.shear)};
}

static OstMicromotion between(const PetscReal a[3], const PetscReal b[3], const PetscReal n[3])
{
  const PetscReal way[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, along = ost_dot3(way, n);
  PetscReal       across[3];

  for (int i = 0; i < 3; i++) across[i] = way[i] - along * n[i];
  return (OstMicromotion){ost_norm3(way), PetscAbsReal(along), ost_norm3(across)};
}

OstMicromotion ost_micromotion_span(PetscInt num, const PetscReal jump[], const PetscReal normal[3])
{
  OstMicromotion span = {0.0, 0.0, 0.0};

  for (PetscInt i = 0; i < num; i++)
    for (PetscInt k = 0; k < i; k++)
      span = ost_micromotion_larger(span, between(&jump[3 * k], &jump[3 * i], normal));
  return span;
}
