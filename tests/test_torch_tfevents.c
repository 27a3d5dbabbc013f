/* Event files: read back by a parser of their own, appended to, mended, never doubled. */
#include <sys/stat.h>

#include "common/fs.h"
#include "tests/catalog.h"
#include "trainer/tfevents.h"

enum { MOST = 64 };

struct event {
    double time, value;
    int64_t step;
    char tag[40], version[20];
};

/* The sum with polynomial division from the high bit, on bits in reversed order: not how
 * tfevents.c does it. */
static uint32_t crc32c(const uint8_t *p, size_t n)
{
    uint32_t rest = 0xffffffff, out = 0;

    for (size_t i = 0; i < n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            uint32_t in = (uint32_t)(p[i] >> bit & 1) ^ rest >> 31;
            rest = rest << 1 ^ (in ? 0x1edc6f41 : 0);
        }
    }
    for (int bit = 0; bit < 32; bit++)
        out |= (rest >> bit & 1) << (31 - bit);
    return ~out;
}

static uint64_t little(const uint8_t *p, int n)
{
    uint64_t v = 0;

    while (n--)
        v = v << 8 | p[n];
    return v;
}

static int is_sum(const uint8_t *p, size_t n, uint64_t stored)
{
    uint32_t unmasked = (uint32_t)stored - 0xa282ead8;

    return (unmasked >> 17 | unmasked << 15) == crc32c(p, n);
}

/* A field of a message: its number, and where its bytes are. Returns what follows it. */
static const uint8_t *field(const uint8_t *p, const uint8_t *end, int *number, const uint8_t **data,
                            uint64_t *size)
{
    int type = *p & 7, shift = 0;
    uint64_t v = 0;

    *number = *p++ >> 3;
    if (type == 1 || type == 5) {
        *size = type == 1 ? 8 : 4;
    } else {
        do
            v |= (uint64_t)(*p & 127) << shift, shift += 7;
        while (p < end && *p++ & 128);
        *size = v;              /* of a varint: its value */
    }
    *data = p;
    return type == 0 ? p : p + *size;
}

static void read_message(const uint8_t *p, const uint8_t *end, int depth, struct event *e)
{
    while (p < end) {
        const uint8_t *data;
        uint64_t size, bits;
        uint32_t half;
        float value;
        int number;
        p = field(p, end, &number, &data, &size);
        CHECK(p <= end);
        if (depth == 0 && number == 1) {
            bits = little(data, 8);
            memcpy(&e->time, &bits, 8);
        } else if (depth == 0 && number == 2) {
            e->step = (int64_t)size;
        } else if (depth == 0 && number == 3) {
            snprintf(e->version, sizeof e->version, "%.*s", (int)size, data);
        } else if (depth == 2 && number == 1) {
            snprintf(e->tag, sizeof e->tag, "%.*s", (int)size, data);
        } else if (depth == 2 && number == 2) {
            half = (uint32_t)little(data, 4);
            memcpy(&value, &half, 4);
            e->value = (double)value;
        } else {
            CHECK((depth == 0 && number == 5) || (depth == 1 && number == 1));
            read_message(data, data + size, depth + 1, e);
        }
    }
}

static int read_events(const char *path, struct event *e)
{
    size_t size = 0, at = 0;
    uint8_t *p = (uint8_t *)nn_file_read(path, 1 << 20, &size, &err);
    int n = 0;

    memset(e, 0, MOST * sizeof *e);
    for (; p && at + 16 <= size && n < MOST; n++) {
        uint64_t length = little(p + at, 8);
        CHECK(is_sum(p + at, 8, little(p + at + 8, 4)));
        CHECK(length <= size - at - 16);
        CHECK(is_sum(p + at + 12, length, little(p + at + 12 + length, 4)));
        read_message(p + at + 12, p + at + 12 + length, 0, &e[n]);
        at += length + 16;
    }
    CHECK(p && at == size);
    free(p);
    return n;
}

static void epoch(struct nn_catalog *cat, const struct nn_run *r, int64_t n, double loss,
                  double accuracy)
{
    CHECK_OK(nn_run_metric(cat, r->id, n, "train", "loss", loss, &err), &err);
    CHECK_OK(nn_run_metric(cat, r->id, n, "valid", "accuracy", accuracy, &err), &err);
    CHECK_OK(nn_tfevents_write(cat, r, &err), &err);
}

static int first_time(void *arg, const struct nn_metric *m)
{
    *(double *)arg = m->at;
    return 1;
}

static ino_t file_of(const char *path)
{
    struct stat st = { 0 };

    CHECK(!stat(path, &st));
    return st.st_ino;
}

static void cut(const char *path, long bytes)
{
    struct stat st;

    CHECK(!stat(path, &st) && !truncate(path, st.st_size - bytes));
}

static void sums(void)
{
    static const uint8_t zeros[32];

    CHECK(nn_crc32c("123456789", 9) == 0xe3069283);
    CHECK(nn_crc32c(zeros, 32) == 0x8a9136aa);      /* RFC 3720, B.4 */
    CHECK(nn_crc32c("", 0) == 0);
    CHECK(crc32c((const uint8_t *)"123456789", 9) == 0xe3069283);
}

static void events(void)
{
    static struct event e[MOST];
    struct nn_catalog *cat = fresh_catalog();
    struct nn_run r = { .task = "emotion", .settings = "{}", .epochs = 9 };
    char name[80], path[NN_PATH];
    double at = 0;
    ino_t file;
    FILE *f;

    CHECK_OK(nn_run_add(cat, "mine", &r, &err), &err);
    CHECK_OK(nn_tfevents_write(cat, &r, &err), &err);       /* nothing yet */
    epoch(cat, &r, 1, 2.5, 0.25);
    CHECK(nn_run_metric_each(cat, r.id, first_time, &at, &err) == 1);
    snprintf(name, sizeof name, "events.out.tfevents.%010.0f.neonnoir", floor(at));
    CHECK_OK(nn_run_path(cat, "mine", name, path, &err), &err);
    CHECK(read_events(path, e) == 3);
    CHECK(!strcmp(e[0].version, "brain.Event:2") && e[0].time == at && !e[0].step);
    CHECK(!strcmp(e[1].tag, "train/loss") && e[1].value == 2.5 && e[1].step == 1);
    CHECK(!strcmp(e[2].tag, "valid/accuracy") && e[2].value == 0.25 && e[2].time >= at);

    /* Appended to: whoever has it open sees what is new. */
    file = file_of(path);
    epoch(cat, &r, 2, 1.5, 0.5);
    epoch(cat, &r, 300, 1, (double)0.6f);
    CHECK(read_events(path, e) == 7 && file_of(path) == file);
    CHECK(e[5].step == 300 && e[5].value == 1 && e[6].value == (double)0.6f);

    /* The last epoch again after a kill, to the same bits; and one that was cut within a record. */
    epoch(cat, &r, 300, 1, (double)0.6f);
    CHECK(read_events(path, e) == 7 && file_of(path) == file);
    cut(path, 21);
    epoch(cat, &r, 301, 0.5, 0.75);
    CHECK(read_events(path, e) == 9 && file_of(path) == file && e[6].value == (double)0.6f);

    /* Other words than the file's: replaced, each epoch once. */
    epoch(cat, &r, 301, 0.25, 0.875);
    CHECK(read_events(path, e) == 9 && e[7].value == 0.25 && e[8].value == 0.875);
    if ((f = fopen(path, "r+b"))) {
        fputs("spoilt", f);
        fclose(f);
    }
    CHECK_OK(nn_tfevents_write(cat, &r, &err), &err);
    CHECK(read_events(path, e) == 9);
    end_catalog(cat);
}

int main(void)
{
    sums();
    events();
    return test_done();
}
