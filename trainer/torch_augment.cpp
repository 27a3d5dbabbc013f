/* Differentiable augmentation of pictures (S. Zhao et al., arXiv 2006.10738). */
#include "trainer/torch_gan.hpp"

using at::Tensor;

/* n numbers of 0..1, one a picture. */
static Tensor dice(const Tensor &x, at::Generator &g)
{
    return at::empty({ x.size(0), 1, 1, 1 }, x.options()).uniform_(0, 1, g);
}

/* 1 for the pictures it happens to, else 0. */
static Tensor chosen(const Tensor &x, double p, at::Generator &g)
{
    return dice(x, g).lt(p).to(at::kFloat);
}

static Tensor colour(Tensor x, double p, at::Generator &g)
{
    x = x + chosen(x, p, g) * (dice(x, g) - 0.5);
    Tensor grey = x.mean(1, true);
    x = grey + (x - grey) * (1 + chosen(x, p, g) * (2 * dice(x, g) - 1));
    Tensor mean = x.mean({ 1, 2, 3 }, true);
    return mean + (x - mean) * (1 + chosen(x, p, g) * (dice(x, g) - 0.5));
}

/* Whole pixels of -reach..reach, 0 for those it does not happen to. */
static Tensor offsets(const Tensor &x, int64_t reach, double p, at::Generator &g)
{
    Tensor all = ((2 * reach + 1) * dice(x, g)).floor() - (double)reach;

    return (all * chosen(x, p, g)).to(at::kLong).view(-1);
}

static Tensor translation(const Tensor &x, double p, at::Generator &g)
{
    int64_t size = x.size(2), reach = size / 8;
    Tensor dy = offsets(x, reach, p, g), dx = offsets(x, reach, p, g);
    Tensor wide = at::constant_pad_nd(x, { reach, reach, reach, reach }, 0);
    std::vector<Tensor> moved;

    for (int64_t i = 0; i < x.size(0); i++)
        moved.push_back(wide[i].narrow(1, reach + dy[i].item<int64_t>(), size)
                               .narrow(2, reach + dx[i].item<int64_t>(), size));
    return at::stack(moved).contiguous(at::MemoryFormat::ChannelsLast);
}

static Tensor cutout(const Tensor &x, double p, at::Generator &g)
{
    int64_t size = x.size(2), edge = size / 2;
    Tensor cut = chosen(x, p, g).view(-1), at_y = dice(x, g).view(-1), at_x = dice(x, g).view(-1);
    Tensor keep = at::ones({ x.size(0), 1, size, size }, x.options());

    for (int64_t i = 0; i < x.size(0); i++) {
        int64_t y = (int64_t)(at_y[i].item<float>() * (float)(size + edge)) - edge;
        int64_t z = (int64_t)(at_x[i].item<float>() * (float)(size + edge)) - edge;
        int64_t y0 = std::max<int64_t>(y, 0), x0 = std::max<int64_t>(z, 0);
        int64_t h = std::min(y + edge, size) - y0, w = std::min(z + edge, size) - x0;
        if (cut[i].item<float>() > 0 && h > 0 && w > 0)
            keep[i].narrow(1, y0, h).narrow(2, x0, w).zero_();
    }
    return x * keep;
}

Tensor nn_torch_augment(const Tensor &x, double p, at::Generator &g)
{
    return p > 0 ? cutout(translation(colour(x, p, g), p, g), p, g) : x;
}
