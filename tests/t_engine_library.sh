# t_engine_library.sh - the engine as others get it: installed, found by pkg-config, linked
# both ways, and nothing of it seen but engine.h's functions.
. tests/lib.sh
command -v pkg-config >/dev/null || skip "no pkg-config"
prefix=$SCRATCH/usr model=$TOP/runtime/models/emotion.onnx

ok make -s install-engine B="$B" PREFIX="$prefix"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
ok pkg-config --cflags --libs neonnoir-engine
cflags=$(pkg-config --cflags neonnoir-engine) libs=$(pkg-config --libs neonnoir-engine)

# The example of docs/engine.md is docs/engine.c, word for word.
sed -n '/^```c$/,/^```$/p' docs/engine.md | sed '1d;$d' >"$SCRATCH/shown.c"
ok cmp docs/engine.c "$SCRATCH/shown.c"
[ "$(wc -l <docs/engine.c)" -le 40 ] || fail "the example is no longer short"

cd "$SCRATCH" || exit 1
for cc in ${CC:-gcc} g++; do        # the header is C++'s too
    for header in engine.h types.h err.h; do
        case $cc in g++) x=c++ ;; *) x=c ;; esac
        ok $cc -Wall -Wextra -Werror -fsyntax-only -x $x $cflags "$prefix/include/neonnoir/$header"
    done
done
# Under sanitizers a program must have them too: only the plain build is linked here.
case $B in */san) finish ;; esac
ok ${CC:-gcc} -std=c11 -Wall -Wextra -Werror $cflags -o shared "$TOP/docs/engine.c" $libs
ok ${CC:-gcc} -std=c11 -Wall -Wextra -Werror $cflags -o static "$TOP/docs/engine.c" \
    "$prefix/lib/libneonnoir-engine.a" -lm -lpthread
ok env LD_LIBRARY_PATH="$prefix/lib" ./shared "$model"
has "logits: 2 dimensions, first value"
cp out shared.out
ok ./static "$model"
cp out static.out
ok cmp static.out shared.out
refuses 1 "none.onnx" ./static none.onnx

shown() { nm "$@" | awk '$2 ~ /[TDBRVW]/ && $3 !~ /^_/ { print $3 }' | sort -u; }
sed -n 's/.*[ *]\(nn_engine_[a-z_]*\)(.*/\1/p' "$TOP/runtime/engine/engine.h" | sort -u >want
shown -D --defined-only "$prefix/lib/libneonnoir-engine.so" >so
shown --defined-only "$prefix/lib/libneonnoir-engine.a" >a
ok diff so a
[ -z "$(comm -23 so want)" ] || fail "the library also shows $(comm -23 so want | tr '\n' ' ')"
for f in load load_memory free input run output; do grep -qx nn_engine_$f so || fail "no nn_engine_$f"; done

# Of what it needs, libm and the C library alone.
needed=$(readelf -d "$prefix/lib/libneonnoir-engine.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
    grep -v -e '^libc\.' -e '^libm\.' -e '^libpthread\.' -e '^ld-')
same "$needed" "" "libraries needed"
finish
