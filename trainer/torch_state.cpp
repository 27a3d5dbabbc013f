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
template <class F> static void each_state(nn_torch *t, F visit)
{
    for (nn_torch_slot &s : t->slot) {
        std::string name = t->graph->tensor[s.tensor].name;
        visit("weight." + name, t->value[s.tensor]);
        if (s.momentum.defined())
            visit("momentum." + name, s.momentum);
        if (s.second.defined())
            visit("second." + name, s.second);
        if (s.average.defined())
            visit("average." + name, s.average);
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

int nn_torch_save(struct nn_torch *t, const char *path, const char *note, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        std::vector<std::pair<std::string, Tensor>> all;
        std::vector<nn_array> arrays;
        each_state(t, [&](std::string n, Tensor &v) {
            all.emplace_back(n, v.detach().contiguous());
        });
        all.emplace_back("generator", generator_state(t));
        all.emplace_back("steps", at::full({1}, t->steps, at::kLong));
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

static int restore(nn_torch *t, const nn_arrays *file, const char *path, nn_err *err)
{
    Tensor state = generator_state(t), steps = at::zeros({1}, at::kLong);
    const nn_array *g = checked(file, path, "generator", state, "U8", err), *s;
    int bad = !g || !(s = checked(file, path, "steps", steps, "I64", err));

    each_state(t, [&](std::string n, Tensor &v) {
        bad = bad || !checked(file, path, n, v, "F32", err);
    });
    if (bad)
        return -1;      /* nothing has been changed yet */
    each_state(t, [&](std::string n, Tensor &v) {
        Tensor flat = at::empty(v.sizes(), v.options().requires_grad(false));
        const nn_array *a = nn_arrays_find(file, n.c_str());
        memcpy(flat.data_ptr(), a->data, a->bytes);
        v.detach().copy_(flat);
    });
    memcpy(state.data_ptr(), g->data, g->bytes);
    memcpy(&t->steps, s->data, sizeof t->steps);
    std::lock_guard<std::mutex> lock(t->generator.mutex());
    t->generator.set_state(state);
    return 0;
}

int nn_torch_load(struct nn_torch *t, const char *path, char *note, size_t size,
                  struct nn_err *err)
{
    struct nn_arrays file;
    int ret;

    if (nn_arrays_read(path, &file, err))
        return -1;
    ret = nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        if (restore(t, &file, path, err))
            return -1;
        snprintf(note, size, "%s", file.note);
        return 0;
    });
    nn_arrays_release(&file);
    return ret;
}
