#include "support/mutation.h"

#include <string.h>

static const char *const names[] = {"nothing", "friction", "penalty", "normal",
                                    "bond",    "fit",      "twin"};

static OstMutation from_command_line(void)
{
  char      name[32] = "nothing";
  PetscBool given;

  PetscCallAbort(PETSC_COMM_WORLD,
                 PetscOptionsGetString(NULL, NULL, "-mutate", name, sizeof name, &given));
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (!strcmp(name, names[k])) return (OstMutation)k;
  PetscCheckAbort(0, PETSC_COMM_WORLD, PETSC_ERR_USER, "-mutate %s: there is none of that name",
                  name);
  return OST_MUTATE_NOTHING;
}

PetscBool ost_mutated(OstMutation mutation)
{
  return from_command_line() == mutation ? PETSC_TRUE : PETSC_FALSE;
}

OstTractionLaw ost_mutate_law(OstTractionLaw law)
{
  if (ost_mutated(OST_MUTATE_FRICTION)) law.friction = 0.0;
  if (ost_mutated(OST_MUTATE_PENALTY)) law.normal_stiffness *= 0.1;
  return law;
}
