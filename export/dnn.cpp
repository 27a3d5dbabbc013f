#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/dnn.hpp>

extern "C" {
#include "export/dnn.h"
}

struct nn_dnn {
    cv::dnn::Net net;
    int threads;
    std::vector<std::string> name;      /* of each output, as the file has it */
    std::vector<cv::String> layer;      /* that makes it */
    std::vector<cv::Mat> mat;
    std::vector<nn_value> out;
};

/* OpenCV's errors are several lines; its own source paths follow what matters. */
template <class F>
static int guard(struct nn_err *err, F body) noexcept
{
    try {
        return body();
    } catch (const cv::Exception &e) {
        std::string text = e.err.empty() ? std::string(e.what()) : e.err;
        std::replace(text.begin(), text.end(), '\n', ' ');
        text.resize(std::min({ text.size(), text.find(": OpenCV("), size_t(120) }));
        return nn_fail(err, NN_EVISION, "OpenCV: %s", text.c_str());
    } catch (const std::exception &e) {
        return nn_fail(err, NN_EVISION, "OpenCV: %s", e.what());
    } catch (...) {
        return nn_fail(err, NN_EVISION, "OpenCV: unknown exception");
    }
}

/* OpenCV calls a layer "onnx_node!" and the node's name, or "onnx_node_output_0!"
 * and its first output's where it has none. */
static int find_layer(nn_dnn *d, const struct nn_graph *g, int tensor, struct nn_err *err)
{
    for (int i = 0; i < g->nnode; i++)
        if (g->node[i].nout && g->node[i].out[0] == tensor) {
            std::string node = g->node[i].name, made = g->tensor[tensor].name;
            for (const std::string &name : { "onnx_node!" + node, "onnx_node_output_0!" + made,
                                             node, made })
                if (!name.empty() && d->net.getLayerId(name) >= 0) {
                    d->layer.push_back(name);
                    d->name.push_back(made);
                    return 0;
                }
        }
    return nn_fail(err, NN_EVISION, "OpenCV: no layer for output '%s'", g->tensor[tensor].name);
}

struct nn_dnn *nn_dnn_load(const char *path, const struct nn_graph *g, int threads,
                           struct nn_err *err)
{
    struct nn_dnn *d = nullptr;
    int bad = guard(err, [&] {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        cv::setNumThreads(threads);
        d = new nn_dnn;
        d->threads = threads;
        d->net = cv::dnn::readNetFromONNX(path);
        for (int i = 0; i < g->nout; i++)
            if (find_layer(d, g, g->out[i], err))
                return -1;
        return 0;
    });

    if (!bad)
        return d;
    delete d;
    return nullptr;
}

void nn_dnn_free(struct nn_dnn *d)
{
    delete d;
}

static int set_input(nn_dnn *d, const nn_value &v, struct nn_err *err)
{
    std::vector<int> dim(v.dim, v.dim + v.ndim);

    if (v.type != NN_F32)
        return nn_fail(err, NN_EVISION, "OpenCV: input '%s' is no float", v.name);
    d->net.setInput(cv::Mat(dim, CV_32F, v.data), v.name);
    return 0;
}

int nn_dnn_run(struct nn_dnn *d, const struct nn_value *in, int nin, struct nn_err *err)
{
    return guard(err, [&] {
        if (cv::getNumThreads() != d->threads)
            cv::setNumThreads(d->threads);
        for (int i = 0; i < nin; i++)
            if (set_input(d, in[i], err))
                return -1;
        d->net.forward(d->mat, d->layer);
        d->out.resize(d->mat.size());
        for (size_t i = 0; i < d->mat.size(); i++) {
            const cv::Mat &m = d->mat[i];
            nn_value v = { d->name[i].c_str(), NN_F32, m.dims, { 0 }, m.data };
            if (m.dims > NN_MAX_DIMS || m.depth() != CV_32F || !m.isContinuous())
                return nn_fail(err, NN_EVISION, "OpenCV: output '%s' is no float tensor", v.name);
            std::copy(m.size.p, m.size.p + m.dims, v.dim);
            d->out[i] = v;
        }
        return 0;
    });
}

const struct nn_value *nn_dnn_output(const struct nn_dnn *d, int i)
{
    return i >= 0 && i < (int)d->out.size() ? &d->out[i] : nullptr;
}

const char *nn_dnn_version(void)
{
    return CV_VERSION;
}
