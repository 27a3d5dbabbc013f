#include <stddef.h>

#include "labeler/cmds.h"

static const struct nn_cmd cmds[] = {
    { "add", "CLIP... TAG...", "put tags on clips",
      "neonnoir label add megamind-1 megamind-2 smoky-silhouettes mood/tense\n"
      "  neonnoir label add --where 'megamind duration<2' motion/fast",
      nn_label_add_opts, 1, -1, nn_label_add },
    { "rm", "CLIP... TAG...", "take tags off clips", "neonnoir label rm megamind-1 mood/tense",
      nn_label_rm_opts, 1, -1, nn_label_rm },
    { "ls", "[CLIP...]", "list the tags of clips", "neonnoir label ls megamind-1 --json",
      nn_label_ls_opts, 0, -1, nn_label_ls },
    { "collect", "COLLECTION [CLIP...]", "fill a collection with clips, or make one",
      "neonnoir label collect \"Chaotic Beauty\" megamind-1\n"
      "  neonnoir label collect \"Night\" --new --in \"Neon Noir\" --where tag:smoky-silhouettes\n"
      "  neonnoir label collect \"Angry faces\" --new --query emotion:angry",
      nn_label_collect_opts, 1, -1, nn_label_collect },
    { "faces", "CLIP", "say what the faces of a clip show, or whose they are",
      "neonnoir label faces megamind-2 --emotion angry\n"
      "  neonnoir label faces megamind-2 --at 4.2 --emotion surprise --subject \"Ada Lovelace\"",
      nn_label_faces_opts, 1, 1, nn_label_faces },
    { "guess", "CLIP...", "let a model label faces where it is sure",
      "neonnoir label guess megamind-1 megamind-2 --sure 0.7", nn_label_guess_opts, 1, -1,
      nn_label_guess },
    { "import", "CSV...", "put the tags of a table (file, tags[, start, end]) on clips",
      "neonnoir label import noir/truth.csv", NULL, 1, -1, nn_label_import },
    { "undo", "[N]", "take back the last change, or the last N", "neonnoir label undo", NULL, 0, 1,
      nn_label_undo },
    { "log", "[N]", "what was changed, by whom and when, newest first", "neonnoir label log 20",
      nn_label_log_opts, 0, 1, nn_label_log },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct nn_program program = {
        "neonnoir-label", "tag clips, fill collections, label faces; all of it can be undone", cmds,
        1,
    };

    return nn_cli_main(&program, argc, argv);
}
