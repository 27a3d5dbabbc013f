/* Checkpoints: all that a step depends on, in a safetensors file and back. */
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstring>
#include <mutex>
#include <string>

#include "trainer/safetensors.h"
#include "trainer/torch_session.hpp"

using at::Tensor;

/* Everything a checkpoint holds, under its names: visit(name, tensor). */
template <class F> static void each_state(const nn_torch_part &p, F visit)
{
    for (nn_torch_slot &s : p.t->slot) {
        std::string name = p.t->graph->tensor[s.tensor].name, prefix = p.prefix;
        visit(prefix + "weight." + name, p.t->value[s.tensor]);
        if (s.momentum.defined())
            visit(prefix + "momentum." + name, s.momentum);
        if (s.second.defined())
            visit(prefix + "second." + name, s.second);
        if (s.average.defined())
            visit(prefix + "average." + name, s.average);
    }
}

static Tensor generator_state(nn_torch *t)
{
    std::lock_guard<std::mutex> lock(t->generator.mutex());

    return t->generator.get_state().contiguous();
}

static const char *type_name(at::ScalarType type)
{
    return type == at::kFloat ? "F32" : type == at::kLong ? "I64" : "U8";
}

int nn_torch_save_parts(const std::vector<nn_torch_part> &parts, const char *path,
                        const char *note, nn_err *err)
{
    return nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        std::vector<std::pair<std::string, Tensor>> all;
        std::vector<nn_array> arrays;
        for (const nn_torch_part &p : parts) {
            std::string prefix = p.prefix;
            each_state(p, [&](std::string n, Tensor &v) {
                all.emplace_back(n, v.detach().contiguous());
            });
            all.emplace_back(prefix + "generator", generator_state(p.t));
            all.emplace_back(prefix + "steps", at::full({1}, p.t->steps, at::kLong));
        }
        for (auto &p : all) {
            nn_array a = {};
            a.name = p.first.c_str();
            a.type = type_name(p.second.scalar_type());
            a.ndim = (int)p.second.dim();
            for (int i = 0; i < a.ndim; i++)
                a.dim[i] = p.second.size(i);
            a.data = p.second.data_ptr();
            a.bytes = p.second.nbytes();
            arrays.push_back(a);
        }
        return nn_arrays_write(path, arrays.data(), (int)arrays.size(), note, err);
    });
}

int nn_torch_save(struct nn_torch *t, const char *path, const char *note, struct nn_err *err)
{
    return nn_torch_save_parts({ { t, "" } }, path, note, err);
}

static const nn_array *checked(const nn_arrays *file, const char *path, const std::string &name,
                               const Tensor &like, const char *type, nn_err *err)
{
    const nn_array *a = nn_arrays_find(file, name.c_str());
    bool same = a && !strcmp(a->type, type) && a->ndim == like.dim() && a->bytes == like.nbytes();

    for (int i = 0; same && i < a->ndim; i++)
        same = a->dim[i] == like.size(i);
    if (!same)
        nn_fail(err, NN_EFORMAT, "%s: no tensor %s of this network's shape", path, name.c_str());
    return same ? a : nullptr;
}

/* Whether the file holds all of it. */
static bool fits(const nn_torch_part &p, const nn_arrays *file, const char *path, nn_err *err)
{
    std::string prefix = p.prefix;
    bool good = checked(file, path, prefix + "generator", generator_state(p.t), "U8", err) &&
                checked(file, path, prefix + "steps", at::zeros({1}, at::kLong), "I64", err);

    each_state(p, [&](std::string n, Tensor &v) {
        good = good && checked(file, path, n, v, "F32", err);
    });
    return good;
}

static void restore(const nn_torch_part &p, const nn_arrays *file)
{
    std::string prefix = p.prefix;
    Tensor state = generator_state(p.t);
    const nn_array *g = nn_arrays_find(file, (prefix + "generator").c_str());
    const nn_array *s = nn_arrays_find(file, (prefix + "steps").c_str());

    each_state(p, [&](std::string n, Tensor &v) {
        Tensor flat = at::empty(v.sizes(), v.options().requires_grad(false));
        const nn_array *a = nn_arrays_find(file, n.c_str());
        memcpy(flat.data_ptr(), a->data, a->bytes);
        v.detach().copy_(flat);
    });
    memcpy(state.data_ptr(), g->data, g->bytes);
    memcpy(&p.t->steps, s->data, sizeof p.t->steps);
    std::lock_guard<std::mutex> lock(p.t->generator.mutex());
    p.t->generator.set_state(state);
}

int nn_torch_load_parts(const std::vector<nn_torch_part> &parts, const char *path, char *note,
                        size_t size, nn_err *err)
{
    struct nn_arrays file;
    int ret;

    if (nn_arrays_read(path, &file, err))
        return -1;
    ret = nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        for (const nn_torch_part &p : parts)
            if (!fits(p, &file, path, err))
                return -1;      /* nothing has been changed yet */
        for (const nn_torch_part &p : parts)
            restore(p, &file);
        snprintf(note, size, "%s", file.note);
        return 0;
    });
    nn_arrays_release(&file);
    return ret;
}

int nn_torch_load(struct nn_torch *t, const char *path, char *note, size_t size,
                  struct nn_err *err)
{
    return nn_torch_load_parts({ { t, "" } }, path, note, size, err);
}
