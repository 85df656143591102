# make help lists what there is.
PYTHON ?= python3
BUILD ?= build/main
SAN ?=
V ?=
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
DIFF ?=
Q := $(if $(V),,@)

# The chosen interpreter's own word on its version, headers and library.
PROBE := $(shell CC="$(CC)" $(PYTHON) src/runner/link.py 2>/dev/null)
PY_VERSION := $(word 1,$(PROBE))
PY_INCLUDE := $(word 3,$(PROBE))
PY_PREFIX := $(word 4,$(PROBE))
PY_SUFFIX := $(word 5,$(PROBE))
PY_LIBS := $(wordlist 6,99,$(PROBE))
ifeq ($(PY_VERSION),)
$(error $(PYTHON) does not run; say make PYTHON=/path/to/python3)
endif
ifeq ($(wildcard $(PY_INCLUDE)/Python.h),)
$(error $(PYTHON) has no headers ($(PY_INCLUDE)/Python.h); on Debian: apt-get install python3-dev)
endif

WARN := -Wall -Wextra -Wconversion -Wshadow -Wcast-qual -Wstrict-prototypes \
  -Wmissing-prototypes -Wvla -Wundef -Wformat=2 $(if $(CI),-Werror)
OURS = -std=c17 -D_GNU_SOURCE -Isrc -I. -fvisibility=hidden -fno-omit-frame-pointer \
  -MMD -MP $(WARN) $(if $(SAN),-fsanitize=$(SAN))
LINK = $(CC) $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
CURSES := $(shell pkg-config --cflags --libs ncursesw)
VTERM := $(shell pkg-config --cflags --libs vterm)
YAML := $(shell pkg-config --cflags --libs yaml-0.1)
CMOCKA := $(shell pkg-config --cflags --libs cmocka)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
PY_BUILD := $(BUILD)/py$(word 2,$(PROBE))
# One archive a room, the lower ones behind the upper ones on every link line.
SHARED := $(BUILD)/session.a $(BUILD)/base.a
FRONT := $(BUILD)/cli.a $(BUILD)/tui.a $(BUILD)/report.a $(SHARED)
RUNNER := $(PY_BUILD)/runner.a $(SHARED)
FRONT_LIBS = $(CURSES) $(VTERM) $(YAML) -lm -lpthread
RUNNER_LIBS = -rdynamic $(PY_LIBS) -lm -lpthread
TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard $(addprefix tests/,$(addsuffix /test_*.c,\
  base session report tui cli tty))))
RUNNER_TESTS := $(patsubst %.c,$(PY_BUILD)/%,$(wildcard tests/runner/test_*.c))

SCRIPTS := $(addprefix tests/compat/,as_python.py survives.py cover.py engines.py \
  record.py children.py codes.py times.py count.py events.py dropin.py) \
  $(wildcard tests/module/test_*.py)
# The module ttrace, with an extension for each Python it was built for.
MODULE := build/python
MODULE_FILES := $(patsubst src/module/%,$(MODULE)/%,$(shell find src/module -name '*.py*' \
  -not -path '*/__pycache__*'))
MODULE_LINKED := $(MODULE)/ttrace/_tracer$(PY_SUFFIX)
# Its engine, from the rooms' own code, made to be loaded.
ENGINE_LINKED := $(MODULE)/ttrace/_engine$(PY_SUFFIX)
ENGINE_ROOMS := $(patsubst %.c,$(PY_BUILD)/pic/%.o,$(wildcard $(addprefix src/,base/*.c \
  session/*.c report/*.c $(addprefix runner/,$(addsuffix .c,codes sink paths timings \
  suspended tasks source origin)))))

all: ttrace ttrace-runner-$(PY_VERSION) module ## build ./ttrace, and runner and module for $(PYTHON)

# What was linked last, and from what: another BUILD or PYTHON links anew.
build/linked-%: force
	@mkdir -p build; echo '$(BUILD) $(PROBE)' | cmp -s - $@ || echo '$(BUILD) $(PROBE)' >$@

ttrace: $(BUILD)/src/cli/main.o $(FRONT) build/linked-front
	@echo "  link    $@"
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) $(FRONT_LIBS)

ttrace-runner-$(PY_VERSION): $(PY_BUILD)/src/runner/main.o $(RUNNER) build/linked-$(PY_VERSION)
	@echo "  link    $@"
	$(Q)$(LINK) -o $@ $(filter %.o %.a,$^) $(RUNNER_LIBS)

module: $(MODULE_LINKED) $(ENGINE_LINKED) $(MODULE_FILES) ## build the importable module for $(PYTHON)

$(MODULE_LINKED): $(patsubst %.c,$(PY_BUILD)/%.o,\
  $(filter-out src/module/engine%,$(wildcard src/module/*.c))) \
  build/linked-module-$(PY_VERSION)
	@mkdir -p $(@D); echo "  link    $@"
	$(Q)$(LINK) -shared -o $@ $(filter %.o,$^)

$(ENGINE_LINKED): $(patsubst %.c,$(PY_BUILD)/%.o,$(wildcard src/module/engine*.c)) \
  $(ENGINE_ROOMS) build/linked-module-$(PY_VERSION)
	@mkdir -p $(@D); echo "  link    $@"
	$(Q)$(LINK) -shared -o $@ $(filter %.o,$^) -lm -lpthread

$(MODULE)/%: src/module/%
	@install -D -m 644 $< $@

$(BUILD)/base.a: $(call objects,src/base/*.c)
$(BUILD)/session.a: $(call objects,src/session/*.c)
$(BUILD)/report.a: $(call objects,src/report/*.c)
$(BUILD)/tui.a: $(call objects,tui/*.c)
$(BUILD)/cli.a: $(filter-out %/main.o,$(call objects,src/cli/*.c))
$(BUILD)/harness.a: $(filter-out %/main.o,$(call objects,tests/harness/*.c))
$(PY_BUILD)/runner.a: $(patsubst %.c,$(PY_BUILD)/%.o,\
  $(filter-out %/main.c,$(wildcard src/runner/*.c)))
%.a:
	@mkdir -p $(@D); rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/harness/main: $(BUILD)/tests/harness/main.o $(BUILD)/harness.a $(FRONT)
	$(Q)$(LINK) -o $@ $^ $(FRONT_LIBS) $(CMOCKA)

$(TESTS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/harness.a $(FRONT)
	$(Q)$(LINK) -o $@ $^ $(FRONT_LIBS) $(CMOCKA)

$(RUNNER_TESTS): $(PY_BUILD)/%: $(PY_BUILD)/%.o $(RUNNER)
	$(Q)$(LINK) -o $@ $^ $(RUNNER_LIBS) $(CMOCKA)

# Other flags make other objects.
$(BUILD)/flags: force
	@mkdir -p $(@D); echo '$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS)' | cmp -s - $@ || \
	  echo '$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS)' >$@

$(PY_BUILD)/src/module/%.o: private PIC := -fPIC
$(PY_BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D); echo "  cc      $< (python $(PY_VERSION))"
	$(Q)$(CC) $(OURS) $(PIC) $(CFLAGS) $(CPPFLAGS) -DPY_PREFIX='"$(PY_PREFIX)"' -isystem $(PY_INCLUDE) -c -o $@ $<

$(PY_BUILD)/pic/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D); echo "  cc      $< (for the module of python $(PY_VERSION))"
	$(Q)$(CC) $(OURS) -fPIC $(CFLAGS) $(CPPFLAGS) -DPY_PREFIX='"$(PY_PREFIX)"' -isystem $(PY_INCLUDE) -c -o $@ $<

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D); echo "  cc      $<"
	$(Q)$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

test: all $(TESTS) $(RUNNER_TESTS) ## run all tests (FILTER=word: those named so)
	@PYTHON="$(PYTHON)" BUILD="$(BUILD)" tests/run $(TESTS) $(RUNNER_TESTS) $(SCRIPTS)

check: all ## check format, include layers, names and sizes
	@PYTHON="$(PYTHON)" tests/check/all $(BUILD)

bench: all ## measure what watching costs, for all runners here (PYTHON=...: for one)
	@$(PYTHON) tests/bench/bench.py $(if $(filter file,$(origin PYTHON)),,--python=$(PYTHON))

diff: all ## compare counts with sys.settrace on CPython's own tests (DIFF: options)
	@$(PYTHON) tests/compat/difference.py $(DIFF)

diff-random: all ## the same on random programs (DIFF="--seconds 3600 --seed 7")
	@$(PYTHON) tests/compat/random_programs.py $(DIFF)

fuzz: ## fuzz what reads foreign bytes, $(FUZZ_SECONDS) s each (clang)
	@tests/fuzz/run $(FUZZ_SECONDS)

screenshots: all $(BUILD)/tests/harness/main ## make screenshots/ from live runs
	@BUILD=$(BUILD) screenshots/make

install: all ## install below $(DESTDIR)$(PREFIX)
	install -D -m 755 ttrace $(DESTDIR)$(PREFIX)/bin/ttrace
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/libexec/ttrace ttrace-runner-*
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/libexec/ttrace/follow src/runner/follow/*.py
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/libexec/ttrace/form src/runner/form/*.py
	cd $(MODULE) && find . -type f -not -path '*/__pycache__/*' \
	  -exec install -D -m 644 {} $(abspath $(DESTDIR)$(PREFIX))/lib/ttrace/python/{} \;
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/ttrace README.md config/ttrace.yaml

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | column -t -s'|'

clean: ## remove what was built
	rm -rf build ttrace ttrace-runner-*

-include $(shell find build -name '*.d' 2>/dev/null)
.PHONY: force all module test check bench diff diff-random fuzz screenshots install help clean
.DELETE_ON_ERROR:
