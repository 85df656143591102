/* The command line: what the user wants. */
#ifndef CLI_ARGV_H
#define CLI_ARGV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/texts.h"

enum argv_action {
    ARGV_WATCH,  /* a program, on the screen, or a recording */
    ARGV_RECORD, /* the same without a screen, and keep the recording */
    ARGV_TRACE,  /* the form of `python -m trace`: no screen */
    ARGV_HELP,
    ARGV_VERSION,
    ARGV_PRINT_CONFIG,
};

enum argv_flag {
    ARGV_PAUSE = 1, /* stop before the first line */
    ARGV_NO_CONFIG = 2,
};

/* An option that stands for a setting (cli/conf.h), in the order they came. */
struct argv_setting {
    const char *option; /* without its dashes: "theme" */
    const char *name;   /* of the setting */
    const char *text;
};

/* All strings are borrowed from the arguments. */
struct argv {
    enum argv_action action;
    unsigned flags; /* enum argv_flag */
    const char *python;
    const char *config;
    const char *engine;   /* "auto" */
    const char *events;   /* "none", "ring" or "log"; NULL: as the action has it */
    const char *children; /* "follow" */
    const char *output;
    const char *compat;  /* "default" or "strict", in the form of trace */
    struct texts breaks; /* "FILE:LINE" each */
    struct argv_setting *settings;
    size_t n_settings;
    size_t settings_cap;

    /* What python would get: options, script, arguments; "-m trace" and its words. */
    struct texts program;
    const char *script; /* the file, folder or zip to run; NULL for -m, -c and - */
    size_t n_args;      /* words behind the script */
    char *own_output;   /* the name that `record` makes up */
};

/* False: `err` says what is wrong. argv_release() in any case. */
bool argv_parse(struct argv *a, int argc, char *const *argv, struct err *err);
void argv_release(struct argv *a);

/* What runs, in a word: the script, the module, "-c" or "-". Borrowed. */
const char *argv_title(const struct argv *a);

#endif
