/* common/: what everything else stands on. */
#include <errno.h>

#include "common/arena.h"
#include "common/emotion.h"
#include "common/fs.h"
#include "common/hash.h"
#include "common/image.h"
#include "common/json.h"
#include "common/rng.h"
#include "common/rows.h"
#include "common/thermal.h"
#include "tests/test.h"

static void errors(void)
{
    struct nn_err err = { 0 };

    CHECK(nn_fail(&err, NN_EIO, "disk %d", 3) == -1 && err.code == NN_EIO);
    CHECK(!strcmp(err.msg, "disk 3"));
    CHECK(nn_fail_in(&err, "clip %s", "a") == -1 && err.code == NN_EIO &&
          !strcmp(err.msg, "clip a: disk 3"));
    errno = ENOSPC;
    CHECK(nn_fail_errno(&err, "cannot write x") == -1 && strstr(err.msg, "No space left"));
    CHECK(nn_fail(NULL, NN_EIO, "nobody listens") == -1);
}

static void arenas(void)
{
    struct nn_arena a = { .limit = 1 << 20 };
    char *p = nn_arena_alloc(&a, 10), *q = nn_arena_alloc(&a, 200000);

    CHECK(p && q && (uintptr_t)q % 64 == 0 && !p[9] && !q[199999]);
    if (q)
        memset(q, 1, 200000);
    CHECK(!nn_arena_alloc(&a, 1 << 20));                /* past the limit */
    CHECK(!nn_arena_array(&a, (size_t)-1 / 4, 8));      /* overflow */
    CHECK(!strcmp(nn_arena_strndup(&a, "neon noir", 4), "neon"));
    nn_arena_reset(&a);
    q = nn_arena_alloc(&a, 200000);
    CHECK(q && !q[0] && !q[199999]);                    /* zeroed again */
    nn_arena_release(&a);
    CHECK(!a.head);
}

static void randomness(void)
{
    struct nn_rng a, b, c;
    int64_t order[50];
    double sum = 0, squares = 0;
    int seen[50] = { 0 };

    nn_rng_seed(&a, 7, 1);
    nn_rng_seed(&b, 7, 1);
    nn_rng_seed(&c, 7, 2);
    CHECK(nn_rng_u64(&a) == nn_rng_u64(&b) && nn_rng_u64(&a) != nn_rng_u64(&c));
    for (int i = 0; i < 20000; i++) {
        double v = nn_rng_normal(&a);
        CHECK(nn_rng_below(&a, 7) < 7);
        sum += v;
        squares += v * v;
    }
    CHECK_NEAR(sum / 20000, 0, 0.03);
    CHECK_NEAR(squares / 20000, 1, 0.05);
    for (int i = 0; i < 50; i++)
        order[i] = i;
    nn_rng_shuffle(&a, order, 50);
    for (int i = 0; i < 50; i++)
        seen[order[i]]++;
    for (int i = 0; i < 50; i++)
        CHECK(seen[i] == 1);
}

static void hashes(void)
{
    nn_hash h;

    /* FIPS 180-4's example. */
    nn_hash_bytes("abc", 3, h);
    CHECK(!strcmp(h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

static void files(void)
{
    struct nn_err err = { 0 };
    struct nn_atomic a;
    char dir[200], path[300];
    size_t size;
    char *text;

    CHECK(test_scratch(dir, sizeof dir));
    snprintf(path, sizeof path, "%s/x/y", dir);
    CHECK_OK(nn_mkdirs(path, &err), &err);
    snprintf(path, sizeof path, "%s/x/y/note.txt", dir);
    CHECK_OK(nn_file_write(path, "old", 3, &err), &err);
    CHECK_OK(nn_atomic_open(&a, path, &err), &err);
    fputs("half", a.f);
    nn_atomic_abort(&a);
    CHECK((text = nn_file_read(path, 100, &size, &err)) && size == 3 && !strcmp(text, "old"));
    free(text);
    CHECK(!nn_file_read(path, 2, &size, &err) && err.code == NN_EFORMAT);
    CHECK(nn_file_write("/proc/nothing/here", "x", 1, &err) == -1 && err.code == NN_EIO);
    CHECK(nn_file_write("/dev/null", "x", 1, &err) == -1 && err.code == NN_EUSAGE);
    CHECK(nn_file_write(dir, "x", 1, &err) == -1 && err.code == NN_EUSAGE);
    unlink(path);
    snprintf(path, sizeof path, "%s/x/y", dir);
    CHECK(!rmdir(path));        /* no temporary was left */
    snprintf(path, sizeof path, "%s/x", dir);
    rmdir(path);
    rmdir(dir);
}

static void images(void)
{
    struct nn_err err = { 0 };
    struct nn_image src, half, grey, big, none;

    CHECK_OK(nn_image_init(&src, 4, 4, 3, &err), &err);
    for (int i = 0; i < 16; i++)
        src.px[3 * i] = (uint8_t)(i % 4 < 2 ? 200 : 100);       /* red, darker to the right */
    nn_image_init(&half, 2, 2, 3, &err);
    nn_image_crop(&src, (struct nn_box){ 0, 0, 4, 4 }, &half);
    CHECK(half.px[0] == 200 && half.px[3] == 100 && half.px[1] == 0);
    nn_image_init(&grey, 1, 1, 1, &err);
    nn_image_crop(&src, (struct nn_box){ 0, 0, 4, 4 }, &grey);
    CHECK(grey.px[0] == 45);            /* .299 * 150 */
    nn_image_init(&big, 8, 8, 3, &err);
    nn_image_crop(&src, (struct nn_box){ -2, -2, 8, 8 }, &big);
    CHECK(big.px[0] == 200 && big.px[7 * 3] == 100);            /* the border repeats */
    CHECK(nn_image_init(&none, 0, 4, 3, &err) == -1);
    CHECK(nn_image_init(&none, 4, 40000, 3, &err) == -1);
    nn_image_release(&src);
    nn_image_release(&half);
    nn_image_release(&grey);
    nn_image_release(&big);
}

static void emotions(void)
{
    char all[200];

    for (int i = 0; i < NN_EMOTIONS; i++)
        CHECK(nn_emotion_find(nn_emotions[i].name) == i &&
              nn_emotion_find(nn_emotions[i].signal) == i);
    snprintf(all, sizeof all, "%s", nn_emotions[0].name);
    for (int i = 1; i < NN_EMOTIONS; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), ",%s", nn_emotions[i].name);
    CHECK(!strcmp(all, NN_EMOTION_CLASSES));
    CHECK(nn_emotion_find("Rage") == NN_ANGRY && nn_emotion_find("bored") == -1);
}

static void json(void)
{
    static const char *const known[] = { "a", "b", NULL };
    cJSON *j = cJSON_Parse("{\"a\": 1.5, \"b\": \"x\", \"typo\": 2}");
    struct nn_err err = { 0 };
    const char *s = NULL;
    double v = 0;

    CHECK(!nn_json_number(j, "top", "a", 1, &v, &err) && v == 1.5);
    CHECK(!nn_json_text(j, "top", "b", 1, &s, &err) && !strcmp(s, "x"));
    CHECK(!nn_json_number(j, "top", "absent", 0, &v, &err) && v == 1.5);
    CHECK(nn_json_number(j, "top", "b", 1, &v, &err) == -1 && strstr(err.msg, "top.b"));
    CHECK(nn_json_text(j, "", "c", 1, &s, &err) == -1 && !strcmp(err.msg, "c is missing"));
    CHECK(!strcmp(nn_json_unknown(j, known), "typo"));
    cJSON_Delete(j);
}

static void rows(void)
{
    static const char *const bad[] = { "a,\"b\n", "a\n\n\"b\"c,d\n" };
    char text[] = "file,tags\r\n\n\"a \"\"b\"\", c.png\",\n\"\"", cut[16];
    struct nn_err err = { 0 };
    struct nn_rows r;

    nn_rows_init(&r, "t.csv", text, sizeof text - 1);
    CHECK(nn_rows_next(&r, &err) == 1 && r.fields == 2 && !strcmp(r.field[1], "tags"));
    CHECK(nn_rows_next(&r, &err) == 1 && r.fields == 2 && r.line == 3);
    CHECK(!strcmp(r.field[0], "a \"b\", c.png") && !*r.field[1]);
    CHECK(nn_rows_next(&r, &err) == 1 && r.fields == 1 && !*r.field[0]);
    CHECK(nn_rows_next(&r, &err) == 0);
    for (int i = 0; i < 2; i++) {
        int more;
        nn_rows_init(&r, "t.csv", strcpy(cut, bad[i]), strlen(bad[i]));
        while ((more = nn_rows_next(&r, &err)) > 0) ;
        CHECK(more == -1 && strstr(err.msg, i ? "line 3: a quote" : "line 1: a quote"));
    }
    nn_rows_init(&r, "t.csv", memcpy(cut, "a\n\0b\n", 6), 5);
    CHECK(nn_rows_next(&r, &err) == 1 && nn_rows_next(&r, &err) == -1);
    CHECK(strstr(err.msg, "line 2: a zero byte"));
}

static void put(const char *dir, const char *file, const char *text)
{
    char path[NN_PATH];
    struct nn_err err = { 0 };

    nn_path(path, NULL, "%s/%s", dir, file);
    CHECK_OK(nn_file_write(path, text, strlen(text), &err), &err);
}

static void heat(void)
{
    char dir[] = "/tmp/nn-heat-XXXXXX", command[200];

    CHECK(mkdtemp(dir) != NULL);
    CHECK(isnan(nn_thermal(dir)));
    snprintf(command, sizeof command, "mkdir -p %s/class/hwmon/hwmon0 %s/class/hwmon/hwmon1 "
             "%s/class/thermal/thermal_zone0", dir, dir, dir);
    CHECK(system(command) == 0);
    put(dir, "class/thermal/thermal_zone0/temp", "41000\n");
    CHECK_NEAR(nn_thermal(dir), 41, 1e-9);
    put(dir, "class/hwmon/hwmon0/name", "nvme\n");
    put(dir, "class/hwmon/hwmon0/temp1_input", "30000\n");
    put(dir, "class/hwmon/hwmon1/name", "k10temp\n");
    put(dir, "class/hwmon/hwmon1/temp1_input", "62250\n");
    CHECK_NEAR(nn_thermal(dir), 62.25, 1e-9);
    put(dir, "class/hwmon/hwmon1/temp1_input", "hot\n");
    CHECK(isnan(nn_thermal(dir)));
    snprintf(command, sizeof command, "rm -r %s", dir);
    CHECK(system(command) == 0);
}

int main(void)
{
    errors();
    heat();
    arenas();
    randomness();
    hashes();
    files();
    images();
    emotions();
    json();
    rows();
    return test_done();
}
