#include "runner/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "runner/sink.h"

enum {
    GRACE_S = 2,    /* between SIGTERM and SIGKILL when the front-end is gone */
    CLOCKS_MS = 200 /* how often the header's clocks are set */
};

_Atomic int listener_armed;

static struct format_header *header;
static void (*tell)(void);
static struct stat identity; /* of the channel: programs close what is not theirs */
static int channel = -1;
static int wake = -1; /* tells the thread to stop */
static pthread_t thread;
static bool running;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct listener_msg *first, **last = &first;
static bool detached; /* nobody is there any more, and the program goes on */

static bool
is_ours(void)
{
    struct stat st;

    return channel >= 0 && fstat(channel, &st) == 0 && st.st_dev == identity.st_dev &&
           st.st_ino == identity.st_ino;
}

void
listener_set_state(enum format_state state)
{
    pthread_mutex_lock(&mutex);
    atomic_store_explicit(&header->state, state, memory_order_release);
    pthread_mutex_unlock(&mutex);
}

static void
enqueue(const struct control_msg *msg)
{
    struct listener_msg *q = malloc(sizeof(*q));

    if (!q)
        return;
    q->next = NULL;
    q->msg = *msg;
    pthread_mutex_lock(&mutex);
    *last = q;
    last = &q->next;
    if (msg->type == CONTROL_DETACH)
        detached = true;
    if (msg->type == CONTROL_PAUSE &&
        atomic_load_explicit(&header->state, memory_order_relaxed) == FORMAT_RUNNING)
        atomic_store_explicit(&header->state, FORMAT_PAUSING, memory_order_release);
    atomic_store_explicit(&listener_armed, 1, memory_order_relaxed);
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&mutex);
}

static void
detach(void)
{
    pthread_mutex_lock(&mutex);
    detached = true;
    atomic_store_explicit(&listener_armed, 1, memory_order_relaxed);
    pthread_cond_signal(&arrived);
    pthread_mutex_unlock(&mutex);
}

/* The front-end has gone without a word, so its program ends. */
static void
end_program(void)
{
    struct timespec grace = {GRACE_S, 0};

    kill(getpid(), SIGTERM);
    nanosleep(&grace, NULL);
    kill(getpid(), SIGKILL);
}

/* Takes what has come. False: nothing will come any more. */
static bool
receive(void)
{
    struct control_msg msg;
    int got = control_recv(channel, &msg);

    if (got > 0) {
        enqueue(&msg);
        tell();
    }
    if (got >= 0)
        return true;
    pthread_mutex_lock(&mutex);
    got = detached;
    pthread_mutex_unlock(&mutex);
    if (!got)
        end_program();
    return false;
}

static void *
listen_to(void *arg)
{
    struct pollfd fds[2] = {{channel, POLLIN, 0}, {wake, POLLIN, 0}};

    (void)arg;
    for (;;) {
        if (poll(fds, 2, CLOCKS_MS) < 0 && errno != EINTR)
            break;
        sink_note_clocks();
        if (fds[1].revents & POLLIN)
            return NULL;
        if (!is_ours()) {
            detach();
            break;
        }
        if (fds[0].revents && !receive())
            break;
    }
    return NULL;
}

/* Signals are the program's: all are blocked in our thread. */
static int
run(void)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&thread, NULL, listen_to, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    running = !failed;
    return failed;
}

bool
listener_start(int fd, struct format_header *h, void (*told)(void), struct err *err)
{
    int failed;

    header = h;
    tell = told;
    channel = file_move_up(fd);
    if (fcntl(channel, F_SETFD, FD_CLOEXEC) < 0 || fstat(channel, &identity) < 0)
        return err_sys(err, errno, "control channel");
    fcntl(channel, F_SETFL, O_NONBLOCK);
    wake = file_move_up(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    failed = wake < 0 ? errno : run();
    return failed ? err_sys(err, failed, "thread for the control channel") : true;
}

bool
listener_is_on(void)
{
    bool on;

    pthread_mutex_lock(&mutex);
    on = channel >= 0 && !detached;
    pthread_mutex_unlock(&mutex);
    return on;
}

struct listener_msg *
listener_take(bool wait)
{
    struct listener_msg *q;

    pthread_mutex_lock(&mutex);
    while (wait && !first && !detached)
        pthread_cond_wait(&arrived, &mutex);
    q = first;
    if (q) {
        first = q->next;
        if (!first)
            last = &first;
    }
    pthread_mutex_unlock(&mutex);
    return q;
}

void
listener_answer(enum control_type type, uint32_t number, const char *text)
{
    if (is_ours())
        control_send(channel, type, number, text);
}

void
listener_disarm(void)
{
    pthread_mutex_lock(&mutex);
    if (!first)
        atomic_store_explicit(&listener_armed, 0, memory_order_relaxed);
    pthread_mutex_unlock(&mutex);
}

void
listener_before_fork(void)
{
    if (!running)
        return;
    running = false;
    eventfd_write(wake, 1);
    pthread_join(thread, NULL);
    eventfd_read(wake, &(eventfd_t){0});
}

void
listener_after_fork_in_parent(void)
{
    if (!running && listener_is_on())
        run();
}

void
listener_after_fork_in_child(void)
{
    if (is_ours())
        close(channel);
    channel = -1;
    running = false;
    atomic_store_explicit(&listener_armed, 0, memory_order_relaxed);
}
