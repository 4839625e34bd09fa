/* bound_avx512.c - the bounds with AVX-512F. */
#define LANES 8

typedef double vec __attribute__((vector_size(LANES * sizeof(double))));

#include "bound_body.h"

const struct cis_bound cis_bound_avx512 = {"avx512", load, multiply_add};
