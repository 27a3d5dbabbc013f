#include <stddef.h>

#include "trainer/cmds.h"

static const struct nn_cmd cmds[] = {
    { "emotion", "", "train an emotion network on a snapshot's faces",
      "neonnoir train emotion --snapshot fer --epochs 24\n"
      "  neonnoir train emotion --snapshot actor --init runtime/models/emotion.onnx --rate 0.004",
      nn_train_emotion_opts, 0, 0, nn_train_emotion },
    { "resume", "RUN", "go on with a run that was stopped or killed",
      "neonnoir train resume emotion-3", NULL, 1, 1, nn_train_resume },
    { "ls", "", "list the runs", "neonnoir train ls --json", nn_train_ls_opts, 0, 0, nn_train_ls },
    { "show", "RUN", "settings, progress and pictures of a run",
      "neonnoir train show latest", nn_train_show_opts, 1, 1, nn_train_show },
    { "eval", "MODEL.onnx", "judge a model on labelled faces with the runtime's engine",
      "neonnoir train eval emotion.onnx --on fer2013_valid.tar.gz",
      nn_train_eval_opts, 1, 1, nn_train_eval },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        "neonnoir-train", "train emotion networks and judge them", cmds, 1,
    };

    return nn_cli_main(&program, argc, argv);
}
