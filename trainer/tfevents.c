#include "trainer/tfevents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TAG = 100, EVENT = TAG + 40, MOST = 64 << 20 };

/* Fields of the messages, with their wire types. */
enum { WALL_TIME = 0x09, STEP = 0x10, FILE_VERSION = 0x1a, SUMMARY = 0x2a };
enum { VALUE = 0x0a, VALUE_TAG = 0x0a, SIMPLE_VALUE = 0x15 };

struct bytes {
    uint8_t at[EVENT];
    size_t n;
};

uint32_t nn_crc32c(const void *data, size_t size)
{
    const uint8_t *p = data;
    uint32_t crc = 0xffffffff;

    while (size--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static uint32_t masked(const void *data, size_t size)
{
    uint32_t crc = nn_crc32c(data, size);

    return (crc >> 15 | crc << 17) + 0xa282ead8;
}

static void put(struct bytes *b, uint64_t v, int size)
{
    for (int i = 0; i < size; i++)
        b->at[b->n++] = (uint8_t)(v >> 8 * i);
}

static void put_varint(struct bytes *b, uint64_t v)
{
    for (; v > 127; v >>= 7)
        put(b, 128 | (v & 127), 1);
    put(b, v, 1);
}

static void put_text(struct bytes *b, int field, const char *text)
{
    size_t n = strlen(text);

    put(b, (uint64_t)field, 1);
    put_varint(b, n);
    memcpy(b->at + b->n, text, n);
    b->n += n;
}

static void put_time(struct bytes *b, double at)
{
    uint64_t bits;

    memcpy(&bits, &at, sizeof bits);
    put(b, WALL_TIME, 1);
    put(b, bits, 8);
}

static void write_record(FILE *f, const struct bytes *data)
{
    struct bytes head = { .n = 0 }, tail = { .n = 0 };

    put(&head, data->n, 8);
    put(&head, masked(head.at, 8), 4);
    put(&tail, masked(data->at, data->n), 4);
    fwrite(head.at, 1, head.n, f);
    fwrite(data->at, 1, data->n, f);
    fwrite(tail.at, 1, tail.n, f);
}

struct events {
    FILE *f;
    double first;               /* time of the first one; 0: none yet */
};

static int write_event(void *arg, const struct nn_metric *m)
{
    struct events *to = arg;
    struct bytes b = { .n = 0 };
    float value = (float)m->value;
    char tag[TAG];
    uint32_t bits;
    size_t inner;

    if (!to->first) {
        to->first = m->at;
        put_time(&b, m->at);
        put_text(&b, FILE_VERSION, "brain.Event:2");
        write_record(to->f, &b);
        b.n = 0;
    }
    snprintf(tag, sizeof tag, "%s/%s", m->split, m->name);
    memcpy(&bits, &value, sizeof bits);
    inner = 2 + strlen(tag) + 5;        /* a tag is shorter than 128: one byte tells its length */
    put_time(&b, m->at);
    put(&b, STEP, 1);
    put_varint(&b, (uint64_t)m->epoch);
    put(&b, SUMMARY, 1);
    put_varint(&b, inner + 2);
    put(&b, VALUE, 1);
    put_varint(&b, inner);
    put_text(&b, VALUE_TAG, tag);
    put(&b, SIMPLE_VALUE, 1);
    put(&b, bits, 4);
    write_record(to->f, &b);
    return 0;
}

/* Bytes of the file at `path` when it is a beginning of `data`; 0 when it is none. */
static size_t beginning(const char *path, const char *data, size_t size)
{
    size_t had = 0;
    char *old = nn_exists(path) ? nn_file_read(path, MOST, &had, NULL) : NULL;

    if (!old || had > size || memcmp(old, data, had))
        had = 0;
    free(old);
    return had;
}

static int append(const char *path, const char *data, size_t size, struct nn_err *err)
{
    FILE *f = fopen(path, "ab");
    int bad = !f || fwrite(data, 1, size, f) != size;

    if (f && fclose(f))
        bad = 1;
    return bad ? nn_fail_errno(err, "cannot write %s", path) : 0;
}

int nn_tfevents_write(struct nn_catalog *cat, const struct nn_run *run, struct nn_err *err)
{
    char *data = NULL, path[NN_PATH], name[80];
    size_t size = 0, had;
    struct events to = { .f = open_memstream(&data, &size) };
    int ret;

    if (!to.f)
        return nn_fail_mem(err, "events");
    ret = nn_run_metric_each(cat, run->id, write_event, &to, err);
    if (fclose(to.f) && !ret)
        ret = nn_fail_mem(err, "events");
    snprintf(name, sizeof name, "events.out.tfevents.%010lld.neonnoir", (long long)to.first);
    if (!ret && to.first && !(ret = nn_run_path(cat, run->name, name, path, err))) {
        had = beginning(path, data, size);
        ret = had ? append(path, data + had, size - had, err)
                  : nn_file_write(path, data, size, err);
    }
    free(data);
    return ret;
}
