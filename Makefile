# Neon Noir. `make demo` and `make test` install what is missing, build and run.
#
#   make plugins   the effects as frei0r filters, for ffmpeg, melt, Kdenlive (docs/plugins.md)
#   make deps      Debian packages, by apt-get; nothing when all are there
#   make           everything              make runtime    the player alone: no libtorch, no SQLite
#   make demo      the main job on a film clip, into build/demo   (CLIP=mine.mp4 for your own)
#   make test      all tests               make SAN=1 test the same under sanitizers
#   make check     headers, folder order, formatting, cppcheck
#   make bench     timings beside rivals   make fuzz       a minute of each fuzzer
#   make install   PREFIX=/usr/local DESTDIR=
#   make test-pi   the engine for arm64, tested in an emulator; make runtime CROSS=aarch64-linux-gnu
#                  the player for a Raspberry Pi (docs/pi.md)
# TORCH=/path/to/libtorch chooses another libtorch than Debian's.

CC ?= gcc
CXX ?= g++
PREFIX ?= /usr/local
NEONNOIR_TESTDATA ?= ../shared/data
export NEONNOIR_TESTDATA
B := build$(if $(CROSS),/$(CROSS))$(if $(SAN),/san)
# For another machine: its compiler, and its libraries unpacked in SYSROOT (`make sysroot CROSS=...`).
ifdef CROSS
CC := $(CROSS)-gcc
CXX := $(CROSS)-g++
AR := $(CROSS)-ar
SYSROOT ?= $(abspath $(B)/root)
ifneq ($(wildcard $(SYSROOT)/usr/include),)
CC += --sysroot=$(SYSROOT)
CXX += --sysroot=$(SYSROOT)
LINK_CROSS := -Wl,--allow-shlib-undefined
endif
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif
PKG_CONFIG ?= pkg-config

# Folders in the order in which they may include each other (make check).
USE_common   :=
USE_datasets := common
USE_runtime  := common
USE_ingest   := datasets runtime common
USE_labeler  := datasets runtime common
USE_trainer  := datasets runtime common
USE_export   := trainer datasets runtime common
FOLDERS := common datasets runtime ingest labeler trainer export
PROGRAMS := neonnoir neonnoir-dataset neonnoir-ingest neonnoir-label neonnoir-train neonnoir-export \
            neonnoir-run

DEPS_runtime := gcc g++ make pkg-config libavcodec-dev libavformat-dev libavutil-dev libswscale-dev \
    libswresample-dev libopencv-core-dev libopencv-imgproc-dev libopencv-objdetect-dev opencv-data \
    libcairo2-dev frei0r-plugins-dev fonts-dejavu-core libcjson-dev nettle-dev libsdl2-dev liblo-dev
DEPS := $(DEPS_runtime) libopencv-dnn-dev libsqlite3-dev libarchive-dev zlib1g-dev libtorch-dev libgloo-dev libopenblas0-pthread opencv-doc \
    cppcheck ffmpeg frei0r-plugins liblo-tools melt sqlite3 zip xz-utils libonnx-testdata \
    gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
, := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=undefined \
    -fno-omit-frame-pointer)
CFLAGS ?= -O2 -g1
CXXFLAGS ?= $(CFLAGS)
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wundef -Wvla $(if $(CI),-Werror)

pkg = $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null)
PKG_runtime := libavformat libavcodec libswscale libswresample libavutil cairo libcjson nettle sdl2 liblo
PKG_catalog := sqlite3 libarchive zlib
INC := $(call pkg,--cflags,$(PKG_runtime)) $(call pkg,--cflags,$(PKG_catalog))
LIB_runtime := $(call pkg,--libs,$(PKG_runtime)) -lopencv_objdetect -lopencv_imgproc -lopencv_core \
    -lstdc++ -lpthread -lm
LIB_catalog := $(call pkg,--libs,$(PKG_catalog)) $(LIB_runtime)
LIB_torch := $(if $(TORCH),-L$(TORCH)/lib -Wl$(,)-rpath$(,)$(TORCH)/lib) -Wl,--no-as-needed -ltorch_cpu -lc10 -lgomp \
    $(LIB_catalog)
LIB_export := -lopencv_dnn $(LIB_torch)
INC_torch := $(addprefix -isystem ,$(if $(TORCH),$(TORCH)/include $(TORCH)/include/torch/csrc/api/include,\
    /usr/include/torch/csrc/api/include))

CC11 = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -D_FILE_OFFSET_BITS=64 -I. $(WARN) -Wstrict-prototypes \
    -Wmissing-prototypes -ffp-contract=off $(CFLAGS) $(SANFLAGS) $(INC)
CC17 = $(CXX) -std=$(if $(TORCH),c++20,c++17) -I. $(WARN) $(CXXFLAGS) $(SANFLAGS) -isystem $(if $(CROSS),$(SYSROOT))/usr/include/opencv4 \
    $(INC_torch)

sources = $(filter-out %/main.c common/neonnoir.c runtime/plugins/%,$(shell find $(1) -name '*.c' -o -name '*.cpp' | sort))
# runtime/engine/simd/X.c becomes X.avx2.o, ...: once for each instruction set of the machine.
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
ISAS_x86_64 := sse2 avx2 avx512
ISAS_aarch64 := neon
ISAS := $(or $(ISAS_$(MACHINE)),plain)
FLAGS_avx2 := -mavx2 -mfma
FLAGS_avx512 := -mavx512f -mavx512bw -mavx512vl -mavx512dq -mfma
objects = $(patsubst %.c,$(B)/%.o,$(patsubst %.cpp,$(B)/%.o,$(filter-out runtime/engine/simd/%,$(call sources,$(1))))) \
    $(foreach i,$(ISAS),$(patsubst %.c,$(B)/%.$i.o,$(filter runtime/engine/simd/%,$(call sources,$(1)))))
archives = $(foreach f,$(1),$(B)/lib$(f).a)

.SECONDARY:
.PHONY: all runtime plugins sysroot pi-tests test-pi deps demo test run-tests check bench run-bench fuzz run-fuzz install install-engine install-plugins clean
all: $(addprefix $(B)/,$(PROGRAMS)) $(B)/libneonnoir-engine.a $(B)/libneonnoir-engine.so \
    $(if $(wildcard $(SYSROOT)/usr/include/frei0r.h),plugins)
ifneq ($(if $(CROSS),$(wildcard $(SYSROOT)/usr/include),native),)
runtime: $(B)/neonnoir-run
else
runtime: sysroot ; @$(MAKE) --no-print-directory $(B)/neonnoir-run
endif

$(B)/%.o: %.c ; @mkdir -p $(@D); $(CC11) -MMD -MP -c -o $@ $<
$(B)/%.o: %.cpp ; @mkdir -p $(@D); $(CC17) -MMD -MP -c -o $@ $<
$(B)/datasets/schema.o: datasets/schema.sql $(wildcard datasets/migrate-*.sql)   # .incbin'd
$(B)/trainer/torch_conv3.o $(B)/trainer/torch_norm.o: CXXFLAGS += -fopenmp    # else libtorch's parallel_for is a plain loop
# The kernels: vectorised from plain loops; nothing else needs more than -O2.
$(B)/runtime/engine/%.o $(B)/runtime/effects/%.o $(B)/runtime/face/%.o $(B)/runtime/synth/%.o $(B)/runtime/gan/%.o $(B)/runtime/morph/%.o: CFLAGS += -O3 -fno-math-errno -fno-trapping-math

define isa
$(B)/runtime/engine/simd/%.$(1).o: runtime/engine/simd/%.c
	@mkdir -p $$(@D); $$(CC11) -DNN_ISA=$(1) $$(FLAGS_$(1)) -MMD -MP -c -o $$@ $$<
endef
$(foreach i,$(ISAS),$(eval $(call isa,$i)))

define archive
$(B)/lib$(1).a: $$(call objects,$(1)) ; @rm -f $$@; $(AR) rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archive,$(f))))

# The engine for others: what engine.h declares is all that can be seen of it.
$(B)/common/%.o $(B)/runtime/onnx/%.o $(B)/runtime/engine/%.o $(B)/runtime/effects/%.o: CFLAGS += -fPIC -fvisibility=hidden
ENGINE = $(call objects,runtime/engine runtime/onnx) $(foreach c,arena err fs log pool progress,$(B)/common/$c.o)
$(B)/libneonnoir-engine.o: $(ENGINE)
	$(CC) -nostdlib -r -o $@ $^ && $$($(CC) -print-prog-name=objcopy) --localize-hidden $@
$(B)/libneonnoir-engine.a: $(B)/libneonnoir-engine.o ; @rm -f $@; $(AR) rcs $@ $^
$(B)/libneonnoir-engine.so: $(ENGINE)
	$(CC) $(SANFLAGS) -shared -Wl,-soname,libneonnoir-engine.so.1 -Wl,--no-undefined -o $@ $^ -lm -lpthread

# One plug-in for each effect that needs nothing but effects/ and common/, and no face's eyes.
PLUGINS := $(filter-out static,$(patsubst runtime/effects/fx_%.c,%,$(shell grep -LE '#include "runtime/(media|draw|face|gan|morph)' runtime/effects/fx_*.c)))
plugins: $(PLUGINS:%=$(B)/frei0r-1/neonnoir_%.so) $(B)/kdenlive/effects
$(PLUGINS:%=$(B)/runtime/plugins/%.o): $(B)/runtime/plugins/%.o: runtime/plugins/frei0r.c
	@mkdir -p $(@D); $(CC11) -fPIC -fvisibility=hidden -DNN_FX=fx_$* -MMD -MP -c -o $@ $<
$(B)/frei0r-1/neonnoir_%.so: $(B)/runtime/plugins/%.o $(call archives,runtime common)
	@mkdir -p $(@D); $(CC) $(SANFLAGS) -shared -Wl,--no-undefined -Wl,-z,nodelete \
	    -Wl,--exclude-libs,ALL -o $@ $^ -lm -lpthread
$(B)/runtime/plugins/describe.o: runtime/plugins/kdenlive.c ; @mkdir -p $(@D); $(CC11) -MMD -MP -c -o $@ $<
$(B)/kdenlive/describe: $(B)/runtime/plugins/describe.o $(call archives,runtime common)
	@mkdir -p $(@D); $(call link,$(LIB_runtime))
$(B)/kdenlive/effects: $(B)/kdenlive/describe
	@mkdir -p $@; $< $@ $(PLUGINS) && touch $@

link = $(CC) $(SANFLAGS) $(LINK_CROSS) -o $@ $(filter %.o %.a,$^) $(1)
$(B)/neonnoir: $(B)/common/neonnoir.o $(call archives,common) ; $(call link,-lnettle -lcjson -lm -lpthread)
$(B)/neonnoir-run: $(B)/runtime/main.o $(call archives,runtime common) ; $(call link,$(LIB_runtime))
$(B)/neonnoir-dataset: $(B)/datasets/main.o $(call archives,datasets common) ; $(call link,$(LIB_catalog))
$(B)/neonnoir-ingest: $(B)/ingest/main.o $(call archives,ingest $(USE_ingest)) ; $(call link,$(LIB_catalog))
$(B)/neonnoir-label: $(B)/labeler/main.o $(call archives,labeler $(USE_labeler)) ; $(call link,$(LIB_catalog))
$(B)/neonnoir-train: $(B)/trainer/main.o $(call archives,trainer $(USE_trainer)) ; $(call link,$(LIB_torch))
$(B)/neonnoir-export: $(B)/export/main.o $(call archives,export $(USE_export)) ; $(call link,$(LIB_export))

# tests/test_X.c links everything but libtorch; tests/test_torch_X.c links that too.
TESTS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
$(B)/tests/test_torch_%: $(B)/tests/test_torch_%.o $(call archives,export trainer $(USE_trainer)) ; $(call link,$(LIB_torch))
$(B)/tests/test_%: $(B)/tests/test_%.o $(call archives,labeler ingest $(USE_ingest)) ; $(call link,$(LIB_catalog))

# $(call apt,PACKAGES) as a recipe line: installs those that are missing.
define apt
	@missing=$$(for p in $(1); do dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null | \
	    grep -qx installed || echo $$p; done); [ -z "$$missing" ] || { \
	sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); $$sudo apt-get update -q && \
	DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -q --no-install-recommends $$missing; }
endef
deps: ; $(call apt,$(DEPS))

demo: deps ; @$(MAKE) --no-print-directory all && B=$(B) CLIP=$(CLIP) tests/demo.sh
test: deps ; @$(MAKE) --no-print-directory run-tests
run-tests: all $(TESTS) ; @B=$(B) tests/run.sh
check: deps ; @B=$(B) FOLDERS='$(FOLDERS)' CHECK_CC='$(CC11)' tests/check.sh $(foreach f,$(FOLDERS),'$(f): $(USE_$(f))')

# Other machines. `sysroot` needs neither root nor dpkg's foreign architectures, which on Debian 12
# would remove libtorch and OpenCV's native half.
ARCH_aarch64-linux-gnu := arm64
ARCH_arm-linux-gnueabihf := armhf
ARCH = $(or $(ARCH_$(CROSS)),$(error CROSS is aarch64-linux-gnu or arm-linux-gnueabihf))
sysroot:
	$(call apt,g++-$(CROSS) pkg-config)
	@tests/sysroot.sh $(ARCH) $(SYSROOT) libstdc++-12-dev libc6-dev \
	    $(filter lib% nettle-dev,$(DEPS_runtime))
# The engine's tests, linked with libc alone, under qemu; PI_CPUS names the processors.
PI_TESTS := test_pool test_onnx test_engine test_engine_recurrent test_engine_operators test_engine_conformance test_engine_models
PI_CPUS := cortex-a53 cortex-a72 cortex-a76
PI_DEPS := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
$(B)/tests/pi/%: $(B)/tests/%.o $(B)/common/rng.o $(ENGINE) ; @mkdir -p $(@D); $(call link,-lm -lpthread)
pi-tests: $(addprefix $(B)/tests/pi/,$(PI_TESTS)) $(B)/libneonnoir-engine.a $(B)/libneonnoir-engine.so
test-pi:
	$(call apt,$(PI_DEPS) libonnx-testdata)
	@PI_CPUS='$(PI_CPUS)' PI_TESTS='$(PI_TESTS)' tests/t_pi.sh

# Timings beside rivals; NEONNOIR_BENCH=NAME runs one. Each prints what it compares.
BENCHES := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/bench/bench_*.c))
$(B)/tests/bench/bench_%: $(B)/tests/bench/bench_%.o $(call archives,export trainer $(USE_trainer)) ; $(call link,$(LIB_export))
# One engine a process, so that its memory and size are its own.
ALONE := $(B)/tests/bench/alone $(B)/tests/bench/alone_opencv
$(B)/tests/bench/bench_engine: $(B)/tests/bench/models.o | $(ALONE)
$(B)/tests/bench/alone: $(B)/tests/bench/alone.o $(call archives,runtime common) ; $(call link,-s -lm -lpthread)
$(B)/tests/bench/alone_opencv: $(B)/tests/bench/alone_opencv.o $(B)/export/dnn.o $(call archives,runtime common)
	$(call link,-s -lopencv_dnn -lopencv_core -lstdc++ -lm -lpthread)
$(B)/tests/bench/alone_opencv.o: tests/bench/alone.c ; @mkdir -p $(@D); $(CC11) -DALONE_OPENCV -MMD -MP -c -o $@ $<
# Its rival is OpenMP, which is the compiler's own.
$(B)/tests/bench/bench_pool.o: private CFLAGS += -fopenmp
$(B)/tests/bench/bench_pool: private SANFLAGS += -fopenmp
bench: deps ; @$(MAKE) --no-print-directory run-bench
run-bench: all $(BENCHES) ; @B=$(B) tests/bench/run.sh $(BENCHES) $(wildcard tests/bench/bench_*.sh)

# A minute of each fuzzer (FUZZ_SECONDS), built by clang with its sanitizers.
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz_*.c))
$(B)/tests/fuzz_%: $(B)/tests/fuzz_%.o $(call archives,trainer $(USE_trainer))
	$(call link,-fsanitize=fuzzer $(LIB_catalog))
fuzz: deps
	$(call apt,clang libclang-rt-14-dev)
	@$(MAKE) --no-print-directory B=build/fuzz CC=clang CXX=clang++ run-fuzz \
	    SANFLAGS='-fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer'
run-fuzz: $(FUZZERS) ; @for f in $^; do tests/fuzz.sh $$f $(FUZZ_SECONDS) || exit 1; done

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/neonnoir/models \
	    $(DESTDIR)$(PREFIX)/share/neonnoir/patches/looks
	install $(addprefix $(B)/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	install -m 644 runtime/models/* $(DESTDIR)$(PREFIX)/share/neonnoir/models
	install -m 644 runtime/patches/*.json $(DESTDIR)$(PREFIX)/share/neonnoir/patches
	install -m 644 runtime/patches/looks/* $(DESTDIR)$(PREFIX)/share/neonnoir/patches/looks
install: install-engine $(if $(wildcard $(SYSROOT)/usr/include/frei0r.h),install-plugins)
install-plugins: plugins
	install -d $(DESTDIR)$(PREFIX)/lib/frei0r-1 $(DESTDIR)$(PREFIX)/share/kdenlive/effects
	install $(PLUGINS:%=$(B)/frei0r-1/neonnoir_%.so) $(DESTDIR)$(PREFIX)/lib/frei0r-1
	install -m 644 $(PLUGINS:%=$(B)/kdenlive/effects/frei0r_neonnoir_%.xml) \
	    $(DESTDIR)$(PREFIX)/share/kdenlive/effects
# The library and what it needs to be used: three headers side by side, and pkg-config.
ENGINE_HEADERS := runtime/engine/engine.h runtime/onnx/types.h common/err.h
install-engine: $(B)/libneonnoir-engine.a $(B)/libneonnoir-engine.so
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include/neonnoir
	install -m 644 $(B)/libneonnoir-engine.a $(DESTDIR)$(PREFIX)/lib
	install $(B)/libneonnoir-engine.so $(DESTDIR)$(PREFIX)/lib/libneonnoir-engine.so.1
	ln -sf libneonnoir-engine.so.1 $(DESTDIR)$(PREFIX)/lib/libneonnoir-engine.so
	for h in $(ENGINE_HEADERS); do sed 's,#include "\(.*\)/,#include ",' $$h \
	    >$(DESTDIR)$(PREFIX)/include/neonnoir/$${h##*/} || exit 1; done
	sed 's,@PREFIX@,$(PREFIX),' runtime/engine/neonnoir-engine.pc.in \
	    >$(DESTDIR)$(PREFIX)/lib/pkgconfig/neonnoir-engine.pc
clean: ; rm -rf build

-include $(shell find $(B) -path '*/root' -prune -o -name '*.d' -type f -print 2>/dev/null)
