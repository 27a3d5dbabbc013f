#include "trainer/torch_ops.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

using at::Tensor;
typedef const nn_torch_node &Node;

static std::vector<int64_t> ints(Node n, const char *name, std::vector<int64_t> otherwise)
{
    int64_t v[2 * NN_MAX_DIMS];
    int count = nn_attr_ints(n.node, name, v, 2 * NN_MAX_DIMS);

    return count ? std::vector<int64_t>(v, v + count) : otherwise;
}

/* An operand that must be known when the graph is read: an attribute in old
 * opsets, a constant input in newer ones. */
static std::vector<int64_t> int_operand(Node n, const char *attr, int input)
{
    std::vector<int64_t> v = ints(n, attr, {});

    if (v.empty() && n.has(input)) {
        Tensor t = n.in(input).to(at::kLong).contiguous();
        v.assign(t.data_ptr<int64_t>(), t.data_ptr<int64_t>() + t.numel());
    }
    return v;
}

static double limit(Node n, const char *attr, int input, double otherwise)
{
    if (n.has(input))
        return n.in(input).item<double>();
    return nn_attr_float(n.node, attr, (float)otherwise);
}

/* Window geometry of Conv and the pools: pads as ONNX has them (begins, ends). */
struct Window {
    std::vector<int64_t> kernel, stride, dilation, pad;

    Window(Node n, const Tensor &x, std::vector<int64_t> k) : kernel(k)
    {
        size_t d = k.size();
        const char *mode = nn_attr_text(n.node, "auto_pad", "NOTSET");
        stride = ints(n, "strides", std::vector<int64_t>(d, 1));
        dilation = ints(n, "dilations", std::vector<int64_t>(d, 1));
        pad = ints(n, "pads", std::vector<int64_t>(2 * d, 0));
        TORCH_CHECK(stride.size() == d && dilation.size() == d && pad.size() == 2 * d &&
                    x.dim() == (int64_t)d + 2, "window attributes do not fit the input");
        if (strncmp(mode, "SAME", 4))
            return;
        for (size_t i = 0; i < d; i++) {
            int64_t size = x.size((int64_t)i + 2), reach = (kernel[i] - 1) * dilation[i] + 1;
            int64_t out = (size + stride[i] - 1) / stride[i];
            int64_t total = std::max<int64_t>((out - 1) * stride[i] + reach - size, 0);
            int64_t less = total / 2, more = total - less;
            bool upper = !strcmp(mode, "SAME_UPPER");
            pad[i] = upper ? less : more;
            pad[i + d] = upper ? more : less;
        }
    }
    bool symmetric() const
    {
        return std::equal(pad.begin(), pad.begin() + (long)kernel.size(),
                          pad.begin() + (long)kernel.size());
    }
    std::vector<int64_t> begins() const
    {
        return std::vector<int64_t>(pad.begin(), pad.begin() + (long)kernel.size());
    }
    /* Pads x itself and leaves none for the operator. */
    Tensor pad_now(const Tensor &x, double value)
    {
        std::vector<int64_t> p;
        size_t d = kernel.size();
        for (size_t i = d; i-- > 0;) {
            p.push_back(pad[i]);
            p.push_back(pad[i + d]);
        }
        pad.assign(2 * d, 0);
        return at::constant_pad_nd(x, p, value);
    }
};

static bool all(const std::vector<int64_t> &v, int64_t is)
{
    return std::all_of(v.begin(), v.end(), [&](int64_t x) { return x == is; });
}

static Tensor conv(Node n)
{
    Tensor x = n.in(0), w = n.in(1), b = n.has(2) ? n.in(2) : Tensor();
    Window win(n, x, w.sizes().slice(2).vec());

    if (!win.symmetric())
        x = win.pad_now(x, 0);
    if (!b.defined() && all(win.stride, 1) && all(win.pad, 1) && all(win.dilation, 1) &&
        nn_attr_int(n.node, "group", 1) == 1 && !n.twice && nn_torch_conv3_fits(x, w))
        return nn_torch_conv3(x, w);
    return at::convolution(x, w, b, win.stride, win.begins(), win.dilation, false, {0, 0},
                           nn_attr_int(n.node, "group", 1));
}

static Tensor conv_transpose(Node n)
{
    Tensor x = n.in(0), w = n.in(1), b = n.has(2) ? n.in(2) : Tensor();
    Window win(n, x, w.sizes().slice(2).vec());

    TORCH_CHECK(win.symmetric() && !nn_attr_find(n.node, "output_shape"),
                "only symmetric padding is interpreted");
    return at::convolution(x, w, b, win.stride, win.begins(), win.dilation, true,
                           ints(n, "output_padding", {0, 0}), nn_attr_int(n.node, "group", 1));
}

static Tensor batch_norm(Node n)
{
    if (nn_torch_lazy_norm(n))
        return Tensor();
    return at::batch_norm(n.in(0), n.in(1), n.in(2), n.in(3), n.in(4), n.training,
                          1.0 - nn_attr_float(n.node, "momentum", 0.9f),
                          nn_attr_float(n.node, "epsilon", 1e-5f), false);
}

static Tensor max_pool(Node n)
{
    Tensor x = n.in(0);
    Window win(n, x, ints(n, "kernel_shape", {}));

    if (!win.symmetric())
        x = win.pad_now(x, -std::numeric_limits<double>::infinity());
    return at::max_pool2d(x, win.kernel, win.stride, win.begins(), win.dilation,
                          nn_attr_int(n.node, "ceil_mode", 0));
}

static Tensor average_pool(Node n)
{
    Tensor x = n.in(0);
    Window win(n, x, ints(n, "kernel_shape", {}));

    TORCH_CHECK(win.symmetric(), "only symmetric padding is interpreted");
    return at::avg_pool2d(x, win.kernel, win.stride, win.begins(),
                          nn_attr_int(n.node, "ceil_mode", 0),
                          nn_attr_int(n.node, "count_include_pad", 0));
}

static Tensor flatten(Node n)
{
    int64_t axis = nn_attr_int(n.node, "axis", 1), rows = 1;
    Tensor x = n.in(0);

    if (axis < 0)
        axis += x.dim();
    for (int64_t i = 0; i < axis; i++)
        rows *= x.size(i);
    return x.reshape({rows, axis == 0 ? x.numel() : -1});
}

static Tensor reshape(Node n)
{
    std::vector<int64_t> shape = int_operand(n, "shape", 1);

    for (size_t i = 0; i < shape.size(); i++)
        if (shape[i] == 0)
            shape[i] = n.in(0).size((int64_t)i);
    return n.in(0).reshape(shape);
}

static Tensor gemm(Node n)
{
    Tensor a = n.in(0), b = n.in(1), y;
    float alpha = nn_attr_float(n.node, "alpha", 1), beta = nn_attr_float(n.node, "beta", 1);

    if (nn_attr_int(n.node, "transA", 0))
        a = a.t();
    if (nn_attr_int(n.node, "transB", 0))
        b = b.t();
    y = alpha == 1 ? at::mm(a, b) : at::mm(a, b) * alpha;
    return n.has(2) ? at::add(y, n.in(2), beta) : y;
}

static Tensor dropout(Node n)
{
    double p = limit(n, "ratio", 1, 0.5);

    if (!n.training || p <= 0)
        return n.in(0);
    /* Of all samples of the batch, wherever they are, so that it does not matter where. */
    std::vector<int64_t> size = n.in(0).sizes().vec();
    size[0] = n.share.all;
    Tensor keep = at::empty(size, n.in(0).options()).bernoulli_(1 - p, *n.generator);
    return n.in(0) * keep.narrow(0, n.share.first, n.share.count).div_(1 - p);
}

static Tensor clip(Node n)
{
    double inf = std::numeric_limits<double>::infinity();

    return at::clamp(n.in(0), limit(n, "min", 1, -inf), limit(n, "max", 2, inf));
}

static Tensor concat(Node n)
{
    std::vector<Tensor> all;

    for (int i = 0; i < n.node->nin; i++)
        all.push_back(n.in(i));
    return at::cat(all, nn_attr_int(n.node, "axis", 0));
}

static Tensor transpose(Node n)
{
    std::vector<int64_t> back;

    for (int64_t i = n.in(0).dim(); i-- > 0;)
        back.push_back(i);
    return n.in(0).permute(ints(n, "perm", back));
}

static Tensor squeeze(Node n)
{
    Tensor x = n.in(0);
    std::vector<int64_t> axes = int_operand(n, "axes", 1);

    if (axes.empty())
        return x.squeeze();
    for (int64_t &a : axes)
        a += a < 0 ? x.dim() : 0;
    std::sort(axes.rbegin(), axes.rend());
    for (int64_t a : axes)
        x = x.squeeze(a);
    return x;
}

static Tensor unsqueeze(Node n)
{
    Tensor x = n.in(0);
    std::vector<int64_t> axes = int_operand(n, "axes", 1);

    for (int64_t &a : axes)
        a += a < 0 ? x.dim() + (int64_t)axes.size() : 0;
    std::sort(axes.begin(), axes.end());
    for (int64_t a : axes)
        x = x.unsqueeze(a);
    return x;
}

static Tensor reduce_mean(Node n)
{
    std::vector<int64_t> axes = int_operand(n, "axes", 1);

    if (axes.empty())
        for (int64_t i = 0; i < n.in(0).dim(); i++)
            axes.push_back(i);
    return n.in(0).mean(axes, nn_attr_int(n.node, "keepdims", 1) != 0);
}

static Tensor softmax(Node n)
{
    /* Before opset 13 the input is flattened to two dimensions at `axis`. */
    int64_t axis = nn_attr_int(n.node, "axis", n.graph->opset < 13 ? 1 : -1);
    Tensor x = n.in(0);

    if (n.graph->opset >= 13)
        return at::softmax(x, axis);
    if (axis < 0)
        axis += x.dim();
    return at::softmax(x.flatten(axis), axis).reshape(x.sizes());
}

static Tensor hard_sigmoid(Node n)
{
    float a = nn_attr_float(n.node, "alpha", 0.2f), b = nn_attr_float(n.node, "beta", 0.5f);

    return at::clamp(n.in(0) * a + b, 0, 1);
}

static Tensor leaky_relu(Node n)
{
    return at::leaky_relu(n.in(0), nn_attr_float(n.node, "alpha", 0.01f));
}

static Tensor prelu(Node n)
{
    Tensor x = n.in(0);

    return at::clamp_min(x, 0) + at::clamp_max(x, 0) * n.in(1);
}

/* Pictures enlarged by whole numbers, each pixel repeated: what generators do. */
static Tensor resize(Node n)
{
    Tensor x = n.in(0), scale;
    const char *mode = nn_attr_text(n.node, "mode", "nearest");

    TORCH_CHECK(!strcmp(mode, "nearest") && x.dim() == 4 && n.has(2) && n.in(2).numel() == 4,
                "only nearest, of pictures and by scales, is interpreted");
    scale = n.in(2).contiguous();
    const float *k = scale.data_ptr<float>();
    for (int i = 0; i < 4; i++)
        TORCH_CHECK(k[i] >= 1 && k[i] == (float)(int)k[i] && (i > 1 || k[i] == 1),
                    "only whole numbers enlarge");
    return at::upsample_nearest2d(x, { x.size(2) * (int64_t)k[2], x.size(3) * (int64_t)k[3] });
}

static const struct {
    const char *name;
    nn_torch_op run;
} ops[] = {
    { "Conv", conv },
    { "ConvTranspose", conv_transpose },
    { "BatchNormalization", batch_norm },
    { "MaxPool", max_pool },
    { "AveragePool", average_pool },
    { "GlobalAveragePool", nn_torch_lazy_mean },
    { "GlobalMaxPool", [](Node n) { return n.in(0).amax({2, 3}, true); } },
    { "Flatten", flatten },
    { "Reshape", reshape },
    { "Gemm", gemm },
    { "MatMul", [](Node n) { return at::matmul(n.in(0), n.in(1)); } },
    { "Dropout", dropout },
    { "Identity", [](Node n) { return n.in(0); } },
    { "Relu", nn_torch_lazy_relu },
    { "LeakyRelu", leaky_relu },
    { "PRelu", prelu },
    { "Elu", [](Node n) { return at::elu(n.in(0), nn_attr_float(n.node, "alpha", 1)); } },
    { "Clip", clip },
    { "Sigmoid", [](Node n) { return at::sigmoid(n.in(0)); } },
    { "HardSigmoid", hard_sigmoid },
    { "HardSwish", [](Node n) { return at::hardswish(n.in(0)); } },
    { "Tanh", [](Node n) { return at::tanh(n.in(0)); } },
    { "Softmax", softmax },
    { "Add", nn_torch_lazy_add },
    { "Sub", [](Node n) { return at::sub(n.in(0), n.in(1)); } },
    { "Mul", nn_torch_lazy_mul },
    { "Div", [](Node n) { return at::div(n.in(0), n.in(1)); } },
    { "Concat", concat },
    { "Transpose", transpose },
    { "Squeeze", squeeze },
    { "Unsqueeze", unsqueeze },
    { "ReduceMean", reduce_mean },
    { "Resize", resize },
};

nn_torch_op nn_torch_op_find(const char *op)
{
    for (const auto &o : ops)
        if (!strcmp(o.name, op))
            return o.run;
    return nullptr;
}
