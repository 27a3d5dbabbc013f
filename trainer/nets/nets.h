/*
 * nets.h - networks declared as graphs. A network is the same object for the
 * trainer, the exporter and the engine; its weights start here.
 */
#ifndef NN_TRAINER_NETS_NETS_H
#define NN_TRAINER_NETS_NETS_H

#include "common/rng.h"
#include "runtime/onnx/graph.h"

struct nn_net_emotion {
    int size;           /* input edge in pixels, a multiple of 8 */
    int width;          /* channels of the first stage; later stages have 2 and 4 times as many */
    int blocks[3];      /* residual blocks of each stage */
    int votes;          /* also learns how the annotators' votes fell (trainer/votes.h) */
    double dropout;     /* before the classifier */
    uint64_t seed;      /* of the initial weights */
};

/*
 * A residual network (He et al., arXiv 1512.03385) for grey faces: a stem that halves the
 * picture, three stages of which the second and third halve it again and double the
 * channels, global average, one linear layer. Each block weighs its channels by their
 * means (Hu et al., "Squeeze-and-Excitation Networks", arXiv 1709.01507). Input "face"
 * (B, 1, size, size), output "logits" (B, 7); with `votes` also "votes" (B, 8), logits of
 * the shares, and "affect" (B, 2), the valence and arousal of these, -1..1.
 */
struct nn_graph *nn_net_emotion(const struct nn_net_emotion *o, struct nn_err *err);

enum { NN_EYES_SIZE = 128, NN_EYES_FEATURES = 192 };

/*
 * The network behind the project's own feature space (trainer/eyes.h): four stages that halve the
 * picture, global averages of the last three, normalised. Input "image" (B, 3, 128, 128), RGB of
 * -1..1; output "features" (B, 192), or, to be trained, "logits" (B, pictures) that tell which
 * picture it is and "change" (B, changes) that tell what was done to it.
 */
struct nn_graph *nn_net_eyes(int pictures, int changes, uint64_t seed, struct nn_err *err);

struct nn_net_rows {
    const char *name, *input;
    int channels, length;       /* of a row; length 1: plain features without a course of time */
    int width;                  /* of the first layer */
    int classes;
    double dropout;             /* before the classifier */
    uint64_t seed;
    const float *mean, *scale;  /* of each channel: the network sees (x - mean) * scale */
};

/*
 * A small network for rows of features, which takes them as they are: mean and scale stand in the
 * graph as constants. Without time, input (B, channels), two hidden layers of width and width / 2.
 * With time, input (B, channels, 1, length), three convolutions over time (width, 2 width, 2 width;
 * each halves the length). Output "logits" (B, classes).
 */
struct nn_graph *nn_net_rows(const struct nn_net_rows *o, struct nn_err *err);

struct nn_net_gan {
    int size;           /* pictures of size x size: 16, 32, 64, 128, 256, 512 */
    int latent;         /* Z, numbers of a latent */
    int conditions;     /* C; 0: unconditional */
    int width;          /* channels at 64 x 64; half as many at twice the edge, and so on */
    int widest;         /* channels at most */
    uint64_t seed;
};

/*
 * A generator of the kind of FastGAN's (B. Liu et al., arXiv 2101.04775): one linear layer to
 * 4 x 4, then for each doubling nearest-neighbour upsampling, a 3x3 convolution, batch
 * normalisation and Relu, where small pictures weigh the channels of those 16 times as large;
 * tanh. The condition joins the latent through a linear layer without bias, so that all zeros say
 * nothing. Inputs "z" (B, Z) and with conditions "c" (B, C), output "image" (B, 3, S, S), -1..1.
 */
struct nn_graph *nn_net_generator(const struct nn_net_gan *o, struct nn_err *err);

/*
 * Its judge, without normalisation: residual blocks of two convolutions that halve the picture
 * down to 4 x 4. Output "logit" (B, 1) for the whole picture, to which a condition adds its
 * embedding's product with the features (T. Miyato and M. Koyama, arXiv 1802.05637), and, from 64
 * on, "patch" (B, 1, S / 8, S / 8) for its parts. Inputs "image" and with conditions "c".
 */
struct nn_graph *nn_net_discriminator(const struct nn_net_gan *o, struct nn_err *err);

/* What networks are built of; weights by He's normal initialisation (arXiv
 * 1502.01852), fan in. All return tensor indices, -1 after a failure. */
struct nn_net {
    struct nn_graph *g;
    struct nn_rng rng;
    int count;          /* numbers the layers' names */
};

/* Convolution without bias, "same" padding; x has cin channels. */
int nn_net_conv(struct nn_net *n, int x, int cin, int cout, int kernel, int stride);
/* The same without padding and of stride 1. */
int nn_net_conv_valid(struct nn_net *n, int x, int cin, int cout, int kernel);
int nn_net_batchnorm(struct nn_net *n, int x, int channels);
int nn_net_relu(struct nn_net *n, int x);
/* Fully connected without bias: (B, in) to (B, out). */
int nn_net_matmul(struct nn_net *n, int x, int in, int out, const char *name);
/* The same over time: (B, cin, 1, length) to (B, cout, 1, length / stride). */
int nn_net_conv_time(struct nn_net *n, int x, int cin, int cout, int kernel, int stride);
/* Fully connected: (B, in) to (B, out); the last one's output is "logits". */
int nn_net_linear(struct nn_net *n, int x, int in, int out, const char *name);
int nn_net_hidden(struct nn_net *n, int x, int in, int out, const char *name);

#endif
