#include "cli/argv_help.h"

#include "cli/options.h"
#include "cli/wrap.h"

#define HELP_COL 24u
#define HELP_COLS 80u

static const char usage[] =
    "Usage: ttrace [options] script.py [arguments]     watch a program run\n"
    "       ttrace [options] -m module [arguments]     (also a folder, a zip, -c, -)\n"
    "       ttrace record [options] script.py          keep what it does, no screen\n"
    "       ttrace FILE.ttrace                         open what was kept\n"
    "       ttrace --count [options] script.py [arguments]\n";

static void
add_row(struct buf *out, const struct options_row *o)
{
    const char indent[HELP_COL + 1] = "                        ";
    size_t start = out->len, cols;

    if (o->letter)
        buf_printf(out, "  -%c%s", o->letter, o->name ? ", " : "");
    else
        buf_add_str(out, "      ");
    if (o->name)
        buf_printf(out, "--%s", o->name);
    if (o->arg)
        buf_printf(out, " %s", o->arg);
    cols = out->len - start;
    if (cols + 2 > HELP_COL)
        buf_printf(out, "\n%s", indent);
    else
        buf_add(out, indent, HELP_COL - cols);
    wrap_add(out, o->help, HELP_COL, indent, HELP_COLS);
    buf_add_char(out, '\n');
}

/* The `n` options for python in one line, with the help of the last. */
static void
add_passed(struct buf *out, const struct options_row *rows, size_t n)
{
    buf_add_char(out, ' ');
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, " -%c", rows[i].letter);
        if (rows[i].arg)
            buf_printf(out, " %s", rows[i].arg);
    }
    buf_printf(out, "\n%*s%s\n", (int)HELP_COL, "", rows[n - 1].help);
}

void
argv_help(struct buf *out)
{
    size_t n, n_passed = 0;
    const struct options_row *rows = options_table(&n);

    buf_add_str(out, usage);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].kind == OPTIONS_PASSED) {
            n_passed++;
            continue;
        }
        if (n_passed > 0)
            add_passed(out, &rows[i - n_passed], n_passed);
        n_passed = 0;
        if (rows[i].kind == OPTIONS_HEADING)
            buf_printf(out, "\n%s:\n", rows[i].help);
        else if (rows[i].help)
            add_row(out, &rows[i]);
    }
}
