#include "tui/leave.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "session/family.h"
#include "tui/save.h"

enum answer {
    ANSWER_CANCEL,
    ANSWER_COVER,
    ANSWER_SESSION,
    ANSWER_TERMINATE,
    ANSWER_KILL,
    ANSWER_DETACH,
    ANSWER_SAVE_AND_QUIT,
    ANSWER_QUIT,
};

static const struct menu save_menu = {
    "Save:", (const struct menu_choice[]){{'c', "[c] .cover files", ANSWER_COVER},
                                          {'t', "[t] the session", ANSWER_SESSION},
                                          {0, NULL, 0}}};

static const struct menu alive_menu = {
    "Program still runs:",
    (const struct menu_choice[]){{'t', "[t]erminate", ANSWER_TERMINATE},
                                 {'k', "[k]ill", ANSWER_KILL},
                                 {'l', "[l]et it run untraced", ANSWER_DETACH},
                                 {'c', "[c]ancel", ANSWER_CANCEL},
                                 {0, NULL, 0}}};

static const struct menu ended_menu = {
    "Nothing was saved:",
    (const struct menu_choice[]){{'s', "[s]ave .cover", ANSWER_SAVE_AND_QUIT},
                                 {'q', "[q]uit", ANSWER_QUIT},
                                 {'c', "[c]ancel", ANSWER_CANCEL},
                                 {0, NULL, 0}}};

/* The counts of all processes together. */
static bool
write_all(struct desk *d, const char *dir)
{
    struct family_readers all;
    struct err ignored;
    bool ok;

    if (d->options.session == NULL ||
        !family_open(&all, d->options.session, d->processes.how, &ignored))
        return save_cover(&d->view->reader, 1, dir, &d->message);
    ok = save_cover(all.at, all.n, dir, &d->message);
    family_close(&all);
    return ok;
}

bool
leave_write_cover(struct desk *d, const char *dir)
{
    bool ok = false;

    buf_clear(&d->message);
    if (d->view->reader == NULL)
        buf_add_str(&d->message, "nothing was recorded yet");
    else
        ok = write_all(d, dir);
    d->saved |= ok;
    return ok;
}

void
leave_write_session(struct desk *d, const char *path)
{
    buf_clear(&d->message);
    if (d->view->reader == NULL)
        buf_add_str(&d->message, "nothing was recorded yet");
    else if (path[0] == '\0')
        buf_add_str(&d->message, "no name, nothing saved");
    else
        d->saved |=
            save_session(d->view->main != NULL ? d->view->main : d->view->reader,
                         d->options.session, path, &d->message);
}

static void
end_program(struct desk *d, enum steer_end how)
{
    steer_end(d->steer, how);
    d->leaving = true;
    desk_say(d, "ending the program; q kills it");
}

static void
detach(struct desk *d)
{
    steer_detach(d->steer);
    d->quit = d->steer->detached;
}

void
leave_quit(struct desk *d)
{
    if (!steer_is_alive(d->steer)) {
        if (d->steer->wire.is_recording || d->saved || d->view->reader == NULL)
            d->quit = true;
        else
            desk_ask(d, &ended_menu);
    } else if (d->leaving || d->options.quit == DESK_QUIT_KILL) {
        end_program(d, STEER_KILL);
    } else if (d->options.quit == DESK_QUIT_TERMINATE) {
        end_program(d, STEER_TERMINATE);
    } else if (d->options.quit == DESK_QUIT_DETACH) {
        detach(d);
    } else {
        desk_ask(d, &alive_menu);
    }
}

void
leave_quit_now(struct desk *d)
{
    if (!steer_is_alive(d->steer))
        d->quit = true;
    else
        end_program(d, d->leaving ? STEER_KILL : STEER_TERMINATE);
}

void
leave_save(struct desk *d)
{
    desk_ask(d, &save_menu);
}

static void
ask_folder(struct desk *d)
{
    prompt_open(&d->folder, "write .cover files to: ", d->options.save_dir);
    d->layer = DESK_FOLDER;
}

/* "app.py" is saved as "app.ttrace", beside the user. */
static void
ask_file(struct desk *d)
{
    const char *name = file_name(d->options.script);
    size_t len = strcspn(name, ".");
    char *proposal =
        xalloc_printf("%.*s.ttrace", len > 0 ? (int)len : 3, len > 0 ? name : "run");

    prompt_open(&d->file, "save the session as: ", proposal);
    d->layer = DESK_FILE;
    free(proposal);
}

static void
terminate(struct desk *d)
{
    end_program(d, STEER_TERMINATE);
}

static void
kill_at_once(struct desk *d)
{
    end_program(d, STEER_KILL);
}

static void
save_and_quit(struct desk *d)
{
    d->quit = leave_write_cover(d, d->options.save_dir);
}

static void
only_quit(struct desk *d)
{
    d->quit = true;
}

static void (*const on_answer[])(struct desk *d) = {
    [ANSWER_COVER] = ask_folder,    [ANSWER_SESSION] = ask_file,
    [ANSWER_TERMINATE] = terminate, [ANSWER_KILL] = kill_at_once,
    [ANSWER_DETACH] = detach,       [ANSWER_SAVE_AND_QUIT] = save_and_quit,
    [ANSWER_QUIT] = only_quit,
};

void
leave_answer(struct desk *d, int answer)
{
    d->layer = DESK_PANES;
    if (answer > ANSWER_CANCEL)
        on_answer[answer](d);
}
