#include <stddef.h>

#include "export/cmds.h"

static const struct nn_cmd cmds[] = {
    { "", "RUN -o FILE.onnx", "write a run's best network as ONNX",
      "neonnoir export emotion-3 -o actor.onnx", nn_export_onnx_opts, 1, 1, nn_export_onnx },
    { "verify", "FILE.onnx", "compare the runtime's engine with libtorch or another engine",
      "neonnoir export verify actor.onnx --on fer2013_valid.tar.gz --count 1000\n"
      "  neonnoir export verify hand.onnx --engine ort",
      nn_export_verify_opts, 1, 1, nn_export_verify },
    { "inspect", "FILE.onnx", "nodes, shapes, parameters, and what the engine lacks",
      "neonnoir export inspect actor.onnx", nn_export_inspect_opts, 1, 1, nn_export_inspect },
    { "bench", "FILE.onnx", "how fast it runs, node by node and beside other engines",
      "neonnoir export bench actor.onnx --engine ours,ort --threads 2", nn_export_bench_opts, 1, 1,
      nn_export_bench },
    { "int8", "FILE.onnx -o FILE.onnx", "weights and values of eight bits, calibrated on pictures",
      "neonnoir export int8 actor.onnx -o actor8.onnx --on fer", nn_export_int8_opts, 1, 1,
      nn_export_int8 },
    { "visualize", "FILE.onnx", "its kernels and feature maps as a picture, or a cup's sleeve",
      "neonnoir export visualize actor.onnx -o kernels.png\n"
      "  neonnoir export visualize actor.onnx --features face.jpg -o maps.png --sleeve sleeve.svg",
      nn_export_visualize_opts, 1, 1, nn_export_visualize },
    { "latent-video", "FILE.onnx -o FILM", "a walk through a generator's latent space as a film",
      "neonnoir export latent-video dream.onnx -o walk.mp4 --seconds 12 --loop\n"
      "  neonnoir export latent-video dream.onnx -o joy.mp4 --direction joy --speed 0",
      nn_export_latent_opts, 1, 1, nn_export_latent },
    { "look", "FILM|FOLDER|COLLECTION... -o LOOK.cube", "its colours as a look for other footage",
      "neonnoir export look night.mp4 -o night.cube --on clip.mp4 --sheet night.png\n"
      "  neonnoir export look \"Chaotic Beauty\" -o beauty.cube", nn_export_look_opts, 1, 64,
      nn_export_look },
    { "convert", "FILE.tflite -o FILE.onnx", "a TensorFlow Lite model as ONNX",
      "neonnoir export convert hand_landmark_lite.tflite -o hand.onnx", nn_export_convert_opts, 1,
      1, nn_export_convert },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        "neonnoir-export", "trained runs to ONNX, verified", cmds, 1,
    };

    return nn_cli_main(&program, argc, argv);
}
