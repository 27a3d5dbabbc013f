# Every program: help, wrong words, the short names of `neonnoir`.
. tests/lib.sh
for program in dataset ingest label train export run; do
    ok neonnoir-$program --help
    has "neonnoir-$program"
    ok neonnoir $program --help
done
ok neonnoir --help
has "ingest"
refuses 2 'no command "frobnicate"' neonnoir frobnicate
refuses 2 'no command "frobnicate"' neonnoir dataset frobnicate
refuses 2 "unknown option --frob" neonnoir train emotion --frob
refuses 2 "--epochs takes a whole number from 1 to 2000" neonnoir train emotion --epochs 0
refuses 2 "--epochs takes a whole number from 1 to 2000" neonnoir train emotion --epochs 3x
refuses 2 "--epochs needs N" neonnoir train emotion --epochs
refuses 2 "wants RUN" neonnoir train resume
ok neonnoir train emotion --help
has "Example:"
has "[0.1]"

# An installed tree works without the build tree.
ok make --no-print-directory install DESTDIR="$SCRATCH" PREFIX=/opt/nn B="$B"
ok "$SCRATCH/opt/nn/bin/neonnoir" run --help
ok "$SCRATCH/opt/nn/bin/neonnoir" init -C "$SCRATCH/catalog"
for m in emotion emotion-tiny; do
    [ -s "$SCRATCH/opt/nn/share/neonnoir/models/$m.onnx" ] || fail "$m.onnx is not installed"
done
finish
