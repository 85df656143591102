#include "cli/options.h"

#include <string.h>

#include "cli/argv.h"

/* One of the words of "a|b|c" */
static bool
is_choice(const char *arg, const char *text)
{
    size_t len = strlen(text);

    for (; *arg; arg += strcspn(arg, "|"), arg += *arg == '|')
        if (strcspn(arg, "|") == len && strncmp(arg, text, len) == 0)
            return true;
    return false;
}

/* FILE:LINE */
static bool
is_place(const char *arg, const char *text)
{
    const char *colon = strrchr(text, ':');
    size_t digits = colon ? strlen(colon + 1) : 0;

    (void)arg;
    return colon && colon != text && digits > 0 && digits < 10 &&
           strspn(colon + 1, "0123456789") == digits && colon[1] != '0';
}

#define OFFSET(field) offsetof(struct argv, field)

static const struct options_row rows[] = {
    {.kind = OPTIONS_HEADING, .help = "What runs"},
    {.letter = 'm',
     .arg = "MODULE",
     .kind = OPTIONS_PROGRAM,
     .form = OPTIONS_WATCH,
     .help = "a module, with the arguments behind it"},
    {.letter = 'c',
     .arg = "COMMAND",
     .kind = OPTIONS_PROGRAM,
     .form = OPTIONS_WATCH,
     .help = "a line of Python"},
    {.name = "python",
     .arg = "PATH",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_BOTH,
     .offset = OFFSET(python),
     .help = "the interpreter to run it as; else that of $VIRTUAL_ENV, else python3"},

    {.kind = OPTIONS_HEADING, .help = "What is watched"},
    {.name = "include",
     .arg = "RULE",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_BOTH,
     .setting = "filters.include",
     .help =
         "code to watch: mine (the default), stdlib, site-packages, generated, all, "
         "a module, module:function or file glob; may be given again"},
    {.name = "exclude",
     .arg = "RULE",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_BOTH,
     .setting = "filters.exclude",
     .help = "code to leave out of that; may be given again"},
    {.name = "engine",
     .arg = "auto|bytecode|monitoring",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_BOTH,
     .offset = OFFSET(engine),
     .check = is_choice,
     .help = "what counts the lines"},
    {.name = "children",
     .arg = "follow|ignore",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_BOTH,
     .offset = OFFSET(children),
     .check = is_choice,
     .help = "processes that the program starts: watch them too (the default), or not"},
    {.name = "pause",
     .kind = OPTIONS_FLAG,
     .form = OPTIONS_WATCH,
     .value = ARGV_PAUSE,
     .help = "stop before the first line"},
    {.name = "break",
     .arg = "FILE:LINE",
     .kind = OPTIONS_WORD,
     .form = OPTIONS_WATCH,
     .offset = OFFSET(breaks),
     .check = is_place,
     .help = "stop before this line; may be given again"},

    {.kind = OPTIONS_HEADING, .help = "The screen"},
    {.name = "theme",
     .arg = "NAME",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_WATCH,
     .setting = "ui.theme",
     .help = "colours"},
    {.name = "ascii",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_WATCH,
     .setting = "ui.ascii",
     .help = "draw with plain ASCII signs only"},
    {.name = "color",
     .arg = "WHEN",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_WATCH,
     .setting = "ui.color",
     .help = "auto, always or never"},
    {.name = "io",
     .arg = "HOW",
     .kind = OPTIONS_SETTING,
     .form = OPTIONS_WATCH,
     .setting = "io",
     .help = "auto: what is a terminal becomes the Output pane; inherit: the program "
             "keeps the terminal, and there is no screen"},

    {.kind = OPTIONS_HEADING, .help = "What is kept"},
    {.name = "output",
     .letter = 'o',
     .arg = "FILE",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_BOTH,
     .offset = OFFSET(output),
     .help = "keep the session there; ttrace FILE opens it again"},
    {.name = "events",
     .arg = "none|ring|log",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_WATCH,
     .offset = OFFSET(events),
     .check = is_choice,
     .help = "every event in its order, beside the counts: the last two million, or as "
             "many as a gigabyte has room for, which is what record does"},

    {.kind = OPTIONS_HEADING, .help = "Settings"},
    {.name = "config",
     .arg = "FILE",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_BOTH,
     .offset = OFFSET(config),
     .help = "read this file, too; it wins over the others"},
    {.name = "no-config",
     .kind = OPTIONS_FLAG,
     .form = OPTIONS_BOTH,
     .value = ARGV_NO_CONFIG,
     .help = "look for no other file"},
    {.name = "print-config",
     .kind = OPTIONS_ACTION,
     .form = OPTIONS_BOTH,
     .value = ARGV_PRINT_CONFIG,
     .help = "show what holds and where it came from"},

    {.kind = OPTIONS_HEADING,
     .help = "In the form of python -m trace, without a screen"},
    {.name = "count",
     .letter = 'c',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "count the lines that run, and write a .cover file for each source; -c "
             "alone is python's"},
    {.name = "trace",
     .letter = 't',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "print each line before it runs"},
    {.name = "listfuncs",
     .letter = 'l',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "list the functions that were called"},
    {.name = "trackcalls",
     .letter = 'T',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "list who called whom"},
    {.name = "report",
     .letter = 'r',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "report on a counts file, and run nothing; with a program: run it and "
             "mark what did not run"},
    {.name = "no-report",
     .letter = 'R',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "write the counts file alone"},
    {.name = "file",
     .letter = 'f',
     .arg = "FILE",
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "counts file, in which runs add up"},
    {.name = "coverdir",
     .letter = 'C',
     .arg = "DIR",
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "write .cover files there, not beside the sources"},
    {.name = "missing",
     .letter = 'm',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "mark the lines that did not run"},
    {.name = "summary",
     .letter = 's',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "a line for each file on the standard output"},
    {.name = "timing",
     .letter = 'g',
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "seconds in front of each line that is printed"},
    {.name = "ignore-module",
     .arg = "MODULE",
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "leave out a module or package, or files of that name; several with "
             "commas between them"},
    {.name = "ignore-dir",
     .arg = "DIR",
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "leave out what is below; several with colons between them"},
    {.name = "module",
     .kind = OPTIONS_TRACED,
     .form = OPTIONS_TRACE,
     .help = "the program is a module"},
    {.name = "compat",
     .arg = "default|strict",
     .kind = OPTIONS_TEXT,
     .form = OPTIONS_TRACE,
     .offset = OFFSET(compat),
     .check = is_choice,
     .help = "strict, in front of all others: be python -m trace to the byte, where it "
             "loses data, too"},

    {.kind = OPTIONS_HEADING, .help = "Passed on to Python"},
    {.letter = 'X',
     .arg = "OPTION",
     .kind = OPTIONS_PASSED,
     .form = OPTIONS_BOTH,
     .help = ""},
    {.letter = 'W',
     .arg = "FILTER",
     .kind = OPTIONS_PASSED,
     .form = OPTIONS_BOTH,
     .help = ""},
    {.letter = 'I', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 'E', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 's', .kind = OPTIONS_PASSED, .form = OPTIONS_WATCH, .help = ""},
    {.letter = 'S', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 'O', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 'B', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 'u', .kind = OPTIONS_PASSED, .form = OPTIONS_BOTH, .help = ""},
    {.letter = 'P',
     .kind = OPTIONS_PASSED,
     .form = OPTIONS_BOTH,
     .help = "as python --help has them"},

    {.kind = OPTIONS_HEADING, .help = "About ttrace"},
    {.name = "help",
     .letter = 'h',
     .kind = OPTIONS_ACTION,
     .form = OPTIONS_BOTH,
     .value = ARGV_HELP,
     .help = "this text"},
    {.name = "version",
     .letter = 'V',
     .kind = OPTIONS_ACTION,
     .form = OPTIONS_BOTH,
     .value = ARGV_VERSION,
     .help = "ttrace's version, and the Pythons it can run programs as"},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const struct options_row *
options_table(size_t *n)
{
    *n = N_ROWS;
    return rows;
}

const struct options_row *
options_by_letter(char letter, unsigned forms)
{
    for (size_t i = 0; i < N_ROWS; i++)
        if (letter && rows[i].letter == letter && rows[i].form & forms)
            return &rows[i];
    return NULL;
}

const struct options_row *
options_by_name(const char *name, size_t len, struct buf *names)
{
    const struct options_row *found = NULL;
    size_t n = 0;

    for (size_t i = 0; i < N_ROWS; i++) {
        const struct options_row *o = &rows[i];

        if (!o->name || strncmp(o->name, name, len) != 0)
            continue;
        if (!o->name[len])
            return o;
        if (names)
            buf_printf(names, "%s--%s", n ? ", " : "", o->name);
        found = o;
        n++;
    }
    return n == 1 ? found : NULL;
}
