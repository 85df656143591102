#include "tui/tty.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/xalloc.h"

#define FALLBACK_TERM "xterm-256color"
#define ESC_DELAY_MS 25
#define PAIRS_MAX 512           /* colour pairs in use at one time */
#define CODE_PASTE_BEGIN 0x1000 /* curses codes we define ourselves */
#define CODE_PASTE_END 0x1001
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

static struct {
    bool open;
    FILE *in;  /* /dev/tty, or stdin */
    FILE *out; /* /dev/tty, or stdout */
    int in_fd;
    int out_fd;
    SCREEN *screen;
    struct termios before; /* as it was when we came */
    char leave[256];       /* what brings the screen back, for a crash */
    size_t leave_len;
    const struct theme *theme;
    int n_colors;
    bool all;          /* send everything next time */
    wint_t pending;    /* read behind an Esc, not yet handed out */
    int pending_kind;  /* what get_wch() said about it; ERR: nothing */
    struct grid shown; /* what the terminal has */
    int cursor_row;
    int cursor_col;
    struct theme_look looks[THEME_N][THEME_N];
    struct {
        int16_t fg;
        int16_t bg;
    } pairs[PAIRS_MAX];
    int n_pairs;
} tty;

/* The way out. */

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

/* Not one byte to a pipe, as other handlers: the process ends here, and nobody else
 * would put the terminal right. Only calls that are safe in a handler. */
static void
on_crash(int signo)
{
    ssize_t n = write(tty.out_fd, tty.leave, tty.leave_len);

    (void)n;
    tcsetattr(tty.in_fd, TCSANOW, &tty.before);
    raise(signo); /* the handler is gone by now: SA_RESETHAND */
}

static void
watch_crashes(bool on)
{
    struct sigaction action = {.sa_flags = on ? (int)SA_RESETHAND : 0};

    action.sa_handler = on ? on_crash : SIG_DFL;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(crash_signals) / sizeof(crash_signals[0]); i++)
        sigaction(crash_signals[i], &action, NULL);
}

static void
add_leave(const char *text)
{
    size_t len = text != NULL ? strlen(text) : 0;

    if (len < sizeof(tty.leave) - tty.leave_len) {
        memcpy(tty.leave + tty.leave_len, text != NULL ? text : "", len);
        tty.leave_len += len;
    }
}

/* Opening. */

static bool
can_move_cursor(const char *name, int fd)
{
    int result;
    bool can;

    if (setupterm(name, fd, &result) != OK)
        return false;
    can = cursor_address != NULL;
    del_curterm(cur_term);
    return can;
}

static bool
is_known(const char *name, int fd)
{
    int result;

    if (setupterm(name, fd, &result) != OK)
        return false;
    del_curterm(cur_term);
    return true;
}

/* The name to open the terminal by, NULL when it cannot do what we need. */
static const char *
choose_term(int fd, struct err *err)
{
    const char *name = getenv("TERM");

    if (name == NULL || name[0] == '\0' || !is_known(name, fd))
        name = FALLBACK_TERM;
    if (can_move_cursor(name, fd))
        return name;
    if (is_known(name, fd))
        err_set(err, "TERM=%s: this terminal cannot move its cursor", name);
    else
        err_set(err, "TERM is unknown here, and so is " FALLBACK_TERM);
    return NULL;
}

/* Takes /dev/tty where something is redirected. */
static bool
open_streams(struct err *err)
{
    bool redirected = !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO);

    tty.in = stdin;
    tty.out = stdout;
    if (redirected) {
        tty.in = fopen("/dev/tty", "re");
        tty.out = fopen("/dev/tty", "we");
    }
    if (tty.in == NULL || tty.out == NULL)
        return err_sys(err, errno, "no terminal to show the screen on: /dev/tty");
    tty.in_fd = fileno(tty.in);
    tty.out_fd = fileno(tty.out);
    return true;
}

static void
close_streams(void)
{
    if (tty.in != NULL && tty.in != stdin)
        fclose(tty.in);
    if (tty.out != NULL && tty.out != stdout)
        fclose(tty.out);
    tty.in = NULL;
    tty.out = NULL;
}

static void
make_looks(bool mono)
{
    tty.n_colors = 0;
    if (!mono && has_colors()) {
        start_color();
        tty.n_colors = use_default_colors() == OK ? COLORS : 0;
    }
    for (int style = 0; style < THEME_N; style++) {
        for (int back = 0; back < THEME_N; back++)
            tty.looks[style][back] = theme_get(tty.theme, (enum theme_style)style,
                                               (enum theme_style)back, tty.n_colors);
    }
}

static void
set_modes(void)
{
    static const struct {
        const char *text;
        int code;
    } strays[] = {
        {"\033[1~", KEY_HOME}, {"\033[7~", KEY_HOME}, {"\033[H", KEY_HOME},
        {"\033OH", KEY_HOME},  {"\033[4~", KEY_END},  {"\033[8~", KEY_END},
        {"\033[F", KEY_END},   {"\033OF", KEY_END},
    };

    raw(); /* Ctrl-C, Ctrl-Z and Ctrl-S are keys */
    noecho();
    nonl(); /* Enter is 13, Ctrl-J 10 */
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    leaveok(stdscr, FALSE);
    intrflush(stdscr, FALSE);
    set_escdelay(ESC_DELAY_MS);
    define_key("\033[200~", CODE_PASTE_BEGIN);
    define_key("\033[201~", CODE_PASTE_END);
    /* Home and End as terminals send them that terminfo does not speak of. */
    for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
        if (key_defined(strays[i].text) == 0)
            define_key(strays[i].text, strays[i].code);
    curs_set(0);
}

static void
send(const char *text)
{
    fputs(text, tty.out);
    fflush(tty.out);
}

bool
tty_open(const struct tty_options *options, struct err *err)
{
    const char *name;

    memset(&tty, 0, sizeof(tty));
    tty.theme = options->theme;
    tty.pending_kind = ERR;
    if (!open_streams(err)) {
        close_streams();
        return false;
    }
    tcgetattr(tty.in_fd, &tty.before);
    /* The size is the kernel's: these would be those of another time or window. */
    unsetenv("LINES");
    unsetenv("COLUMNS");
    name = choose_term(tty.out_fd, err);
    if (name != NULL)
        tty.screen = newterm(name, tty.out, tty.in);
    if (tty.screen == NULL) {
        close_streams();
        return name == NULL ? false : err_set(err, "TERM=%s: curses refuses it", name);
    }
    tty.open = true;
    add_leave(PASTE_OFF);
    add_leave(exit_attribute_mode);
    add_leave(cursor_normal);
    add_leave(exit_ca_mode);
    /* ncurses 6.4 sends every move of the cursor by itself until it has left the screen
     * once, and a frame would come in a hundred pieces. */
    endwin();
    refresh();
    set_modes();
    make_looks(options->mono);
    send(PASTE_ON);
    watch_crashes(true);
    xalloc_on_die(tty_close);
    return true;
}

void
tty_close(void)
{
    if (!tty.open)
        return;
    tty.open = false;
    xalloc_on_die(NULL);
    send(PASTE_OFF);
    if (exit_ca_mode == NULL) { /* no second screen: leave this one clean */
        erase();
        refresh();
    }
    endwin();
    watch_crashes(false);
    tcsetattr(tty.in_fd, TCSADRAIN, &tty.before);
    delscreen(tty.screen);
    close_streams();
    grid_release(&tty.shown);
}

void
tty_suspend(void)
{
    send(PASTE_OFF);
    endwin();
    tcsetattr(tty.in_fd, TCSADRAIN, &tty.before);
}

void
tty_resume(void)
{
    reset_prog_mode();
    send(PASTE_ON);
    tty_resize();
    tty_redraw();
}

/* Size. */

int
tty_rows(void)
{
    return LINES;
}

int
tty_cols(void)
{
    return COLS;
}

void
tty_resize(void)
{
    struct winsize size;

    if (ioctl(tty.out_fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
        resizeterm(size.ws_row, size.ws_col);
    tty_redraw();
}

/* Keys. */

static const struct {
    int curses;
    keys_code code;
} special[] = {
    {KEY_UP, KEYS_UP},
    {KEY_DOWN, KEYS_DOWN},
    {KEY_LEFT, KEYS_LEFT},
    {KEY_RIGHT, KEYS_RIGHT},
    {KEY_HOME, KEYS_HOME},
    {KEY_END, KEYS_END},
    {KEY_PPAGE, KEYS_PAGE_UP},
    {KEY_NPAGE, KEYS_PAGE_DOWN},
    {KEY_IC, KEYS_INSERT},
    {KEY_DC, KEYS_DELETE},
    {KEY_BACKSPACE, KEYS_BACKSPACE},
    {KEY_ENTER, KEYS_ENTER},
    {KEY_BTAB, KEYS_SHIFT | KEYS_TAB},
    {KEY_SR, KEYS_SHIFT | KEYS_UP},
    {KEY_SF, KEYS_SHIFT | KEYS_DOWN},
    {KEY_SLEFT, KEYS_SHIFT | KEYS_LEFT},
    {KEY_SRIGHT, KEYS_SHIFT | KEYS_RIGHT},
    {KEY_SHOME, KEYS_SHIFT | KEYS_HOME},
    {KEY_SEND, KEYS_SHIFT | KEYS_END},
    {KEY_SPREVIOUS, KEYS_SHIFT | KEYS_PAGE_UP},
    {KEY_SNEXT, KEYS_SHIFT | KEYS_PAGE_DOWN},
    {CODE_PASTE_BEGIN, KEYS_PASTE_BEGIN},
    {CODE_PASTE_END, KEYS_PASTE_END},
};

/* Terminfo numbers F13 to F24 where Shift is held, F25 to F36 where Ctrl is. */
static keys_code
function_key(int number)
{
    if (number >= 1 && number <= 12)
        return KEYS_F1 + (keys_code)(number - 1);
    if (number >= 13 && number <= 24)
        return KEYS_SHIFT | (KEYS_F1 + (keys_code)(number - 13));
    if (number >= 25 && number <= 36)
        return KEYS_CTRL | (KEYS_F1 + (keys_code)(number - 25));
    return KEYS_NONE;
}

static keys_code
from_curses(int kind, wint_t c)
{
    if (kind == OK)
        return c == 8 ? KEYS_BACKSPACE : (keys_code)c;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
        if (special[i].curses == (int)c)
            return special[i].code;
    }
    return c > KEY_F0 && c <= KEY_F(36) ? function_key((int)c - KEY_F0) : KEYS_NONE;
}

static int
next_from_curses(wint_t *c)
{
    int kind = tty.pending_kind;

    if (kind == ERR)
        return get_wch(c);
    *c = tty.pending;
    tty.pending_kind = ERR;
    return kind;
}

/* What follows an Esc at once is the same key with Alt. */
static keys_code
after_escape(void)
{
    struct pollfd ready = {.fd = tty.in_fd, .events = POLLIN};
    wint_t c;
    int kind = get_wch(&c);

    if (kind == ERR && poll(&ready, 1, ESC_DELAY_MS) == 1)
        kind = get_wch(&c);
    if (kind == OK && c != KEYS_ESC)
        return KEYS_ALT | from_curses(kind, c);
    tty.pending = c;
    tty.pending_kind = kind;
    return KEYS_ESC;
}

bool
tty_read(keys_code *key)
{
    wint_t c;

    for (;;) {
        int kind = next_from_curses(&c);

        if (kind == ERR)
            return false;
        *key = kind == OK && c == KEYS_ESC ? after_escape() : from_curses(kind, c);
        if (*key != KEYS_NONE)
            return true;
    }
}

int
tty_fd(void)
{
    return tty.in_fd;
}

/* Cells. */

/* The number of a pair of colours; pairs are made as they are needed. When there are
 * no more, all are forgotten, which costs one full repaint. */
static short
pair_of(int16_t fg, int16_t bg)
{
    int limit = COLOR_PAIRS - 1 < PAIRS_MAX ? COLOR_PAIRS - 1 : PAIRS_MAX;

    if (tty.n_colors == 0 || (fg < 0 && bg < 0))
        return 0;
    for (int i = tty.n_pairs - 1; i >= 0; i--) {
        if (tty.pairs[i].fg == fg && tty.pairs[i].bg == bg)
            return (short)(i + 1);
    }
    if (tty.n_pairs >= limit) {
        tty.n_pairs = 0;
        tty.all = true;
    }
    tty.pairs[tty.n_pairs].fg = fg;
    tty.pairs[tty.n_pairs].bg = bg;
    tty.n_pairs++;
    init_pair((short)tty.n_pairs, fg, bg);
    return (short)tty.n_pairs;
}

static attr_t
attrs_of(unsigned attrs)
{
    return ((attrs & THEME_BOLD) != 0 ? A_BOLD : A_NORMAL) |
           ((attrs & THEME_DIM) != 0 ? A_DIM : A_NORMAL) |
           ((attrs & THEME_ITALIC) != 0 ? A_ITALIC : A_NORMAL) |
           ((attrs & THEME_UNDERLINE) != 0 ? A_UNDERLINE : A_NORMAL) |
           ((attrs & THEME_REVERSE) != 0 ? A_REVERSE : A_NORMAL);
}

static int16_t
limited(int16_t color)
{
    return color >= tty.n_colors ? -1 : color;
}

static struct theme_look
look_of(const struct grid_cell *cell)
{
    struct theme_look look = tty.looks[cell->style][cell->back];

    if (cell->style == THEME_PROGRAM) {
        look.attrs |= cell->attrs;
        look.fg = cell->fg >= 0 ? limited(cell->fg) : look.fg;
        look.bg =
            cell->bg >= 0 && cell->back == THEME_TEXT ? limited(cell->bg) : look.bg;
    }
    return look;
}

static void
put_cell(int row, int col, const struct grid_cell *cell)
{
    struct theme_look look = look_of(cell);
    wchar_t text[GRID_POINTS + 1] = {L' '};
    cchar_t out;

    for (int i = 0; i < GRID_POINTS && cell->points[i] != 0; i++)
        text[i] = (wchar_t)cell->points[i];
    setcchar(&out, text, attrs_of(look.attrs), pair_of(look.fg, look.bg), NULL);
    mvadd_wch(row, col, &out);
}

static bool
has_wide(const struct grid *g, int row)
{
    for (int col = 0; row < g->rows && col < g->cols; col++)
        if (g->cells[row * g->cols + col].width > 1)
            return true;
    return false;
}

/* Curses shifts what stands in a row to where it will stand, and miscounts where it
 * passes through half of a wide character: such rows are sent anew. */
static void
redraw_wide(const struct grid *g)
{
    for (int row = 0; row < g->rows && row < LINES; row++)
        if (has_wide(g, row) || has_wide(&tty.shown, row))
            wredrawln(stdscr, row, 1);
}

static void
put_grid(const struct grid *g)
{
    erase();
    for (int row = 0; row < g->rows && row < LINES; row++) {
        for (int col = 0; col < g->cols && col < COLS; col++) {
            const struct grid_cell *cell = &g->cells[row * g->cols + col];

            if (cell->width > 0)
                put_cell(row, col, cell);
        }
    }
}

void
tty_show(const struct grid *g, int row, int col)
{
    bool same =
        grid_is_equal(g, &tty.shown) && row == tty.cursor_row && col == tty.cursor_col;

    if (same && !tty.all)
        return;
    if (tty.all)
        clearok(curscr, TRUE);
    tty.all = false;
    curs_set(row >= 0);
    put_grid(g);
    if (tty.all) { /* the pairs ran out on the way: what came before used others */
        tty.all = false;
        clearok(curscr, TRUE);
        put_grid(g);
        tty.all = false;
    }
    redraw_wide(g);
    move(row >= 0 ? row : LINES - 1, row >= 0 ? col : COLS - 1);
    wnoutrefresh(stdscr);
    doupdate();
    grid_copy(&tty.shown, g);
    tty.cursor_row = row;
    tty.cursor_col = col;
}

void
tty_redraw(void)
{
    tty.all = true;
}
