/* libSystem's functions for sockets and names, by Linux's. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "macos.h"

enum { M_AF_INET6 = 30, M_SOL_SOCKET = 0xffff, M_MSG_PEEK = 2, M_MSG_WAITALL = 0x40 };
enum { M_SO_SNDLOWAT = 0x1003, M_SO_ERROR = 0x1007, M_EAI_AGAIN = 2, M_EAI_FAIL = 4, M_EAI_NONAME = 8 };

/* Structure and numbers are the same. */
static long m_poll(struct pollfd *fds, uint32_t count, int milliseconds) {
    return done(poll(fds, count, milliseconds));
}

static int family(int number) {
    if (number != AF_INET && number != M_AF_INET6)
        broken("sockets of family %d", number);
    return number == AF_INET ? AF_INET : AF_INET6;
}

/* The first two bytes of an address are its length and its family; the rest is the same. */
static int to_host(struct sockaddr_storage *host, const uint8_t *address, uint32_t bytes) {
    if (bytes > sizeof *host || address[0] != bytes)
        return 0;
    memcpy(host, address, bytes);
    host->ss_family = family(address[1]);
    return 1;
}

static void from_host(uint8_t *address, uint32_t *bytes, const struct sockaddr_storage *host) {
    uint32_t length = host->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    memcpy(address, host, *bytes < length ? *bytes : length);
    address[0] = length;
    address[1] = host->ss_family == AF_INET ? AF_INET : M_AF_INET6;
    *bytes = length;
}

static long m_socket(int domain, int type, int protocol) {
    if ((type != SOCK_STREAM && type != SOCK_DGRAM) || protocol != 0)
        broken("sockets of type %d", type);
    return done(socket(family(domain), type, 0));
}

static long m_bind(int fd, const uint8_t *address, uint32_t bytes) {
    struct sockaddr_storage host;
    return to_host(&host, address, bytes) ? done(bind(fd, (struct sockaddr *)&host, bytes)) : fail_with(22);
}

/* An address without a family takes the peer of a socket for datagrams away, with an error. */
static long m_connect(int fd, const uint8_t *address, uint32_t bytes) {
    struct sockaddr_storage host = {0};
    if (address[1] == 0) {
        connect(fd, (struct sockaddr *)&host, sizeof host);
        return fail_with(47);
    }
    return to_host(&host, address, bytes) ? done(connect(fd, (struct sockaddr *)&host, bytes)) : fail_with(22);
}

static long m_listen(int fd, int backlog) {
    return done(listen(fd, backlog));
}

/* As the system does, hands the mode of the listener on. */
static long m_accept(int fd, void *address, void *length) {
    if (address || length)
        broken("accept wants an address");
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0)
        return fail();
    return done(accept4(fd, NULL, NULL, flags & O_NONBLOCK ? SOCK_NONBLOCK : 0));
}

static long m_getsockname(int fd, uint8_t *address, uint32_t *bytes) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    if (getsockname(fd, (struct sockaddr *)&host, &length) < 0)
        return fail();
    from_host(address, bytes, &host);
    return 0;
}

static long m_getpeername(int fd, uint8_t *address, uint32_t *bytes) {
    struct sockaddr_storage host;
    socklen_t length = sizeof host;
    if (getpeername(fd, (struct sockaddr *)&host, &length) < 0)
        return fail();
    from_host(address, bytes, &host);
    return 0;
}

/* The options: of the system, and of Linux. */
static const int options[][4] = {
    {M_SOL_SOCKET, 4, SOL_SOCKET, SO_REUSEADDR},
    {M_SOL_SOCKET, 8, SOL_SOCKET, SO_KEEPALIVE},
    {M_SOL_SOCKET, 0x1001, SOL_SOCKET, SO_SNDBUF},
    {M_SOL_SOCKET, 0x1002, SOL_SOCKET, SO_RCVBUF},
    /* The room for which select waits. Linux has a third of the buffer, half of which is for the bytes. */
    {M_SOL_SOCKET, M_SO_SNDLOWAT, SOL_SOCKET, SO_SNDBUF},
    {M_SOL_SOCKET, M_SO_ERROR, SOL_SOCKET, SO_ERROR},
    {IPPROTO_IP, 4, IPPROTO_IP, IP_TTL},
    {IPPROTO_IPV6, 4, IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, 27, IPPROTO_IPV6, IPV6_V6ONLY},
    {IPPROTO_TCP, 0x10, IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, 0x101, IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, 0x102, IPPROTO_TCP, TCP_KEEPCNT},
};

static const int *find_option(int level, int option) {
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i][0] == level && options[i][1] == option)
            return options[i] + 2;
    broken("option %x of level %x", option, level);
}

static long m_setsockopt(int fd, int level, int option, const void *value, uint32_t bytes) {
    const int *host = find_option(level, option);
    return done(setsockopt(fd, host[0], host[1], value, bytes));
}

static long m_getsockopt(int fd, int level, int option, int *value, uint32_t *bytes) {
    const int *host = find_option(level, option);
    if (getsockopt(fd, host[0], host[1], value, bytes) < 0)
        return fail();
    if (option == M_SO_ERROR && *value)
        *value = mac_error(*value);
    /* Linux counts what it needs for itself. */
    if (level == M_SOL_SOCKET && (option == 0x1001 || option == 0x1002))
        *value /= 2;
    if (level == M_SOL_SOCKET && option == M_SO_SNDLOWAT)
        *value = *value / 6 < 2048 ? *value / 6 : 2048;
    return 0;
}

static long m_sendto(int fd, const void *data, size_t length, int flags, const uint8_t *address, uint32_t bytes) {
    struct sockaddr_storage host;
    if (flags)
        broken("sendto with the flags %x", flags);
    if (!address)
        return done(send(fd, data, length, MSG_NOSIGNAL));
    return to_host(&host, address, bytes) ? done(sendto(fd, data, length, MSG_NOSIGNAL, (struct sockaddr *)&host, bytes))
                                          : fail_with(22);
}

static long m_recvfrom(int fd, void *to, size_t length, int flags, uint8_t *address, uint32_t *bytes) {
    struct sockaddr_storage host;
    socklen_t host_bytes = sizeof host;
    if (flags)
        broken("recvfrom with the flags %x", flags);
    long received = recvfrom(fd, to, length, 0, (struct sockaddr *)&host, &host_bytes);
    if (received < 0)
        return fail();
    from_host(address, bytes, &host);
    return received;
}

struct mac_message {
    void *name;
    uint32_t name_bytes;
    struct iovec *pieces;
    int count;
    void *control;
    uint32_t control_bytes;
    int flags;
};
_Static_assert(sizeof(struct mac_message) == 48, "as in sys/socket.h");

static long m_recvmsg(int fd, struct mac_message *message, int flags) {
    if (message->name || message->control || flags & ~(M_MSG_PEEK | M_MSG_WAITALL))
        broken("recvmsg with the flags %x", flags);
    struct msghdr host = {.msg_iov = message->pieces, .msg_iovlen = message->count};
    int host_flags = (flags & M_MSG_PEEK ? MSG_PEEK : 0) | (flags & M_MSG_WAITALL ? MSG_WAITALL : 0);
    return done(recvmsg(fd, &host, host_flags));
}

static long m_shutdown(int fd, int how) {
    return done(shutdown(fd, how));
}

struct mac_addrinfo {
    int flags, family, type, protocol;
    uint32_t bytes;
    char *name;
    uint8_t *address;
    struct mac_addrinfo *next;
    uint8_t room[sizeof(struct sockaddr_in6)];
};
_Static_assert(offsetof(struct mac_addrinfo, room) == 48, "as in netdb.h");

static long m_getaddrinfo(const char *name, const char *service, const struct mac_addrinfo *hints,
                          struct mac_addrinfo **list) {
    if (!name || service || hints->flags || hints->family)
        broken("getaddrinfo with the flags %x", hints->flags);
    struct addrinfo host_hints = {.ai_socktype = hints->type}, *found;
    switch (getaddrinfo(name, NULL, &host_hints, &found)) {
    case 0:
        break;
    case EAI_AGAIN:
        return M_EAI_AGAIN;
    case EAI_NONAME:
        return M_EAI_NONAME;
    default:
        return M_EAI_FAIL;
    }
    struct mac_addrinfo **last = list;
    for (struct addrinfo *info = found; info; info = info->ai_next) {
        struct mac_addrinfo *copy = calloc(1, sizeof *copy);
        struct sockaddr_storage address = {0};
        memcpy(&address, info->ai_addr, info->ai_addrlen);
        copy->bytes = sizeof copy->room;
        copy->address = copy->room;
        from_host(copy->room, &copy->bytes, &address);
        copy->family = copy->room[1];
        copy->type = info->ai_socktype;
        *last = copy;
        last = &copy->next;
    }
    freeaddrinfo(found);
    return 0;
}

static void m_freeaddrinfo(struct mac_addrinfo *list) {
    while (list) {
        struct mac_addrinfo *next = list->next;
        free(list);
        list = next;
    }
}

void *mac_socket_function(const char *name) {
    static const struct function functions[] = {
        {"_accept", m_accept},
        {"_bind", m_bind},
        {"_connect", m_connect},
        {"_freeaddrinfo", m_freeaddrinfo},
        {"_getaddrinfo", m_getaddrinfo},
        {"_getpeername", m_getpeername},
        {"_getsockname", m_getsockname},
        {"_getsockopt", m_getsockopt},
        {"_listen", m_listen},
        {"_poll", m_poll},
        {"_recvfrom", m_recvfrom},
        {"_recvmsg", m_recvmsg},
        {"_sendto", m_sendto},
        {"_setsockopt", m_setsockopt},
        {"_shutdown", m_shutdown},
        {"_socket", m_socket},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
