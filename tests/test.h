/*
 * test.h - a unit test is a program: CHECKs, then `return test_done();`.
 *
 * Prints each failure with its place; the exit status tells. TEST_DATA() is the
 * folder of real data or NULL; a test that needs it calls SKIP() without it.
 */
#ifndef NN_TESTS_TEST_H
#define NN_TESTS_TEST_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/err.h"

static int test_failures, test_checks;

#define CHECK(cond)                                                              \
    do {                                                                         \
        test_checks++;                                                           \
        if (!(cond)) {                                                           \
            test_failures++;                                                     \
            fprintf(stderr, "%s:%d: CHECK(%s)\n", __FILE__, __LINE__, #cond);    \
        }                                                                        \
    } while (0)

/* Also shows the error a call filled. */
#define CHECK_OK(call, err)                                                      \
    do {                                                                         \
        test_checks++;                                                           \
        if ((call) < 0) {                                                        \
            test_failures++;                                                     \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, (err)->msg); \
        }                                                                        \
    } while (0)

#define CHECK_NEAR(a, b, tol)                                                    \
    do {                                                                         \
        double a_ = (a), b_ = (b);                                               \
        test_checks++;                                                           \
        if (!(fabs(a_ - b_) <= (tol))) {                                         \
            test_failures++;                                                     \
            fprintf(stderr, "%s:%d: %s = %g, want %g\n", __FILE__, __LINE__, #a, a_, b_); \
        }                                                                        \
    } while (0)

#define SKIP(why)                                                                \
    do {                                                                         \
        printf("skipped: %s\n", why);                                            \
        return test_failures ? 1 : 77;                                           \
    } while (0)

static inline const char *test_data(void)
{
    const char *dir = getenv("NEONNOIR_TESTDATA");

    if (!dir)
        dir = "../shared/data";
    return access(dir, R_OK) ? NULL : dir;
}

/* An empty directory that goes with the process's end only if the test removes it. */
static inline const char *test_scratch(char *buf, size_t size)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(buf, size, "%s/nn-test-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(buf);
}

static inline int test_done(void)
{
    printf("%d checks, %d failed\n", test_checks, test_failures);
    return test_failures ? 1 : test_checks ? 0 : 1;
}

#endif
