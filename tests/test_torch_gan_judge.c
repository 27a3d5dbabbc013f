/* Judging pictures: distances of sets whose truth is known, and the eyes' own yardstick. */
#include "common/pool.h"
#include "common/rng.h"
#include "tests/test.h"
#include "trainer/gan_judge.h"
#include "trainer/spoil.h"

static struct nn_pool *pool;

/* Rows of independent normals: mean[i], deviation dev[i]. */
static struct nn_traits normal(int64_t n, int d, const double *mean, const double *dev,
                                 uint64_t seed)
{
    struct nn_traits f = { n, d, malloc((size_t)n * (size_t)d * sizeof(float)) };
    struct nn_rng rng;

    nn_rng_seed(&rng, seed, 0);
    for (int64_t i = 0; f.x && i < n * d; i++)
        f.x[i] = (float)(mean[i % d] + dev[i % d] * nn_rng_normal(&rng));
    return f;
}

static void eigen(void)
{
    double a[9] = { 2, -1, 0, -1, 2, -1, 0, -1, 2 }, w[3], v[9];
    double b[9] = { 2, -1, 0, -1, 2, -1, 0, -1, 2 };

    nn_eigen(a, 3, w, v);
    CHECK_NEAR(w[0], 2 + sqrt(2), 1e-12);
    CHECK_NEAR(w[1], 2, 1e-12);
    CHECK_NEAR(w[2], 2 - sqrt(2), 1e-12);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            double dot = 0, bv = 0;
            for (int j = 0; j < 3; j++) {
                dot += v[i * 3 + j] * v[k * 3 + j];
                bv += b[k * 3 + j] * v[i * 3 + j];
            }
            CHECK_NEAR(dot, i == k, 1e-12);
            CHECK_NEAR(bv, w[i] * v[i * 3 + k], 1e-12);
        }
}

/* Two points a set, so that mean and covariance are what the page says: rows +-s along an axis. */
static void frechet_by_hand(void)
{
    float x[] = { 1, 0, -1, 0 }, y[] = { 3, 4, 3, 8 };
    struct nn_traits a = { 2, 2, x }, b = { 2, 2, y };
    double d;

    /* Means (0,0) and (3,6), covariances diag(2, 0) and diag(0, 8): their product is 0. */
    CHECK(!nn_frechet(&a, &b, &d, NULL));
    CHECK_NEAR(d, 9 + 36 + 2 + 8, 1e-9);
    CHECK(!nn_frechet(&a, &a, &d, NULL));
    CHECK_NEAR(d, 0, 1e-9);
    b.d = 1;
    CHECK(nn_frechet(&a, &b, &d, NULL) == -1);
    b.d = 2;
    b.n = 1;
    CHECK(nn_frechet(&a, &b, &d, NULL) == -1);
}

/* Of Gaussians with diagonal covariances: sum of (m - n)^2 + (s - t)^2. */
static void frechet_of_gaussians(void)
{
    double m[6] = { 0, 1, 2, 0, 0, 0 }, s[6] = { 1, 1, 2, 0.5, 1, 3 };
    double n[6] = { 0, 0, 0, 0, 0, 1 }, t[6] = { 1, 2, 1, 0.5, 1, 1 }, want = 0, d;
    struct nn_traits a = normal(20000, 6, m, s, 1), b = normal(20000, 6, n, t, 2);

    for (int i = 0; i < 6; i++)
        want += (m[i] - n[i]) * (m[i] - n[i]) + (s[i] - t[i]) * (s[i] - t[i]);
    CHECK(!nn_frechet(&a, &b, &d, NULL));
    CHECK_NEAR(d, want, 0.03 * want);
    CHECK(!nn_frechet(&b, &a, &want, NULL));
    CHECK_NEAR(d, want, 1e-6);
    nn_traits_release(&a);
    nn_traits_release(&b);
}

/* One feature: E k of two sets by hand. */
static void kernel_by_hand(void)
{
    float x[] = { 0, 1 }, y[] = { 2, -1 };
    struct nn_traits a = { 2, 1, x }, b = { 2, 1, y };
    struct nn_kid kid;

    /* k(x, y) = (x y + 1)^3: within 1 and (1 - 2)^3 = -1; across 1, 1, 27, 0. */
    CHECK(!nn_kid(&a, &b, 0, pool, &kid, NULL));
    CHECK_NEAR(kid.value, 1 - 1 - 2 * (1 + 1 + 27 + 0) / 4.0, 1e-6);
    CHECK(kid.subsets == 0 && kid.error == 0);
}

/* Unbiased: near 0 for two sets of one source whatever their number, and beyond it for others. */
static void kernel_of_gaussians(void)
{
    double zero[8] = { 0 }, one[8] = { 1, 1, 1, 1, 1, 1, 1, 1 }, off[8] = { 0.5, 0.5 };
    struct nn_traits a = normal(600, 8, zero, one, 1), b = normal(900, 8, zero, one, 2);
    struct nn_traits c = normal(600, 8, off, one, 3);
    struct nn_kid same, other, again;
    double all = 0;

    CHECK(!nn_kid(&a, &b, 7, pool, &same, NULL) && same.subsets == NN_KID_SUBSETS);
    CHECK(same.error > 0 && fabs(same.value) < 3 * same.error);
    CHECK(!nn_kid(&a, &c, 7, pool, &other, NULL));
    CHECK(other.value > 4 * other.error && other.value > 5 * fabs(same.value));
    CHECK(!nn_kid(&a, &c, 7, NULL, &again, NULL));
    /* At any number of threads. */
    CHECK(again.value == other.value && again.error == other.error);
    /* A row of normals is sqrt(2) times a chi of 8 from another one. */
    CHECK(!nn_diversity(&a, pool, &all, NULL));
    CHECK_NEAR(all, 2 * exp(lgamma(4.5) - lgamma(4)), 0.05);
    nn_traits_release(&a);
    nn_traits_release(&b);
    nn_traits_release(&c);
}

static void manifolds(void)
{
    double zero[4] = { 0 }, one[4] = { 1, 1, 1, 1 }, few[4] = { 0.1, 0.1, 0.1, 0.1 };
    double far[4] = { 50, 0, 0, 0 };
    struct nn_traits real = normal(500, 4, zero, one, 1), same = normal(400, 4, zero, one, 2);
    struct nn_traits mode = normal(500, 4, zero, few, 3), away = normal(500, 4, far, one, 4);
    struct nn_manifold m;

    CHECK(!nn_manifold(&real, &same, 1, pool, &m, NULL) && m.n == 400);
    CHECK(m.precision > 0.7 && m.recall > 0.7);
    CHECK(!nn_manifold(&real, &mode, 1, pool, &m, NULL));
    CHECK(m.precision > 0.95 && m.recall < 0.1);        /* one mode: good pictures, all alike */
    CHECK(!nn_manifold(&mode, &real, 1, pool, &m, NULL));
    CHECK(m.precision < 0.1 && m.recall > 0.95);
    CHECK(!nn_manifold(&real, &away, 1, pool, &m, NULL));
    CHECK(m.precision == 0 && m.recall == 0);
    nn_traits_release(&real);
    nn_traits_release(&same);
    nn_traits_release(&mode);
    nn_traits_release(&away);
}

static void memorising(void)
{
    double zero[3] = { 0 }, one[3] = { 1, 1, 1 };
    struct nn_traits real = normal(400, 3, zero, one, 1), same = normal(400, 3, zero, one, 2);
    struct nn_traits copy = { 400, 3, malloc(1200 * sizeof(float)) };
    struct nn_nearest n;

    for (int i = 0; i < 1200; i++)
        copy.x[i] = real.x[1199 - i / 3 * 3 - 2 + i % 3] + 0.001f;  /* rows in reverse, nearly */
    CHECK(!nn_nearest(&real, &copy, pool, &n, NULL));
    CHECK(n.row[0][0] == 399 && n.row[399][0] == 0);
    CHECK_NEAR(n.distance[7][0], 0.001 * sqrt(3), 1e-5);
    CHECK(n.distance[7][1] > n.distance[7][0] && n.row[7][1] != n.row[7][0]);
    CHECK(n.copied > 0.99 && n.closeness < 0.05);
    nn_nearest_release(&n);
    CHECK(!nn_nearest(&real, &same, pool, &n, NULL));
    CHECK(n.copied > 0.35 && n.copied < 0.65 && n.closeness > 0.8 && n.closeness < 1.25);
    nn_nearest_release(&n);
    real.n = 3;
    CHECK(!nn_nearest(&real, &same, pool, &n, NULL));
    CHECK(n.row[0][2] >= 0 && n.row[0][3] == -1);       /* there is no fourth */
    nn_nearest_release(&n);
    nn_traits_release(&real);
    nn_traits_release(&same);
    nn_traits_release(&copy);
}

static const char PHOTOS[] = "/usr/share/doc/opencv-doc/examples/data";

/* What the bundled eyes say of photos that they never saw, spoilt in ways that they did and did
 * not learn: the distance grows with the strength, and with the share of strange pictures. */
static void eyes_in_order(void)
{
    enum { N = 12 };
    static const double strength[] = { 0.1, 0.4, 1 };
    size_t bytes = (size_t)N * 3 * 128 * 128;
    uint8_t *keep = malloc(bytes), *work = malloc(3 * 128 * 128);
    struct nn_err err = { 0 };
    struct nn_eyes *eyes = nn_eyes_new("runtime/models/eyes.onnx", pool, &err);
    struct nn_traits real = { 0 }, f = { 0 };
    struct nn_pictures p;
    double d, last;

    nn_pictures_init(&p, 128);
    p.most = N;
    CHECK(eyes && keep && work && nn_eyes_floats(eyes) == 192 && strlen(nn_eyes_id(eyes)) == 12);
    CHECK_OK(nn_pictures_read(&p, PHOTOS, 1, &err), &err);
    CHECK(p.n == N);
    memcpy(keep, p.px, bytes);
    CHECK_OK(nn_eyes_pictures(eyes, &p, &real, &err), &err);
    for (int how = 1; how < NN_SPOILS; how++) {
        last = 0;
        for (size_t s = 0; s < sizeof strength / sizeof *strength; s++) {
            memcpy(p.px, keep, bytes);
            for (int i = 0; i < N; i++) {
                struct nn_rng rng;
                nn_rng_seed(&rng, 1, (uint64_t)i);
                nn_spoil((enum nn_spoil)how, strength[s], nn_pictures_px(&p, i), 128, work, &rng);
            }
            CHECK_OK(nn_eyes_pictures(eyes, &p, &f, &err), &err);
            CHECK(!nn_frechet(&real, &f, &d, &err));
            if (!(d > last))
                fprintf(stderr, "%s %g: %g after %g\n", nn_spoil_names[how], strength[s], d, last);
            CHECK(d > last);
            last = d;
            nn_traits_release(&f);
        }
    }
    /* `p` is now swirled at full strength; row by row it takes the place of the photos. */
    last = 0;
    CHECK_OK(nn_eyes_pictures(eyes, &p, &f, &err), &err);
    for (int n = 4; n <= N; n += 4) {
        struct nn_traits mixed = { N, real.d, malloc((size_t)N * (size_t)real.d * sizeof(float)) };
        memcpy(mixed.x, real.x, (size_t)N * (size_t)real.d * sizeof(float));
        memcpy(mixed.x, f.x, (size_t)n * (size_t)real.d * sizeof(float));
        CHECK(!nn_frechet(&real, &mixed, &d, &err) && d > last);
        last = d;
        nn_traits_release(&mixed);
    }
    nn_traits_release(&f);
    nn_traits_release(&real);
    nn_pictures_release(&p);
    nn_eyes_free(eyes);
    free(keep);
    free(work);
}

/* The same picture at twice and half the size looks alike; floats and bytes look the same. */
static void eyes_scale(void)
{
    struct nn_err err = { 0 };
    struct nn_eyes *eyes = nn_eyes_new("runtime/models/eyes.onnx", pool, &err);
    float *x = malloc(3 * 256 * 256 * sizeof *x), out[3][192], far = 0, near = 0;

    CHECK(eyes && x);
    for (int size = 64, k = 0; size <= 256; size *= 2, k++) {
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < size * size; i++)
                x[c * size * size + i] =
                    0.7f * sinf(6.28f * (float)(i % size) / (float)size * (float)(c + 1)) *
                    cosf(6.28f * (float)(i / size) / (float)size);
        CHECK_OK(nn_eyes_see(eyes, x, 1, size, out[k], &err), &err);
    }
    for (int i = 0; i < 192; i++) {
        near += (out[0][i] - out[1][i]) * (out[0][i] - out[1][i]) +
                (out[2][i] - out[1][i]) * (out[2][i] - out[1][i]);
        far += out[1][i] * out[1][i];
    }
    CHECK(near < 0.02f * far);
    CHECK(nn_eyes_see(eyes, x, 1, 1, out[0], &err) == -1);
    nn_eyes_free(eyes);
    CHECK(!nn_eyes_new("/nonexistent.onnx", pool, &err));
    free(x);
}

int main(void)
{
    CHECK((pool = nn_pool_new(2, NULL)) != NULL);
    eigen();
    frechet_by_hand();
    frechet_of_gaussians();
    kernel_by_hand();
    kernel_of_gaussians();
    manifolds();
    memorising();
    eyes_scale();
    if (access(PHOTOS, R_OK))
        printf("skipped: no photos of opencv-doc\n");
    else
        eyes_in_order();
    nn_pool_free(pool);
    return test_done();
}
