# lib.sh - what command tests share: a scratch directory, checks, the programs.
# Sourced by tests/t_*.sh; run from the top of the tree.
set -u
B=${B:-build}
TOP=$(pwd)
PATH="$TOP/$B:$PATH"
DATA=${NEONNOIR_TESTDATA:-../shared/data}
[ -d "$DATA" ] && DATA=$(cd "$DATA" && pwd) || DATA=
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/nn-test-XXXXXX")
trap 'chmod -R u+w "$SCRATCH"; rm -rf "$SCRATCH"' EXIT
failures=0

# skip WHY: ends this test as skipped.
skip() { echo "skipped: $1"; exit 77; }
need_data() { [ -n "$DATA" ] || skip "no test data"; }
fail() { echo "FAIL: $*" >&2; failures=$((failures + 1)); }

# ok COMMAND...: must exit 0; its output is in $SCRATCH/out and err.
ok() {
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null || { fail "exit $? from: $*"; sed 's/^/    /' "$SCRATCH/err" >&2; }
}

# refuses STATUS TEXT COMMAND...: must exit STATUS with TEXT on stderr.
refuses() {
    want=$1 text=$2; shift 2
    "$@" >"$SCRATCH/out" 2>"$SCRATCH/err" </dev/null
    got=$?
    [ $got -eq "$want" ] || fail "exit $got, want $want, from: $*"
    grep -qF -- "$text" "$SCRATCH/err" || { fail "no \"$text\" from: $*"; sed 's/^/    /' "$SCRATCH/err" >&2; }
}

# has TEXT: the last command's stdout holds it.
has() { grep -qF -- "$1" "$SCRATCH/out" || { fail "stdout lacks \"$1\""; head -n 20 "$SCRATCH/out" >&2; }; }
same() { [ "$1" = "$2" ] || fail "\"$1\" is not \"$2\"${3:+ ($3)}"; }

# made_faces TRAIN VALID NOISE COLOUR CLASS...: pictures of up to four classes that differ in where the
# light is, as class folders in $SCRATCH/set; made_catalog PATH: these in a new catalog, snapshot "made".
made_faces() {
    local train=$1 valid=$2 noise=$3 colour=$4 n=0 split class box
    shift 4
    for split in train valid; do
        for class; do
            mkdir -p "$SCRATCH/set/$split/$class"
            case $class in
            angry) box=x=0:y=0:w=24:h=12 ;;
            happy) box=x=0:y=12:w=24:h=12 ;;
            sad) box=x=0:y=0:w=12:h=24 ;;
            *) box=x=12:y=0:w=12:h=24 ;;
            esac
            n=$((n + 1))
            ffmpeg -v error -f lavfi -i "color=gray:s=24x24,format=gray,drawbox=$box:color=$colour:t=fill,\
noise=alls=$noise:allf=t:all_seed=$n" -frames:v $([ $split = train ] && echo "$train" || echo "$valid") \
                "$SCRATCH/set/$split/$class/p%02d.png"
        done
    done
}
made_catalog() {
    export NEONNOIR_CATALOG=$SCRATCH/catalog
    ok neonnoir init
    ok neonnoir ingest images "$1" --licence CC0
    ok neonnoir dataset snapshot --name made
}

finish() { [ $failures -eq 0 ] || { echo "$failures failures"; exit 1; }; exit 0; }
