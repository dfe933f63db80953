# dumpctl: build, check, install. `make help` lists the targets.
#
# CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, PREFIX, DESTDIR, INSTALL and PKG_CONFIG belong to whoever
# calls make: they are read and never changed. What the project needs itself stands in OWN_*
# and goes before them, so that the caller has the last word.

VERSION := 0.1.0

O          ?= build
CFLAGS     ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL    ?= install
ARFLAGS    := rcsD
FUZZ_CC    ?= clang
FUZZTIME   ?= 60
TESTS      ?=
SOAKSOURCE ?= kvm
SOAKTIME   ?= $(if $(SANITIZE),60,300)
SOAKN      ?= $(if $(SANITIZE),1000,10000)
SOAKSEED   ?=

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
BASHDIR ?= $(DATADIR)/bash-completion/completions
ZSHDIR  ?= $(DATADIR)/zsh/site-functions
FISHDIR ?= $(DATADIR)/fish/vendor_completions.d

# The build must not depend on the caller's language: wildcards and tools sort by bytes.
export LC_ALL := C.UTF-8

Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))

# Targets that first install what is missing and then start make again, so that pkg-config and
# the compiler are looked at after the installation. They share build folders with each other
# and with `all`: named together, they run one after the other.
AGAIN := check demo asan tsan fuzz coverage lint bench soak soak-proof
ifneq ($(filter $(AGAIN),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- sources -------------------------------------------------------------------------------

sources = $(sort $(wildcard $(1)))
objects = $(patsubst %,$(O)/%.o,$(basename $(1)))

LIB_SRC   := $(call sources,lib/*.c capture/*.c capture/*.S capture/guests/embed.S view/*.c \
               $(filter-out cmd/dumpctl.c,$(wildcard cmd/*.c)))
UNIT_SRC  := $(call sources,tests/unit/test_*.c)
UNIT_AID  := $(filter-out $(UNIT_SRC),$(call sources,tests/unit/*.c))
FUZZ_SRC  := $(call sources,tests/fuzz/fuzz_*.c)
BENCH_SRC := $(call sources,tests/bench/*.c)
LAWS_SRC  := $(call sources,tests/laws/*.c)
SOAK_SRC  := $(call sources,tests/soak/*.c)
PLAYED_SRC := $(call sources,tests/played/*.c)
AID_SRC   := $(call sources,tests/aid/*.c)
GUEST_SRC := $(call sources,capture/guests/demo*.c capture/guests/demo*.S)
HEADERS   := $(call sources,lib/*.h capture/*.h capture/guests/*.h view/*.h cmd/*.h tests/*/*.h)
PAGE_SRC  := $(call sources,man/*.c)
MAN1      := $(call sources,man/*.1)
MAN5      := $(patsubst %.in,$(O)/%,$(call sources,man/*.5.in))

LIB_OBJ   := $(call objects,$(LIB_SRC))
MAIN_OBJ  := $(O)/cmd/dumpctl.o
UNIT_AID_OBJ := $(call objects,$(UNIT_AID))
UNIT_BIN  := $(patsubst %.c,$(O)/%,$(UNIT_SRC))
FUZZ_BIN  := $(patsubst %.c,$(O)/%,$(FUZZ_SRC))
BENCH_AID := tests/bench/floor.c
BENCH_BIN := $(patsubst %.c,$(O)/%,$(filter-out $(BENCH_AID),$(BENCH_SRC)))
LAWS_BIN  := $(patsubst %.c,$(O)/%,$(LAWS_SRC))
SOAK_OBJ  := $(call objects,$(SOAK_SRC))
SCHEDULER := $(O)/tests/stats_server
PLAYED    := $(O)/tests/played/dumpctl
SOAK_BIN  := $(O)/tests/soak/soak $(O)/tests/soak/soak_torn
ALL_OBJ   := $(sort $(LIB_OBJ) $(UNIT_AID_OBJ) $(call objects,$(wildcard cmd/dumpctl.c)) \
               $(call objects,$(UNIT_SRC) $(FUZZ_SRC) $(BENCH_SRC) $(LAWS_SRC) $(SOAK_SRC) $(PLAYED_SRC) $(AID_SRC) $(PAGE_SRC)) \
               $(O)/tests/fuzz/replay.o)

# ---- flags ---------------------------------------------------------------------------------
# Looked at only when something will be compiled: help, deps and clean work on a bare machine.

NO_BUILD := $(AGAIN) deps help clean uninstall dist format
ifneq ($(filter-out $(NO_BUILD),$(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))),)

PKGS := jansson ncursesw libelf
ifneq ($(shell command -v $(firstword $(CC)) >/dev/null && command -v $(PKG_CONFIG) >/dev/null && echo yes),yes)
$(error $(firstword $(CC)) or $(PKG_CONFIG) is missing: run `make deps`)
endif
ifneq ($(shell $(PKG_CONFIG) --exists $(PKGS) && echo yes),yes)
$(error not all of these libraries are installed: $(PKGS). Run `make deps`)
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lunistring

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wvla \
            -Wdate-time
# A warning of a compiler that does not exist yet must not break somebody's package.
WERROR   ?= $(if $(CI),-Werror)

# Hardening is what the compiler at hand accepts together with the caller's flags. The answers
# are kept in $(O)/probe.mk with the question that they belong to.
HARDEN_CC := -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
             -ftrivial-auto-var-init=zero -fstrict-flex-arrays=3 -fPIE \
             -fdebug-compilation-dir=. # clang, which maps no path in assembly files
HARDEN_LD := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
# glibc's checked functions hide errors from the sanitizers, and a caller's own level wins.
FORTIFY   := $(if $(SANITIZE)$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,3)

PROBE_KEY := $(strip $(shell $(CC) --version | head -n 1) $(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) \
               $(SANITIZE))
-include $(O)/probe.mk
ifneq ($(PROBE_KEY),$(PROBE_ASKED))
$(shell mkdir -p $(O))
try_cc  = printf '$(1)\nint main(void) { return 0; }\n' | $(CC) -Werror $(CPPFLAGS) $(CFLAGS) \
            $(2) -x c -c -o $(O)/probe.o - 2>/dev/null
try_ld  = printf 'int main(void) { return 0; }\n' | $(CC) -Werror $(PROBE_CC) $(CFLAGS) \
            $(LDFLAGS) $(1) -o $(O)/probe.out -x c - 2>/dev/null
ifneq ($(shell $(call try_cc,\043include <unistr.h>\n\043include <linux/kvm.h>) && echo yes),yes)
$(error unistr.h or linux/kvm.h cannot be compiled with `$(CC) $(CPPFLAGS) $(CFLAGS)`: run `make deps`)
endif
PROBE_CC := $(foreach f,$(HARDEN_CC),$(shell $(call try_cc,,$(f)) && echo $(f)))
ifneq ($(FORTIFY),)
PROBE_CC += $(shell $(call try_cc,\043include <string.h>,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3) \
              && echo -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif
PROBE_LD := $(foreach f,$(HARDEN_LD),$(shell $(call try_ld,$(f)) && echo $(f)))
$(shell rm -f $(O)/probe.o $(O)/probe.out)
define PROBE_TEXT
PROBE_ASKED := $(PROBE_KEY)
PROBE_CC := $(PROBE_CC)
PROBE_LD := $(PROBE_LD)
endef
$(file >$(O)/probe.mk,$(PROBE_TEXT))
endif

# SANITIZE and COVERAGE are set by the targets below, in build folders of their own.
SAN_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
               -fno-omit-frame-pointer) \
             $(if $(COVERAGE),--coverage -fprofile-update=atomic)
# No path of this machine in the result; gcov alone needs to find its sources again.
PREFIX_MAP := $(if $(COVERAGE),,-ffile-prefix-map=$(CURDIR)=.)

OWN_CPPFLAGS := -I. -D_GNU_SOURCE $(PKG_CFLAGS)
OWN_CFLAGS   := -std=gnu17 $(WARNINGS) $(WERROR) -pthread $(PROBE_CC) $(PREFIX_MAP) $(SAN_FLAGS)
OWN_LDFLAGS  := -pthread $(PROBE_LD) $(SAN_FLAGS)
COMPILE = $(CC) $(OWN_CPPFLAGS) $(DIR_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) -MMD -MP
LINK    = $(CC) $(OWN_LDFLAGS) $(CFLAGS) $(LDFLAGS)
LIBS    = $(PKG_LIBS) $(LDLIBS)

# The guest runs on a bare virtual machine: nothing that is meant for a Linux process (the
# caller's flags, sanitizers, coverage, hardening) may reach it.
GUEST_FLAGS := -std=gnu17 -O2 -I. $(WARNINGS) $(WERROR) -ffile-prefix-map=$(CURDIR)=. \
               -ffreestanding -fno-pic -mno-red-zone -mgeneral-regs-only -fcf-protection=none \
               -fno-stack-protector -fno-asynchronous-unwind-tables -mcmodel=small
GUEST_LINK  := -nostdlib -static -Wl,--build-id=none -Wl,-z,noexecstack \
               -Wl,-z,max-page-size=4096

ifneq ($(firstword $(subst -, ,$(shell $(CC) -dumpmachine))),x86_64)
$(error `$(CC)` does not make x86-64 programs; capture and its guest exist for x86-64 only)
endif

# What every object is made with. The file changes only when its text does.
define FLAGS_TEXT
$(CC)
$(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS)
$(OWN_LDFLAGS) $(LDFLAGS) $(LIBS)
$(GUEST_FLAGS) $(GUEST_LINK) $(VERSION)
$(LIB_SRC)
endef
ifneq ($(file <$(O)/flags),$(FLAGS_TEXT))
$(shell mkdir -p $(O))
$(file >$(O)/flags,$(FLAGS_TEXT))
endif

endif # something will be compiled

# ---- build ---------------------------------------------------------------------------------

DEMO_ELF := $(O)/capture/guests/demo.elf
LIBRARY  := $(O)/libdumpctl.a
LOCALE   := $(O)/locale/de_DE.UTF-8

.PHONY: all
all: $(O)/dumpctl $(MAN5) ## build ./dumpctl (with O=DIR: DIR/dumpctl)
ifeq ($(O),build)
all: dumpctl

dumpctl: $(O)/dumpctl
	$(Q)cp -f $< $@.new && mv -f $@.new $@
endif

$(O)/flags: ;

$(O)/cmd/%.o $(O)/capture/%.o $(O)/tests/%.o: \
	DIR_CPPFLAGS := -DDUMPCTL_VERSION='"$(VERSION)"'

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

$(O)/%.o: %.S $(O)/flags
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

$(O)/capture/guests/embed.o: $(DEMO_ELF)
$(O)/capture/guests/embed.o: DIR_CPPFLAGS := -DDEMO_ELF='"$(DEMO_ELF)"'

# -MMD in one command that compiles and links would name one source only: two steps.
GUEST_OBJ := $(call objects,$(GUEST_SRC))
$(GUEST_OBJ): $(O)/capture/guests/%.o: $(O)/flags
	$(call say,GUEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(GUEST_FLAGS) -MMD -MP -c -o $@ $(filter $(basename $(@:$(O)/%=%)).%,$(GUEST_SRC))
$(foreach s,$(GUEST_SRC),$(eval $(call objects,$(s)): $(s)))

$(DEMO_ELF): $(GUEST_OBJ) capture/guests/guest.ld
	$(call say,LINK,$@)
	$(Q)$(CC) $(GUEST_LINK) -T capture/guests/guest.ld -o $@ $(GUEST_OBJ)

$(LIBRARY): $(LIB_OBJ) $(O)/flags
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)$(AR) $(ARFLAGS) $@ $(LIB_OBJ)

$(O)/dumpctl: $(MAIN_OBJ) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# A scheduler's statistics socket that does as it is told; tests start it as a program.
$(SCHEDULER): $(call objects,$(AID_SRC))
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^

# The program with a guest that is played: its cap_run() comes before that of the library.
$(PLAYED): $(MAIN_OBJ) $(call objects,$(PLAYED_SRC)) $(UNIT_AID_OBJ) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(UNIT_BIN): | $(SCHEDULER)
$(UNIT_BIN) $(LAWS_BIN): $(O)/%: $(O)/%.o $(UNIT_AID_OBJ) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(O)/tests/bench/freezing: $(call objects,$(BENCH_AID))
$(BENCH_BIN): $(O)/%: $(O)/%.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(O)/tests/soak/soak: $(SOAK_OBJ) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# The same with a board that takes any acknowledgement for one of this freeze: the soak must
# find it. The one comparison of cap_board_parked() is taken out of a copy; its object comes
# before that of the library.
TORN := $(O)/soak-proof/board

$(TORN).c: capture/board.c Makefile
	$(Q)mkdir -p $(@D)
	$(Q)sed '/^bool cap_board_parked/,/^}/s/== epoch/!= 0 \&\& epoch != 0/' $< >$@
	$(Q)if cmp -s $< $@; then echo 'soak-proof: cap_board_parked() compares no epochs' >&2; exit 1; fi

$(TORN).o: $(TORN).c $(O)/flags
	$(call say,CC,$@)
	$(Q)$(COMPILE) -c -o $@ $<

$(O)/tests/soak/soak_torn: $(SOAK_OBJ) $(TORN).o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# A fuzz target is linked with libFuzzer, or else with a main that feeds it the files named.
ifeq ($(FUZZER),1)
$(FUZZ_BIN): $(O)/%: $(O)/%.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)
else
$(FUZZ_BIN): $(O)/%: $(O)/%.o $(O)/tests/fuzz/replay.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS)
endif

# dumpctl-report(5) has its tables from those of lib/. What makes it runs while things are
# built, so it is no matter for sanitizers and coverage.
PAGE_TOOL := $(O)/man/report_tables
PAGE_DEPS := $(PAGE_SRC) lib/schema.c

$(PAGE_TOOL): $(PAGE_DEPS) $(filter lib/%,$(HEADERS)) $(O)/flags
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) -std=gnu17 $(WARNINGS) $(WERROR) $(CFLAGS) $(LDFLAGS) \
	    -o $@ $(PAGE_DEPS)

$(O)/man/%.5: man/%.5.in $(PAGE_TOOL)
	$(call say,MAN,$@)
	$(Q)$(PAGE_TOOL) <$< >$@.new && mv -f $@.new $@

# A language with a decimal comma for the tests, made here and not in the system.
$(LOCALE):
	$(call say,LOCALE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)localedef -i de_DE -f UTF-8 $@.new >/dev/null 2>&1 || test -e $@.new/LC_NUMERIC
	$(Q)rm -rf $@ && mv $@.new $@

-include $(ALL_OBJ:.o=.d) $(GUEST_OBJ:.o=.d) $(TORN).d

# ---- check ---------------------------------------------------------------------------------

.PHONY: deps $(AGAIN) run-check run-demo run-fuzz run-bench run-lint run-soak run-soak-proof \
	objects programs
again = +$(Q)$(MAKE) --no-print-directory

deps: ## install what building and checking need, if anything is missing
	$(Q)tests/deps build check

check: ## run the whole suite; TESTS="show unit/test_json" selects
	$(Q)tests/deps build check
	$(again) run-check

demo: ## build, capture a stalling guest twice, show both reports
	$(Q)tests/deps build
	$(again) run-demo

asan: ## the suite with AddressSanitizer and UBSan
	$(Q)tests/deps build check
	$(again) O=$(O)/asan SANITIZE=address,undefined run-check

tsan: ## unit tests and captures with ThreadSanitizer
	$(Q)tests/deps build check
	$(again) O=$(O)/tsan SANITIZE=thread TESTS='$(or $(TESTS),unit capture*)' run-check

fuzz: ## fuzz every target, FUZZTIME=60 seconds in all
	$(Q)tests/deps build clang
	$(again) O=$(O)/fuzz CC='$(FUZZ_CC)' FUZZER=1 SANITIZE=address,undefined,fuzzer-no-link run-fuzz

coverage: ## the suite with gcov, then a summary
	$(Q)tests/deps build check coverage
	$(Q)rm -rf $(O)/coverage/report
	$(Q)if [ -d $(O)/coverage ]; then find $(O)/coverage -name '*.gcda' -delete; fi
	$(again) O=$(O)/coverage CFLAGS='-O0 -g' COVERAGE=1 run-check
	$(Q)tests/coverage $(O)/coverage

lint: ## both compilers with -Werror, clang-tidy, cppcheck, format, scripts, pages
	$(Q)tests/deps build check clang lint
	$(again) O=$(O)/lint-gcc CC=gcc WERROR=-Werror objects
	$(again) O=$(O)/lint-clang CC=clang WERROR=-Werror objects
	$(again) run-lint

bench: ## run the measurements below tests/bench
	$(Q)tests/deps build check
	$(again) run-bench

# Sanitized builds share the folders of asan and tsan.
SOAK_O = $(if $(findstring thread,$(SANITIZE)),O=$(O)/tsan,$(if $(SANITIZE),O=$(O)/asan))

soak: ## freeze and go wrong, SOAKTIME=300 seconds and SOAKN=10000 freezes; needs KVM, or SOAKSOURCE=threads
	$(Q)tests/deps build check
	$(again) $(SOAK_O) run-soak

soak-proof: ## the soak must fail where freezes take stale acknowledgements
	$(Q)tests/deps build check
	$(again) $(SOAK_O) run-soak-proof

objects: $(ALL_OBJ)
programs: $(O)/dumpctl $(SCHEDULER) $(PLAYED) $(UNIT_BIN) $(FUZZ_BIN) $(LAWS_BIN) $(BENCH_BIN) $(SOAK_BIN)

run-check: $(O)/dumpctl $(SCHEDULER) $(PLAYED) $(UNIT_BIN) $(FUZZ_BIN) $(LAWS_BIN) $(SOAK_BIN) $(MAN5) $(LOCALE)
	$(Q)SANITIZE='$(SANITIZE)' TESTS='$(TESTS)' tests/run '$(abspath $(O))'

run-soak: $(O)/tests/soak/soak
	$(Q)SANITIZE='$(SANITIZE)' tests/soak/run $< --source '$(SOAKSOURCE)' --time '$(SOAKTIME)' \
	    --freezes '$(SOAKN)' $(if $(SOAKSEED),--seed '$(SOAKSEED)')

run-soak-proof: $(O)/tests/soak/soak_torn
	$(Q)SANITIZE='$(SANITIZE)' tests/soak/proof $< --source '$(SOAKSOURCE)' --time '$(SOAKTIME)' \
	    --freezes '$(SOAKN)' $(if $(SOAKSEED),--seed '$(SOAKSEED)')

run-demo: all
	$(Q)tests/demo $(if $(filter build,$(O)),./dumpctl,$(O)/dumpctl) $(O)/demo

run-fuzz: $(FUZZ_BIN)
	$(Q)tests/fuzz/run $(O) $(FUZZTIME) $(FUZZ_BIN)

run-bench: $(O)/dumpctl $(BENCH_BIN)
	$(Q)tests/bench/run '$(abspath $(O))'

run-lint: $(MAN5)
	$(Q)OWN_CPPFLAGS='$(OWN_CPPFLAGS) -DDUMPCTL_VERSION="\"$(VERSION)\""' tests/lint $(O)

.PHONY: format
format: ## rewrite the C sources in the project's layout
	$(Q)tests/deps lint
	$(Q)clang-format -i $(sort $(wildcard lib/*.c capture/*.c view/*.c cmd/*.c \
	    capture/guests/*.c man/*.c tests/*/*.c)) $(HEADERS)

# ---- install, clean, dist ------------------------------------------------------------------

.PHONY: install uninstall clean dist help

install: all ## install below DESTDIR and PREFIX (default /usr/local)
	$(Q)$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(MANDIR)/man5' \
	    '$(DESTDIR)$(BASHDIR)' '$(DESTDIR)$(ZSHDIR)' '$(DESTDIR)$(FISHDIR)'
	$(Q)$(INSTALL) -m 755 $(O)/dumpctl '$(DESTDIR)$(BINDIR)/dumpctl'
	$(Q)$(if $(MAN1),$(INSTALL) -m 644 $(MAN1) '$(DESTDIR)$(MANDIR)/man1/')
	$(Q)$(if $(MAN5),$(INSTALL) -m 644 $(MAN5) '$(DESTDIR)$(MANDIR)/man5/')
	$(Q)$(INSTALL) -m 644 completions/dumpctl.bash '$(DESTDIR)$(BASHDIR)/dumpctl'
	$(Q)$(INSTALL) -m 644 completions/_dumpctl '$(DESTDIR)$(ZSHDIR)/_dumpctl'
	$(Q)$(INSTALL) -m 644 completions/dumpctl.fish '$(DESTDIR)$(FISHDIR)/dumpctl.fish'

uninstall: ## remove exactly what install put there
	$(Q)rm -f '$(DESTDIR)$(BINDIR)/dumpctl' \
	    $(foreach m,$(notdir $(MAN1)),'$(DESTDIR)$(MANDIR)/man1/$(m)') \
	    $(foreach m,$(notdir $(MAN5)),'$(DESTDIR)$(MANDIR)/man5/$(m)') \
	    '$(DESTDIR)$(BASHDIR)/dumpctl' '$(DESTDIR)$(ZSHDIR)/_dumpctl' \
	    '$(DESTDIR)$(FISHDIR)/dumpctl.fish'

clean: ## remove everything that make made
	$(if $(filter $(patsubst %/,%,$(abspath $(O)))/%,$(CURDIR)/),$(error O=$(O) holds the sources))
	$(Q)rm -rf $(O) $(if $(filter build,$(O)),dumpctl) dumpctl-*.tar.gz

dist: ## make dumpctl-VERSION.tar.gz from the last commit
	$(Q)tests/dist dumpctl-$(VERSION)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@printf '%s\n' '' 'Variables: PREFIX DESTDIR CC CFLAGS CPPFLAGS LDFLAGS O=DIR V=1 WERROR=-Werror' \
	    '           TESTS="..." FUZZTIME=SECONDS SOAKTIME=SECONDS SOAKN=FREEZES SOAKSEED=N' \
	    '           SOAKSOURCE=kvm|threads SANITIZE=thread|address,undefined (of soak)'
