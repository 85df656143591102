/* drive: runs a program on a terminal of a given size, types to it and keeps what the
 * screen shows. For screenshots, and for looking at a screen by hand.
 *
 *   drive [-s COLSxROWS] [-d DIR] [-t TITLE] STEP... -- PROGRAM [ARGS]
 *
 *   -w TEXT   wait until TEXT stands on the screen     -g TEXT   until it is gone
 *   -k KEYS   type KEYS, as display_press() reads them
 *   -r COLSxROWS   resize                              -q        wait for the end
 *   -o FILE   write the screen: a picture if FILE ends in .svg, else its text, with the
 *             colours behind it if FILE ends in .styles; "-" is standard output */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "tests/harness/svg.h"
#include "tests/harness/terminal.h"

#define OPTIONS "+s:d:t:w:g:k:r:qo:"

static void
usage(void)
{
    fputs(
        "usage: drive [-s COLSxROWS] [-d DIR] [-t TITLE] [-w TEXT | -g TEXT | -k KEYS "
        "| -r COLSxROWS | -q | -o FILE]... -- PROGRAM [ARGS]\n",
        stderr);
    exit(2);
}

static void
read_size(const char *text, int *rows, int *cols)
{
    if (sscanf(text, "%dx%d", cols, rows) != 2 || *rows < 2 || *cols < 2)
        usage();
}

static bool
write_screen(struct terminal *t, const char *path, const char *title)
{
    const char *dot = strrchr(path, '.');
    FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");

    if (!out) {
        perror(path);
        return false;
    }
    if (dot && strcmp(dot, ".svg") == 0)
        svg_write(terminal_display(t), title, out);
    else
        display_dump(terminal_display(t), out);
    if (dot && strcmp(dot, ".styles") == 0)
        display_dump_styles(terminal_display(t), out);
    return out == stdout ? fflush(out) == 0 : fclose(out) == 0;
}

static bool
take_step(struct terminal *t, int step, const char *arg, const char *title)
{
    int rows, cols;
    bool ok = true;

    if (step == 'w')
        ok = terminal_wait(t, arg, TERMINAL_PATIENCE_MS);
    else if (step == 'g')
        ok = terminal_wait_gone(t, arg, TERMINAL_PATIENCE_MS);
    else if (step == 'q')
        ok = terminal_wait_exit(t, NULL, TERMINAL_PATIENCE_MS);
    else if (step == 'k')
        terminal_type(t, arg);
    else if (step == 'o')
        return write_screen(t, arg, title);
    if (step == 'r') {
        read_size(arg, &rows, &cols);
        terminal_resize(t, rows, cols);
    }
    if (!ok) {
        fprintf(stderr, "drive: waited in vain: -%c %s\n", step, arg ? arg : "");
        display_dump(terminal_display(t), stderr);
    }
    return ok;
}

int
main(int argc, char **argv)
{
    struct terminal_setup setup = {.rows = 24, .cols = 80};
    const char *title = "";
    struct terminal *t;
    bool ok = true;
    int option;

    while ((option = getopt(argc, argv, OPTIONS)) != -1) {
        if (option == 's')
            read_size(optarg, &setup.rows, &setup.cols);
        else if (option == 'd')
            setup.dir = optarg;
        else if (option == 't')
            title = optarg;
        else if (option == '?')
            usage();
    }
    if (optind >= argc)
        usage();
    setup.argv = (const char *const *)(argv + optind);
    t = terminal_open(&setup);
    /* The steps are the same options, gone through once more now that it runs. */
    optind = 1;
    while (ok && (option = getopt(argc, argv, OPTIONS)) != -1)
        ok = take_step(t, option, optarg, title);
    terminal_close(t);
    return ok ? 0 : 1;
}
