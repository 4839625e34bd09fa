/* bound_avx2.c - the bounds with AVX2 and FMA. */
#define LANES 4

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

#include "bound_body.h"

const struct cis_bound cis_bound_avx2 = {"avx2", load, multiply_add};
