#include "tui/wire.h"

bool
wire_is_up(const struct wire *w)
{
    return !w->is_recording && !w->is_over && w->fd >= 0;
}

bool
wire_send(struct wire *w, enum control_type type, uint32_t number, const char *text)
{
    if (w->is_recording)
        view_say(w->view, "a recording: there is no program to steer");
    else if (w->is_over)
        view_say(w->view, "the program is over");
    else if (w->fd < 0 || !control_send(w->fd, type, number, text))
        view_say(w->view, "the program cannot be reached any more");
    else
        return true;
    return false;
}
