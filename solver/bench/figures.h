/* figures.h: what the benchmark of a machine says, and of which machines that is known. */
#pragma once

#include "bench/bonded.h"
#include "bench/machine.h"

enum { OST_BENCH_SIZES = 3 };

typedef struct {
  char               processor[128];
  PetscMPIInt        ranks, nodes;
  double             memory, memory_one, update; /* [B/s] */
  double             flops[2];                   /* single, double [1/s] */
  OstMachineMessages messages;
  double             write; /* [B/s] */
  OstApplyFigures    apply[2];
  int                num_sizes;
  OstBondedFigures   size[OST_BENCH_SIZES];
} OstBenchFigures;

/* What arithmetic and memory allow the product, the lower of the two [1/s], and whether that is
   memory's. precise: 0 single, 1 double precision. */
double ost_bench_ceiling(const OstBenchFigures *f, int precise, PetscBool *memory);

/* Displacements of a linear system, from moduli to solution (assembly, set-up, solve), per second
   and rank. */
double ost_bench_rate(const OstBenchFigures *f, const OstBondedFigures *size);

/* A machine that was measured, all its cores at work. By the rank, so that others compare with any
   number of them. */
typedef struct {
  const char *name;
  int         ranks;
  double      memory;   /* triad [B/s] */
  double      flops[2]; /* [1/s] */
  double      apply[2]; /* time of the product per displacement [s] */
  double      rate;     /* of ost_bench_rate at 600 000 displacements [1/s] */
  double      bytes;    /* memory per displacement there [B] */
} OstBenchMachine;

/* The same of what was measured here; the largest size counts. */
OstBenchMachine ost_bench_summary(const OstBenchFigures *f);

/* Machines [num] that are known. */
const OstBenchMachine *ost_bench_known(int *num);
