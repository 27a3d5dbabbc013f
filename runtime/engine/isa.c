/* Which vector kernels this machine runs. */
#include <stdlib.h>
#include <string.h>

#include "runtime/engine/simd/simd.h"

#define SET(isa) extern const struct nn_simd nn_simd_##isa
#if defined(__x86_64__)
SET(avx512);
SET(avx2);
SET(sse2);

static const struct nn_simd *const sets[] = { &nn_simd_avx512, &nn_simd_avx2, &nn_simd_sse2 };

static int has(int i)
{
    if (i == 0)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
    return i != 1 || (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"));
}
#elif defined(__aarch64__)
SET(neon);

static const struct nn_simd *const sets[] = { &nn_simd_neon };

static int has(int i)
{
    return i == 0;
}
#else
SET(plain);

static const struct nn_simd *const sets[] = { &nn_simd_plain };

static int has(int i)
{
    return i == 0;
}
#endif

enum { SETS = sizeof sets / sizeof *sets };

const char *nn_simd_name(int i)
{
    return i >= 0 && i < SETS ? sets[i]->name : NULL;
}

const struct nn_simd *nn_simd_find(const char *name)
{
    for (int i = 0; i < SETS; i++)
        if (!strcmp(sets[i]->name, name))
            return has(i) ? sets[i] : NULL;
    return NULL;
}

const struct nn_simd *nn_simd_choose(void)
{
    const char *name = getenv("NEONNOIR_ISA");
    const struct nn_simd *s = name ? nn_simd_find(name) : NULL;

    for (int i = 0; !s && i < SETS; i++)
        if (has(i))
            s = sets[i];
    return s;
}
