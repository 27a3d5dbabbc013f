/*
 * ort_api.h - the part of ONNX Runtime's C interface that ort.c calls.
 *
 * OrtApi is one table of function pointers to which every version only appends,
 * so names are wanted here for what is called and gaps do for the rest. Order
 * and signatures: include/onnxruntime/core/session/onnxruntime_c_api.h.
 */
#ifndef NN_RUNTIME_ENGINE_ORT_API_H
#define NN_RUNTIME_ENGINE_ORT_API_H

#include <stddef.h>
#include <stdint.h>

enum { ORT_API_VERSION = 3, ORT_LOG_ERROR = 3, ORT_ARENA_ALLOCATOR = 1, ORT_MEM_DEFAULT = 0 };

struct ort_status;              /* NULL: no error */
struct ort_env;
struct ort_options;
struct ort_run_options;
struct ort_session;
struct ort_value;
struct ort_type;
struct ort_shape;
struct ort_memory;
struct ort_allocator;
struct ort_metadata;

typedef void *ort_gap;

struct ort_api {
    ort_gap gap0[2];
    const char *(*message)(const struct ort_status *);                              /* 2 */
    struct ort_status *(*env_new)(int log, const char *id, struct ort_env **);      /* 3 */
    ort_gap gap4[3];
    struct ort_status *(*session_load)(const struct ort_env *, const char *path,
                                       const struct ort_options *, struct ort_session **);  /* 7 */
    struct ort_status *(*session_parse)(const struct ort_env *, const void *onnx, size_t size,
                                        const struct ort_options *, struct ort_session **);
    struct ort_status *(*run)(struct ort_session *, const struct ort_run_options *,
                              const char *const *in_name, const struct ort_value *const *in,
                              size_t nin, const char *const *out_name, size_t nout,
                              struct ort_value **out);
    struct ort_status *(*options_new)(struct ort_options **);                       /* 10 */
    ort_gap gap11[13];
    struct ort_status *(*set_threads)(struct ort_options *, int n);                 /* 24 */
    struct ort_status *(*set_graph_threads)(struct ort_options *, int n);
    ort_gap gap26[4];
    struct ort_status *(*in_count)(const struct ort_session *, size_t *);           /* 30 */
    struct ort_status *(*out_count)(const struct ort_session *, size_t *);
    ort_gap gap32[1];
    struct ort_status *(*in_type)(const struct ort_session *, size_t i, struct ort_type **);
    struct ort_status *(*out_type)(const struct ort_session *, size_t i, struct ort_type **);
    ort_gap gap35[1];
    struct ort_status *(*in_name)(const struct ort_session *, size_t i, struct ort_allocator *,
                                  char **);                                         /* 36 */
    struct ort_status *(*out_name)(const struct ort_session *, size_t i, struct ort_allocator *,
                                   char **);
    ort_gap gap38[11];
    struct ort_status *(*tensor_over)(const struct ort_memory *, void *data, size_t bytes,
                                      const int64_t *dim, size_t ndim, int type,
                                      struct ort_value **);                         /* 49 */
    struct ort_status *(*is_tensor)(const struct ort_value *, int *);
    struct ort_status *(*tensor_data)(struct ort_value *, void **);                 /* 51 */
    ort_gap gap52[3];
    struct ort_status *(*tensor_of_type)(const struct ort_type *, const struct ort_shape **);
    ort_gap gap56[4];
    struct ort_status *(*element_type)(const struct ort_shape *, int *);            /* 60 */
    struct ort_status *(*ndim)(const struct ort_shape *, size_t *);
    struct ort_status *(*dims)(const struct ort_shape *, int64_t *, size_t max);    /* 62 */
    ort_gap gap63[2];
    struct ort_status *(*shape_of)(const struct ort_value *, struct ort_shape **);  /* 65 */
    ort_gap gap66[3];
    struct ort_status *(*cpu_memory)(int allocator, int memory, struct ort_memory **);  /* 69 */
    ort_gap gap70[6];
    struct ort_status *(*allocator_free)(struct ort_allocator *, void *);           /* 76 */
    ort_gap gap77[1];
    struct ort_status *(*allocator)(struct ort_allocator **);                       /* 78 */
    ort_gap gap79[13];
    void (*env_free)(struct ort_env *);                                             /* 92 */
    void (*status_free)(struct ort_status *);
    void (*memory_free)(struct ort_memory *);
    void (*session_free)(struct ort_session *);
    void (*value_free)(struct ort_value *);
    ort_gap gap97[1];
    void (*type_free)(struct ort_type *);                                           /* 98 */
    void (*shape_free)(struct ort_shape *);
    void (*options_free)(struct ort_options *);                                     /* 100 */
    ort_gap gap101[10];
    struct ort_status *(*metadata)(const struct ort_session *, struct ort_metadata **); /* 111 */
    ort_gap gap112[4];
    struct ort_status *(*metadata_value)(const struct ort_metadata *, struct ort_allocator *,
                                         const char *key, char **);                 /* 116 */
    ort_gap gap117[1];
    void (*metadata_free)(struct ort_metadata *);                                   /* 118 */
    ort_gap gap119[4];
    struct ort_status *(*metadata_keys)(const struct ort_metadata *, struct ort_allocator *,
                                        char ***, int64_t *n);                      /* 123 */
};

/* The places that ONNX Runtime's own sources pin at the end of versions 1 and 2. */
_Static_assert(offsetof(struct ort_api, gap101) == 101 * sizeof(void *), "end of version 1");
_Static_assert(offsetof(struct ort_api, metadata_free) == 118 * sizeof(void *), "end of version 2");
_Static_assert(sizeof(struct ort_api) == 124 * sizeof(void *), "version 3's first five");

struct ort_base {
    const struct ort_api *(*api)(uint32_t version);
    const char *(*version)(void);
};

#endif
