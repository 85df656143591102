# make help lists what there is.
PYTHON ?= python3
BUILD ?= build/main
SAN ?=
V ?=
CFLAGS ?= -O2 -g
Q := $(if $(V),,@)

# The chosen interpreter's own word on its version, headers and library, in one line.
PROBE := $(shell $(PYTHON) -c 'import sys, sysconfig as s; v = s.get_config_var; \
  lib = v("LIBDIR"); shared = v("Py_ENABLE_SHARED"); \
  print("%d.%d" % sys.version_info[:2], s.get_path("include"), \
  (("-L%s -lpython%s%s" + ("" if lib.startswith("/usr/lib") else " -Wl,-rpath," + lib)) \
  % (lib, v("VERSION"), v("ABIFLAGS"))) if shared else "%s/%s" % (v("LIBPL"), v("LIBRARY")), \
  v("LIBS") or "", v("SYSLIBS") or "")' 2>/dev/null)
PY_VERSION := $(word 1,$(PROBE))
PY_INCLUDE := $(word 2,$(PROBE))
PY_LIBS := $(wordlist 3,99,$(PROBE))
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
SHARED := $(call objects,src/base/*.c src/session/*.c)
FRONT := $(SHARED) $(call objects,src/report/*.c tui/*.c src/cli/*.c)
PY_BUILD := $(BUILD)/py$(PY_VERSION)
RUNNER := $(SHARED) $(patsubst %.c,$(PY_BUILD)/%.o,$(wildcard src/runner/*.c))
TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/*/test_*.c))

all: ttrace ttrace-runner-$(PY_VERSION) ## build ./ttrace and the runner for $(PYTHON)

ttrace: $(FRONT)
	@echo "  link    $@"
	$(Q)$(LINK) -o $@ $^ $(CURSES) $(VTERM) $(YAML) -lm -lpthread

ttrace-runner-$(PY_VERSION): $(RUNNER)
	@echo "  link    $@"
	$(Q)$(LINK) -rdynamic -o $@ $^ $(PY_LIBS) -lm -lpthread

$(PY_BUILD)/%.o: %.c
	@mkdir -p $(@D); echo "  cc      $< (python $(PY_VERSION))"
	$(Q)$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS) -isystem $(PY_INCLUDE) -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D); echo "  cc      $<"
	$(Q)$(CC) $(OURS) $(CFLAGS) $(CPPFLAGS) -c -o $@ $<

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | column -t -s'|'

clean: ## remove what was built
	rm -rf build ttrace ttrace-runner-*

-include $(shell find build -name '*.d' 2>/dev/null)
.PHONY: all help clean
.DELETE_ON_ERROR:
