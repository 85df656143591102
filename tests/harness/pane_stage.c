#include "tests/harness/pane_stage.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
toggle_break(void *data, files_id file, uint32_t line)
{
    struct pane_stage *s = data;

    snprintf(s->asked, sizeof(s->asked), "break %u:%u", file, line);
}

static void
hide(void *data, const char *rule)
{
    struct pane_stage *s = data;

    snprintf(s->asked, sizeof(s->asked), "hide %s", rule);
}

static void
unhide(void *data)
{
    struct pane_stage *s = data;

    snprintf(s->asked, sizeof(s->asked), "unhide");
}

static void
focus(void *data, char digit)
{
    struct pane_stage *s = data;

    snprintf(s->asked, sizeof(s->asked), "focus %c", digit);
}

static void
say(void *data, const char *text)
{
    struct pane_stage *s = data;

    snprintf(s->asked, sizeof(s->asked), "say %s", text);
}

static const struct view_host host = {toggle_break, hide, unhide, focus, say};

void
pane_stage_start(struct pane_stage *s, const struct pane_ops *ops)
{
    *s = (struct pane_stage){.ops = ops};
    setlocale(LC_ALL, "C.UTF-8");
    session_build_start(&s->b, "3.11.2");
    view_init(&s->view, glyphs_get(true));
    s->view.host = &host;
    s->view.host_data = s;
    s->view.reader = s->b.reader;
    s->view.mode = VIEW_RUN;
    s->self = calloc(1, ops->size);
    ops->init(s->self, &s->view);
}

void
pane_stage_end(struct pane_stage *s)
{
    s->ops->release(s->self);
    free(s->self);
    grid_release(&s->grid);
    view_release(&s->view);
    session_build_end(&s->b);
}

bool
pane_stage_refresh(struct pane_stage *s)
{
    session_build_read(&s->b);
    return s->ops->refresh(s->self, &s->view);
}

void
pane_stage_shows(struct pane_stage *s, int cols, int rows, const char *want,
                 const char *file, int line)
{
    struct grid_part part;
    struct buf got = {0};
    size_t end = 0;

    grid_resize(&s->grid, rows, cols);
    part = grid_whole(&s->grid);
    s->ops->draw(s->self, &s->view, &part, true);
    for (int row = 0; row < rows; row++) {
        size_t before = got.len;

        grid_row_text(&s->grid, row, &got);
        if (got.len > before)
            end = got.len + 1;
        buf_add_char(&got, '\n');
    }
    got.data[end] = '\0';
    if (strcmp(got.data, want) != 0) {
        print_error("%s:%d: the pane shows\n%sinstead of\n%s", file, line, got.data,
                    want);
        buf_release(&got);
        fail();
    }
    buf_release(&got);
}

void
pane_stage_has_heading(struct pane_stage *s, const char *want)
{
    struct buf title = {0}, note = {0};

    s->ops->heading(s->self, &s->view, &title, &note);
    buf_add_char(&title, '|');
    buf_add_str(&title, buf_str(&note));
    assert_string_equal(buf_str(&title), want);
    buf_release(&title);
    buf_release(&note);
}

unsigned
pane_stage_act(struct pane_stage *s, enum actions_id action)
{
    unsigned answer = s->ops->action(s->self, &s->view, action);

    pane_stage_refresh(s);
    return answer;
}

static const struct grid_cell *
cell(const struct pane_stage *s, int row, int col)
{
    return &s->grid.cells[row * s->grid.cols + col];
}

enum theme_style
pane_stage_style(const struct pane_stage *s, int row, int col)
{
    return (enum theme_style)cell(s, row, col)->style;
}

enum theme_style
pane_stage_back(const struct pane_stage *s, int row, int col)
{
    return (enum theme_style)cell(s, row, col)->back;
}
