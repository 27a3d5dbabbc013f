# The engine built for 64-bit ARM passes its own tests in an emulator of the Raspberry Pi 3's,
# 4's and 5's processors: quickly in `make test`, all of them on each in `make test-pi`.
. tests/lib.sh
cross=aarch64-linux-gnu
command -v $cross-gcc qemu-aarch64 >"$SCRATCH/found" || true
[ "$(wc -l <"$SCRATCH/found")" = 2 ] || skip "no cross compiler or emulator"
export QEMU_LD_PREFIX=/usr/$cross
tests=${PI_TESTS:-test_pool test_onnx test_engine test_engine_conformance}
built=build/$cross
ok make -s -j2 CROSS=$cross SAN= CI=1 pi-tests PI_TESTS="$tests"
ok $cross-readelf -h $built/libneonnoir-engine.so
has AArch64

# Everything on the first processor; without PI_CPUS the others see the vector kernels alone.
first=1
for cpu in ${PI_CPUS:-cortex-a53 cortex-a72 cortex-a76}; do
    [ -n "${PI_CPUS:-}" ] || [ $first = 1 ] || tests=test_engine
    for t in $tests; do
        qemu-aarch64 -cpu $cpu $built/tests/pi/$t >"$SCRATCH/out" 2>&1
        status=$?
        echo "$cpu $t: $(tail -n 1 "$SCRATCH/out")"
        [ $status = 0 ] || [ $status = 77 ] || { fail "$cpu: $t exits $status"; cat "$SCRATCH/out" >&2; }
    done
    first=0
done
finish
