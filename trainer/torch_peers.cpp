/* peers.h by libtorch's c10d: a TCPStore to meet at, Gloo for sums. */
#include "trainer/torch_peers.hpp"

extern "C" {
#include "trainer/peers.h"
}

#include <cstring>

/* The headers of Gloo, which c10d's want, do not come with every libtorch. */
#if __has_include(<gloo/algorithm.h>)
#define USE_C10D_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

struct nn_peers {
    nn_peers_place place;
    c10::intrusive_ptr<c10d::TCPStore> store;
    c10::intrusive_ptr<c10d::ProcessGroupGloo> group;
};

static std::string cause(const std::exception &e)
{
    const c10::Error *torch = dynamic_cast<const c10::Error *>(&e);
    std::string text = torch ? torch->what_without_backtrace() : e.what();

    return text.substr(0, text.find('\n'));
}

static void join(nn_peers *p, int seconds)
{
    std::chrono::seconds patience(seconds);
    c10d::TCPStoreOptions at;
    auto options = c10d::ProcessGroupGloo::Options::create(patience);

    at.port = (uint16_t)p->place.port;
    at.isServer = p->place.rank == 0;
    at.numWorkers = p->place.count;
    at.timeout = patience;
    p->store = c10::make_intrusive<c10d::TCPStore>(p->place.host, at);
    if (!strcmp(p->place.host, "127.0.0.1") || !strcmp(p->place.host, "localhost"))
        options->devices.push_back(c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1"));
    else
        options->devices.push_back(c10d::ProcessGroupGloo::createDefaultDevice());
    p->group = c10::make_intrusive<c10d::ProcessGroupGloo>(p->store, p->place.rank,
                                                           p->place.count, options);
}

int nn_peers_join(const struct nn_peers_place *place, int seconds, struct nn_peers **out,
                  struct nn_err *err)
{
    *out = nullptr;
    if (place->count < 2)
        return 0;
    std::unique_ptr<nn_peers> p(new nn_peers{ *place, {}, {} });
    try {
        join(p.get(), seconds);
    } catch (const std::exception &e) {
        return nn_fail(err, NN_EIO, "process %d of %d does not meet the others at %s, port %d: %s",
                       place->rank, place->count, place->host, place->port, cause(e).c_str());
    }
    *out = p.release();
    return 0;
}

void nn_peers_free(struct nn_peers *p)
{
    delete p;
}

int nn_peers_tell(struct nn_peers *p, const char *key, char *text, size_t size, struct nn_err *err)
{
    if (!p)
        return 0;
    try {
        if (p->place.rank == 0) {
            p->store->set(key, std::vector<uint8_t>(text, text + strlen(text)));
            return 0;
        }
        std::vector<uint8_t> told = p->store->get(key);
        if (told.size() >= size)
            return nn_fail(err, NN_EIO, "process 0 says too much");
        memcpy(text, told.data(), told.size());
        text[told.size()] = 0;
        return 0;
    } catch (const std::exception &e) {
        return nn_fail(err, NN_EIO, "process 0 is gone: %s", cause(e).c_str());
    }
}

void nn_torch_sum(struct nn_peers *p, at::Tensor t)
{
    std::vector<at::Tensor> all = { t };

    if (!p)
        return;
    try {
        p->group->allreduce(all)->wait();
    } catch (const std::exception &e) {
        throw nn_torch_gone(cause(e));
    }
}

int nn_peers_rank(const struct nn_peers *p)
{
    return p ? p->place.rank : 0;
}

int nn_peers_count(const struct nn_peers *p)
{
    return p ? p->place.count : 1;
}
#else
int nn_peers_join(const struct nn_peers_place *place, int, struct nn_peers **out,
                  struct nn_err *err)
{
    *out = nullptr;
    return place->count < 2 ? 0 : nn_fail(err, NN_EUNSUPPORTED, "built without Gloo's headers: "
                                          "%d processes cannot train together", place->count);
}

void nn_peers_free(struct nn_peers *) {}
int nn_peers_tell(struct nn_peers *, const char *, char *, size_t, struct nn_err *) { return 0; }
void nn_torch_sum(struct nn_peers *, at::Tensor) {}
int nn_peers_rank(const struct nn_peers *) { return 0; }
int nn_peers_count(const struct nn_peers *) { return 1; }
#endif

/* The sum's gradient: what everybody's loss says of it, summed. */
struct Sum : torch::autograd::Function<Sum> {
    static at::Tensor forward(torch::autograd::AutogradContext *ctx, const at::Tensor &x,
                              nn_peers *p)
    {
        at::Tensor y = x.clone();

        nn_torch_sum(p, y);
        ctx->saved_data["peers"] = (int64_t)(intptr_t)p;
        return y;
    }

    static std::vector<at::Tensor> backward(torch::autograd::AutogradContext *ctx,
                                            std::vector<at::Tensor> grad)
    {
        at::Tensor g = grad[0].contiguous().clone();

        nn_torch_sum((nn_peers *)(intptr_t)ctx->saved_data["peers"].toInt(), g);
        return { g, at::Tensor() };
    }
};

at::Tensor nn_torch_sum_of(const at::Tensor &x, struct nn_peers *p)
{
    return p ? Sum::apply(x, p) : x;
}
