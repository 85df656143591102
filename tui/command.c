#include "tui/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"

/* Where several names begin alike, a short form is that of the first. */
static const struct command_row rows[] = {
    {"step", COMMAND_STEPS, ACTIONS_INTO, "[N]", "N lines on, into what is called"},
    {"over", COMMAND_STEPS, ACTIONS_OVER, "[N]", "N lines on in this function"},
    {"out", COMMAND_STEPS, ACTIONS_OUT, "[N]", "until N functions have returned"},
    {"run", COMMAND_ACTION, ACTIONS_RUN, "", "until something stops the program"},
    {"pause", COMMAND_ACTION, ACTIONS_PAUSE, "", "stop at the next line"},
    {"until", COMMAND_UNTIL, ACTIONS_NONE, "[FILE:]LINE", "run to a line, once"},
    {"break", COMMAND_BREAK, ACTIONS_NONE, "[FILE:]LINE", "set a breakpoint"},
    {"clear", COMMAND_CLEAR, ACTIONS_NONE, "[[FILE:]LINE]",
     "take a breakpoint away, or all"},
    {"filter", COMMAND_FILTER, ACTIONS_NONE, "+RULE|-RULE",
     "leave code out; take that back, or more in"},
    {"open", COMMAND_OPEN, ACTIONS_NONE, "FILE[:LINE]", "show a file"},
    {"find", COMMAND_ACTION, ACTIONS_FIND, "", "search in this pane"},
    {"w", COMMAND_WRITE, ACTIONS_NONE, "[FOLDER]", "write .cover files"},
    {"save", COMMAND_SAVE, ACTIONS_NONE, "FILE", "save the session"},
    {"set", COMMAND_SET, ACTIONS_NONE, "raw|hidden [on|off]",
     "raw times, rows that filters hide"},
    {"process", COMMAND_PROCESS, ACTIONS_NONE, "[PID]",
     "list the processes, or show one"},
    {"zoom", COMMAND_ACTION, ACTIONS_ZOOM, "", "this pane alone, and back"},
    {"input", COMMAND_ACTION, ACTIONS_INPUT, "", "type to the program"},
    {"help", COMMAND_ACTION, ACTIONS_HELP, "", "keys and commands"},
    {"q", COMMAND_ACTION, ACTIONS_QUIT, "", "leave"},
    {"quit", COMMAND_ACTION, ACTIONS_QUIT, "", "leave"},
    {"q!", COMMAND_ACTION, ACTIONS_QUIT_NOW, "", "leave at once"},
};

static const struct command_row line_row = {"LINE", COMMAND_LINE, ACTIONS_NONE, "",
                                            "to a line of the source"};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* The row of a name, or the first one it is short for. */
static const struct command_row *
find_row(const char *name, size_t len)
{
    const struct command_row *first = NULL;

    for (size_t i = 0; i < N_ROWS; i++) {
        if (strncmp(rows[i].name, name, len) != 0)
            continue;
        if (rows[i].name[len] == '\0')
            return &rows[i];
        if (first == NULL)
            first = &rows[i];
    }
    return first;
}

static bool
set_unknown(const char *name, struct err *err)
{
    struct nearest near = {.typed = name};

    for (size_t i = 0; i < N_ROWS; i++)
        nearest_try(&near, rows[i].name);
    if (near.best != NULL)
        return err_set(err, "no command is called '%s' (%s?)", name, near.best);
    return err_set(err, "no command is called '%s'; :help lists them", name);
}

static bool
is_number(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

/* Copies without the blanks at both ends. */
static void
copy_trimmed(char *to, size_t size, const char *from)
{
    size_t len;

    from += strspn(from, " ");
    snprintf(to, size, "%s", from);
    len = strlen(to);
    while (len > 0 && to[len - 1] == ' ')
        to[--len] = '\0';
}

static bool
check_arg(const struct command *c, struct err *err)
{
    const struct command_row *row = c->row;

    if (row->usage[0] == '\0' && c->arg[0] != '\0')
        return err_set(err, ":%s takes no argument", row->name);
    if (row->usage[0] != '\0' && row->usage[0] != '[' && c->arg[0] == '\0')
        return err_set(err, "usage: :%s %s", row->name, row->usage);
    if (strncmp(row->usage, "[FILE:]", 7) == 0 && c->arg[0] == '\0')
        return err_set(err, "usage: :%s %s", row->name, row->usage);
    return true;
}

bool
command_parse(const char *text, struct command *c, struct err *err)
{
    char name[64];
    size_t len;

    text += strspn(text, " :");
    len = strcspn(text, " ");
    copy_trimmed(c->arg, sizeof(c->arg), text + len);
    snprintf(name, sizeof(name), "%.*s", (int)len, text);
    if (is_number(name) && c->arg[0] == '\0') {
        c->row = &line_row;
        snprintf(c->arg, sizeof(c->arg), "%s", name);
        return true;
    }
    if (len == 0)
        return err_set(err, "no command; :help lists them");
    c->row = find_row(text, len);
    if (c->row == NULL)
        return set_unknown(name, err);
    return check_arg(c, err);
}

void
command_complete(const char *text, struct buf *out)
{
    const struct command_row *first = NULL;
    size_t len = strlen(text), common = 0;

    for (size_t i = 0; i < N_ROWS; i++) {
        size_t same = 0;

        if (strncmp(rows[i].name, text, len) != 0)
            continue;
        if (first == NULL) {
            first = &rows[i];
            common = strlen(first->name);
        }
        while (same < common && rows[i].name[same] == first->name[same])
            same++;
        common = same;
    }
    if (first == NULL)
        buf_add_str(out, text);
    else
        buf_add(out, first->name, common);
}

void
command_each(void (*row)(void *data, const struct command_row *row), void *data)
{
    for (size_t i = 0; i < N_ROWS; i++)
        row(data, &rows[i]);
}

bool
command_number(const char *arg, uint32_t *number, struct err *err)
{
    unsigned long value;

    if (arg[0] == '\0') {
        *number = 1;
        return true;
    }
    errno = 0;
    value = is_number(arg) ? strtoul(arg, NULL, 10) : 0;
    if (value == 0 || value > INT32_MAX || errno != 0)
        return err_set(err, "%s: not a number from 1 on", arg);
    *number = (uint32_t)value;
    return true;
}

bool
command_place(const char *arg, struct command_place *place, struct err *err)
{
    const char *colon = strrchr(arg, ':');
    const char *line = colon != NULL ? colon + 1 : arg;

    if (line[0] == '\0' || !command_number(line, &place->line, NULL))
        return err_set(err, "%s: no place in a file; say FILE:LINE", arg);
    snprintf(place->path, sizeof(place->path), "%.*s",
             colon != NULL ? (int)(colon - arg) : 0, arg);
    if (colon == arg)
        return err_set(err, "%s: no file in front of the colon", arg);
    return true;
}
