#include "bench/figures.h"

double ost_bench_ceiling(const OstBenchFigures *f, int precise, PetscBool *memory)
{
  const double intensity = f->apply[precise].flops / f->apply[precise].bytes;
  const double fed       = intensity * f->update;

  *memory = (PetscBool)(fed < f->flops[precise]);
  return PetscMin(fed, f->flops[precise]);
}

double ost_bench_rate(const OstBenchFigures *f, const OstBondedFigures *s)
{
  return (double)s->dof / (s->assembly + s->setup + s->solve) / f->ranks;
}

OstBenchMachine ost_bench_summary(const OstBenchFigures *f)
{
  const OstBondedFigures *s = &f->size[f->num_sizes - 1];
  const double            n = f->ranks;

  return (OstBenchMachine){.name   = f->processor,
                           .ranks  = f->ranks,
                           .memory = f->memory / n,
                           .flops  = {f->flops[0] / n, f->flops[1] / n},
                           .apply  = {n * f->apply[0].seconds / f->apply[0].dof,
                                      n * f->apply[1].seconds / f->apply[1].dof},
                           .rate   = ost_bench_rate(f, s),
                           .bytes  = s->memory / (double)s->dof};
}

const OstBenchMachine *ost_bench_known(int *num)
{
  /* on a shared host, on which memory gives between a fifth and all of it */
  static const OstBenchMachine machine[] = {
      {.name   = "AMD EPYC (family 25, model 17), two cores of a virtual machine",
       .ranks  = 2,
       .memory = 17.9e9,
       .flops  = {118.2e9, 59.1e9},
       .apply  = {4.8e-9, 8.0e-9},
       .rate   = 194e3,
       .bytes  = 576.0},
  };

  *num = (int)(sizeof machine / sizeof *machine);
  return machine;
}
