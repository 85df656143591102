#include "tui/wire.h"

bool
wire_is_up(const struct wire *w)
{
    return !w->is_recording && !w->is_over && w->fd >= 0 && w->view->child == 0;
}

bool
wire_is_elsewhere(const struct wire *w)
{
    if (w->view->child == 0)
        return false;
    view_say(w->view,
             "process %u is only watched; Backspace leads to the program itself",
             w->view->child);
    return true;
}

bool
wire_send(struct wire *w, enum control_type type, uint32_t number, const char *text)
{
    if (w->is_recording)
        view_say(w->view, "a recording: there is no program to steer");
    else if (type != CONTROL_DETACH && wire_is_elsewhere(w))
        return false;
    else if (w->is_over)
        view_say(w->view, "the program is over");
    else if (w->fd < 0 || !control_send(w->fd, type, number, text))
        view_say(w->view, "the program cannot be reached any more");
    else
        return true;
    return false;
}
