#include <stddef.h>

#include "trainer/cmds.h"

static const struct nn_cmd cmds[] = {
    { "emotion", "", "train an emotion network on a snapshot's faces",
      "neonnoir train emotion --snapshot fer --epochs 24\n"
      "  neonnoir train emotion --snapshot actor --init runtime/models/emotion.onnx --rate 0.004",
      nn_train_emotion_opts, 0, 0, nn_train_emotion },
    { "gan", "", "train a generator of pictures on films, pictures or faces",
      "neonnoir train gan --on rushes/ --on night.mp4 --every 0.5 --size 128 --name noir\n"
      "  neonnoir train gan --snapshot fer --size 32 --recipe trainer/recipes/gan-64.json",
      nn_train_gan_opts, 0, 0, nn_train_gan },
    { "gesture", "", "train a network that knows a hand's gesture by its landmarks",
      "neonnoir train gesture --on kazuhito00.tar.xz -o gesture.onnx", nn_train_table_opts, 0, 0,
      nn_train_gesture },
    { "motion", "", "train a network that knows a gesture by the track of a finger tip",
      "neonnoir train motion --on kazuhito00.tar.xz -o motion.onnx", nn_train_table_opts, 0, 0,
      nn_train_motion },
    { "gyro", "", "train a network that knows a gesture by a gyroscope in the hand",
      "neonnoir train gyro --on uhh.tar.xz -o gyro.onnx --report gyro", nn_train_table_opts, 0, 0,
      nn_train_gyro },
    { "fusion", "", "train a network that knows arousal by face, pulse and skin",
      "neonnoir train fusion --on stress-predict.tar.xz -o fusion.onnx", nn_train_table_opts, 0, 0,
      nn_train_fusion },
    { "sweep", "", "find the best of a recipe's ranges by successive halving",
      "neonnoir train sweep --snapshot fer --recipe ranges.json --candidates 27",
      nn_train_sweep_opts, 0, 0, nn_train_sweep },
    { "resume", "RUN", "go on with a run that was stopped or killed",
      "neonnoir train resume emotion-3", NULL, 1, 1, nn_train_resume },
    { "ls", "", "list the runs", "neonnoir train ls --json", nn_train_ls_opts, 0, 0, nn_train_ls },
    { "show", "RUN", "settings, progress and pictures of a run",
      "neonnoir train show latest", nn_train_show_opts, 1, 1, nn_train_show },
    { "compare", "[RUN|MODEL.onnx]...", "how different runs or models are, and whether by chance",
      "neonnoir train compare espresso-1 boba-1 -o compare.png\n"
      "  neonnoir train compare --factor drink\n"
      "  neonnoir train compare a.onnx b.onnx --on fer2013_valid.tar.gz",
      nn_train_compare_opts, 0, -1, nn_train_compare },
    { "label", "RUN NAME=VALUE...", "say what a run is about, to compare by; NAME= takes it back",
      "neonnoir train label emotion-3 drink=espresso", NULL, 2, -1, nn_train_label },
    { "eval", "MODEL.onnx", "judge a model on labelled faces with the runtime's engine",
      "neonnoir train eval emotion.onnx --on fer2013_valid.tar.gz",
      nn_train_eval_opts, 1, 1, nn_train_eval },
    { "eyes", "DIR|ARCHIVE|FILM...", "train the network by which generated pictures are judged",
      "neonnoir train eyes photos/ film.mp4 -o eyes.onnx", nn_train_eyes_opts, 1, -1,
      nn_train_eyes },
    { "judge", "RUN|MODEL.onnx|DIR", "generated pictures beside real ones: FID, KID, copies, ...",
      "neonnoir train judge noir-1 --images frames/ -o judged\n"
      "  neonnoir train judge faces.onnx --snapshot fer --recognise runtime/models/emotion.onnx",
      nn_train_judge_opts, 1, 1, nn_train_judge },
    { "latent", "RUN|MODEL.onnx", "find directions by which a generator follows emotions",
      "neonnoir train latent dream.onnx --sheet directions.png", nn_train_latent_opts, 1, 1,
      nn_train_latent },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        "neonnoir-train", "train emotion networks and judge them", cmds, 1,
    };

    return nn_cli_main(&program, argc, argv);
}
