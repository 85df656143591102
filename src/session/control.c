#include "session/control.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define HEAD_SIZE offsetof(struct control_msg, text)

bool
control_pair(int ends[2], struct err *err)
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_sys(err, errno, "control channel");
    return true;
}

bool
control_send(int fd, enum control_type type, uint32_t number, const char *text)
{
    uint32_t head[2] = {(uint32_t)type, number};
    size_t len = text ? strlen(text) : 0;
    struct iovec parts[2] = {{head, sizeof(head)}, {(void *)(uintptr_t)text, len}};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = len ? 2 : 1};
    ssize_t sent;

    static_assert(sizeof(head) == HEAD_SIZE, "the head goes out as two words");
    if (len >= CONTROL_TEXT_MAX)
        return false;
    do
        sent = sendmsg(fd, &msg, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)(sizeof(head) + len);
}

int
control_recv(int fd, struct control_msg *msg)
{
    ssize_t len;

    do
        len = recv(fd, msg, sizeof(*msg) - 1, 0);
    while (len < 0 && errno == EINTR);
    if (len < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1;
    if (len < (ssize_t)HEAD_SIZE)
        return -1;
    msg->text[(size_t)len - HEAD_SIZE] = '\0';
    return 1;
}
