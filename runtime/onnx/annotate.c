/* New metadata for a file whose other bytes nobody touches. */
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "runtime/onnx/onnx.h"
#include "runtime/onnx/pb.h"

enum { METADATA = 14 };     /* ModelProto.metadata_props: StringStringEntryProto, key and value */

/* Whether the entry has the key of one of `meta`. 1, 0 or -1. */
static int replaced(struct nn_pb entry, const struct nn_meta *meta, int n)
{
    struct nn_pb_field f;
    int more, found = 0;

    while ((more = nn_pb_next(&entry, &f)) > 0)
        for (int i = 0; i < n && f.id == 1 && f.wire == NN_PB_BYTES; i++) {
            size_t size = strlen(meta[i].key);
            found |= (size_t)(f.sub.end - f.sub.p) == size && !memcmp(f.sub.p, meta[i].key, size);
        }
    return more < 0 ? -1 : found;
}

/* Moves what stays to the front of the bytes. The new size, or 0 with `err`. */
static size_t keep(uint8_t *bytes, size_t size, const char *path, const struct nn_meta *meta,
                   int n, struct nn_err *err)
{
    struct nn_pb s = { bytes, bytes + size, bytes, path, err };
    const uint8_t *start = s.p;
    struct nn_pb_field f;
    uint8_t *to = bytes;
    int more;

    for (; (more = nn_pb_next(&s, &f)) > 0; start = s.p) {
        int drop = f.id == METADATA && f.wire == NN_PB_BYTES ? replaced(f.sub, meta, n) : 0;
        if (drop < 0)
            return 0;
        if (!drop) {
            memmove(to, start, (size_t)(s.p - start));
            to += s.p - start;
        }
    }
    return more < 0 ? 0 : (size_t)(to - bytes);
}

int nn_onnx_annotate(const char *path, const struct nn_meta *meta, int n, struct nn_err *err)
{
    struct nn_err own = { 0 };
    struct nn_atomic a = { 0 };
    struct nn_pb_out o = { 0 };
    struct nn_graph *g;
    size_t size = 0;
    uint8_t *bytes;
    int ret = -1;

    err = err ? err : &own;
    if (!(g = nn_onnx_read(path, err)))     /* what is no model is not to be made one */
        return -1;
    nn_graph_free(g);
    bytes = (uint8_t *)nn_file_read(path, (size_t)2 << 30, &size, err);
    if (!bytes || !(size = keep(bytes, size, path, meta, n, err)))
        goto out;
    for (int i = 0; i < n; i++) {
        size_t at = nn_pb_begin(&o, METADATA);
        nn_pb_put_text(&o, 1, meta[i].key);
        nn_pb_put_text(&o, 2, meta[i].value);
        nn_pb_end(&o, at);
    }
    if (o.failed) {
        nn_fail_mem(err, "metadata");
    } else if (!nn_atomic_open(&a, path, err)) {
        fwrite(bytes, 1, size, a.f);
        fwrite(o.data, 1, o.size, a.f);
        ret = nn_atomic_commit(&a, err);    /* which finds what could not be written */
    }
out:
    free(o.data);
    free(bytes);
    return ret;
}
