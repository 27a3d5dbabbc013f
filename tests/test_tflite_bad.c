/* TensorFlow Lite files that are cut, lie or ask for what cannot be: one error each. */
#include "runtime/tflite/tflite.h"
#include "tests/test.h"
#include "tests/tflite_build.h"

static const struct {
    const char *tensors, *ops, *says;
} cases[] = {
    { "x 1x4x4x3; w 2x3x3x4 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "bad: operator 0 (CONV_2D, 'y'): weights of 2x3x3x4 do not fit 3 channels" },
    { "x 1x4x4x3; w 2x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "input 'w' has 3 dimensions" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 3 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "'b' has 3 values, needs 2" },
    { "x 1x4x4x3; w 2x3x3x3; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "its weights 'w' are no 4-D constant" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,0,0",
      "kernel 3, stride 0" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 7,1,1,0", "padding 7" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,5",
      "fused activation 5" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x _ b > y : 0,1,1,0",
      "input 1 is missing" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x5x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "tensor 'y' is 1x5x4x2 in the file, what its operator makes is 1x4x4x2" },
    { "x 1x4x4x3; w 1x3x3x4 ~; y 1x4x4x4", "DEPTHWISE_CONV_2D x w > y : 0,1,1,1,0",
      "do not fit 3 channels" },
    { "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "'y' has 5 dimensions, 4 at most" },
    { "x 1x1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 1x4x4x2", "CONV_2D x w b > y : 0,1,1,0",
      "input 'x' has 5 dimensions, not 4" },
    { "x 2x6; w 5x7 ~; y 2x5", "FULLY_CONNECTED x w > y : 0", "(Reshape)" },
    { "x 2x6; w 7 ~; y 2x5", "FULLY_CONNECTED x w > y : 0", "1 dimensions, not 2" },
    { "x 2x6; w 5x6 ~; y 2x5", "FULLY_CONNECTED x w > y : 0,1", "shuffled" },
    { "s 4 i32 =1,20,8,3; w 3x3x3x2 ~; x 1x4x4x2; y 1x20x8x3", "TRANSPOSE_CONV s w x > y : 0,2,2",
      "an output of 20x8 does not fit an input of 4x4" },
    { "x 2x3; b 2x3; a 2x3; y 2x3", "ADD x b > a : 0; RELU a > b; NEG a > y",
      "operator 0 (ADD, 'a'): its input 'b' is made by no earlier operator" },
    { "x 2x3; y 2x3", "RELU x > y; NEG x > y", "operator 1 (NEG, 'y'): its output 'y' is there" },
    { "x 2x3; k 2x3 ~; y 2x3", "RELU x > k; NEG k > y", "its output 'k' is there" },
    { "x 2x3; y 2x3", "@Frobnicate x > y : 1",
      "operator 0 (Frobnicate, 'y'): this operator is not supported (number 32)" },
    { "x 2x3; t 2x3; y 2x3", "RELU x > t; WHILE t > y", "operator 1 (WHILE, 'y'): this operator" },
    { "x 2x3; y 2x3", "RELU x x > y", "has 2 inputs, 1 to 1" },
    { "x 2x3 c64; y 2x3", "RELU x > y", "input 'x' is COMPLEX64" },
    { "x 2x3; b 2x4; y 2x3", "ADD x b > y : 0", "do not broadcast" },
    { "x 2x3; s 2 i32 =4,4; y 4x4", "RESHAPE x s > y", "node 'y' (Reshape)" },
    { "x 2x3; s 2 i32 =-1,-1; y 2x3", "RESHAPE x s > y", "more than one dimension" },
    { "x 2x3; s 2 i32; y 2x3", "TRANSPOSE x s > y", "input 1 is no integer constant" },
    { "x 2x3; s 2 i32 =1,1; y 2x3", "TRANSPOSE x s > y", "twice or not at all" },
    { "x 2x3; s 1 i32 =2; y 2x3", "SUM x s > y : 0", "axis 2 is not there" },
    { "x 2x3; p 2x2 i32 =0,-1,0,0; y 1x3", "PAD x p > y", "a padding of -1" },
    { "x 2x3; p 2 i32 =0,1; y 3x3", "PAD x p > y", "do not fit 2 dimensions" },
    { "x 3x4; p 2x2 i32 =2,1,0,1; y 6x5", "MIRROR_PAD x p > y : 1", "symmetric padding" },
    { "x 2x3; z 2x3; y 2x6", "CONCATENATION x z > y : 5,0", "axis 5 is not there" },
    { "x 2x3; b 2 i32 =0,0; e 2 i32 =2,2; s 2 i32 =1,0; y 2x2", "STRIDED_SLICE x b e s > y : 0,0",
      "a step of 0" },
    { "x 2x5; a - i32 =1; y 2x2; z 2x3", "SPLIT a x > y z : 2", "5 values in 2 equal parts" },
    { "x ?x?x4x2; w 3x3x3x2 ~; y ?x?x2x3", "CONV_2D x w _ > y : 0,2,2,0", "is open" },
    { "x 1x3x4x2; s 2 i32 =0,8; y 1x0x8x2", "RESIZE_BILINEAR x s > y : -,-,0,1", "a size of 0x8" },
};

static struct nn_graph *parse(const struct tb *b, size_t size, struct nn_err *err)
{
    /* Exactly as long as it says, so that a read past its end is seen. */
    uint8_t *copy = malloc(size + !size);
    struct nn_graph *g;

    memcpy(copy, b->byte, size);
    *err = (struct nn_err){ 0 };
    g = nn_tflite_parse(copy, size, "bad", 0, err);
    free(copy);
    return g;
}

/* It must be refused by the sentence `says`. */
static void refused(const struct tb *b, size_t size, const char *says)
{
    struct nn_err err;
    struct nn_graph *g = parse(b, size, &err);

    if (g || !strstr(err.msg, says))
        fprintf(stderr, "\"%s\" is not in \"%s\"\n", says, err.msg);
    CHECK(!g && err.code && strstr(err.msg, says));
    nn_graph_free(g);
}

/* Any outcome, but an orderly one. */
static void survives(const struct tb *b, size_t size)
{
    struct nn_err err;
    struct nn_graph *g = parse(b, size, &err);

    CHECK(g ? !err.code : err.code && *err.msg);
    nn_graph_free(g);
}

static void make(struct tb *b)
{
    static struct tb_model m;

    tb_describe(&m, "x 1x4x4x3; h 2x3x3x3 i8 qa ~; w 2x3x3x3; b 2 f16 ~; t 1x4x4x2; "
                "p 4x2 i32 =0,0,1,1,1,1,0,2; u 1x6x6x4; y 1x6x6x4; k 2",
                "DEQUANTIZE h > w; DEQUANTIZE b > k; CONV_2D x w k > t : 0,1,1,3; PAD t p > u; "
                "LEAKY_RELU u > y : f0.2");
    tb_build(b, &m);
}

static void check_bytes(void)
{
    static struct tb good, b;
    struct nn_err err;
    struct nn_graph *g;

    make(&good);
    g = parse(&good, good.size, &err);
    CHECK_OK(g ? 0 : -1, &err);
    nn_graph_free(g);
    for (size_t cut = 0; cut < good.size; cut++)
        refused(&good, cut, "bad: ");
    static const uint8_t values[] = { 0, 1, 4, 127, 128, 255 };
    for (size_t i = 0; i < good.size; i++)
        for (size_t k = 0; k < sizeof values; k++) {
            b = good;
            b.byte[i] = values[k];
            survives(&b, b.size);
        }
    b = good;
    memcpy(b.byte + 4, "TFL2", 4);
    refused(&b, b.size, "byte 4: no TFL3 file");
    b = good;
    tb_put(&b, 0, 0xfffffff0, 4);
    refused(&b, b.size, "byte 0: an offset of 4294967280 points outside the file");
    b = good;
    tb_put(&b, b.data[1], 53, 4);
    refused(&b, b.size, "tensor 'h' (2x3x3x3 of INT8) has 53 bytes, needs 54");
    tb_put(&b, b.data[1], 0xffffffff, 4);
    refused(&b, b.size, "4294967295 elements of 1 bytes announced");
}

/* A result that the file gives fewer dimensions than its operator makes. */
static void check_fewer(void)
{
    static struct tb_model m;
    static struct tb b;
    struct nn_err err;
    struct nn_graph *g;

    tb_describe(&m, "x 1x4x4x3; w 2x3x3x3 ~; b 2 ~; y 4x4x2", "CONV_2D x w b > y : 0,1,1,0");
    tb_build(&b, &m);
    g = parse(&b, b.size, &err);
    CHECK_OK(g ? 0 : -1, &err);
    CHECK(g && g->tensor[g->out[0]].ndim == 3 && g->tensor[g->out[0]].dim[2] == 2);
    nn_graph_free(g);
}

int main(void)
{
    static struct tb_model m;
    static struct tb b;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tb_describe(&m, cases[i].tensors, cases[i].ops);
        tb_build(&b, &m);
        refused(&b, b.size, cases[i].says);
    }
    check_bytes();
    check_fewer();
    return test_done();
}
