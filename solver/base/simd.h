/* simd.h: kernels compiled for several CPUs, chosen when the program starts.

   The release is built for a named baseline (CMakeLists.txt, OSTEON_CPU); a function marked
   OST_CLONES exists for AVX-512 and AVX2 as well, and the loader picks. Mark only what was measured
   to gain. Results do not depend on the choice: contraction of a*b + c is off. Nothing happens with
   sanitizers (their start-up does not bear resolvers), with other compilers and on other
   processors. */
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__) &&    \
    !defined(__SANITIZE_ADDRESS__)
  #define OST_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
  #define OST_CLONES
#endif

/* Before a loop of a kernel whose bounds are known: its arrays then live in registers. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
  #define OST_UNROLL _Pragma("GCC unroll 16")
#else
  #define OST_UNROLL
#endif
