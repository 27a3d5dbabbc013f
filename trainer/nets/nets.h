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

/* What networks are built of; weights by He's normal initialisation (arXiv
 * 1502.01852), fan in. All return tensor indices, -1 after a failure. */
struct nn_net {
    struct nn_graph *g;
    struct nn_rng rng;
    int count;          /* numbers the layers' names */
};

/* Convolution without bias, "same" padding; x has cin channels. */
int nn_net_conv(struct nn_net *n, int x, int cin, int cout, int kernel, int stride);
int nn_net_batchnorm(struct nn_net *n, int x, int channels);
int nn_net_relu(struct nn_net *n, int x);
/* The same over time: (B, cin, 1, length) to (B, cout, 1, length / stride). */
int nn_net_conv_time(struct nn_net *n, int x, int cin, int cout, int kernel, int stride);
/* Fully connected: (B, in) to (B, out); the last one's output is "logits". */
int nn_net_linear(struct nn_net *n, int x, int in, int out, const char *name);
int nn_net_hidden(struct nn_net *n, int x, int in, int out, const char *name);

#endif
