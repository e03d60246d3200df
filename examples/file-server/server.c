// A static file server: HTTP/1.1 on the sockets of WASI preview 1, one thread, no memory that grows.
// It serves the first directory that it is granted, on the first listener that it is granted.
//
// Each turn of the loop waits in one `poll_oneoff` for the listener, for every connection in the one
// direction that matters to it, and for the next second; then it serves those that are ready. Nothing else
// waits: connections don't block, and what doesn't get through now is tried when the connection is ready again.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wasi/api.h>

#include "http.h"

enum {
    MAX_CONNECTIONS = 400,
    // While a response is sent something must get through in this time.
    SEND_SECONDS = 30,
    // How long to wait, at the end, for the client to close.
    CLOSE_SECONDS = 2,
    // What one connection may do before it's another one's turn.
    TURN_RESPONSES = 16,
    TURN_BYTES = 512 * 1024,
};

struct connection {
    int socket;
    enum {
        // Waits for a request, or for the rest of it.
        RECEIVING,
        // Has a response to send, or requests in the buffer and has had its turn.
        SENDING,
        // Everything is sent. What the client still sends is thrown away until it closes: to close before it
        // has done so could make its host throw away what it hasn't read.
        CLOSING,
    } state;
    // The second in which it is given up.
    time_t deadline;
    // What has come. The part of it that was searched for the end of a request.
    char input[MAX_HEAD];
    size_t input_length, searched;
    // The response: a head, perhaps with a short text, and then a part of a file.
    char head[1024];
    size_t head_length, head_sent;
    int file;
    uint64_t position, end;
    bool keep_alive;
};

// A client must complete a request in this many seconds, and so may be idle no longer.
static int request_seconds = 15;

static struct connection connections[MAX_CONNECTIONS];
// Those in use are the first `count` of these.
static struct connection *order[MAX_CONNECTIONS];
static size_t count;

static int listener = -1, root = -1;
// The listener had connections for which there were no descriptors: it rests until the next second.
static bool listener_rests;

static time_t now;
static char date[64];

// One thread: what is read from a file is sent at once, and read again if it couldn't be. The system mostly takes
// this much as a whole.
#ifndef SCRATCH
#define SCRATCH (128 * 1024)
#endif
static char scratch[SCRATCH];

static void fail(const char *message) {
    fprintf(stderr, "file-server: %s\n", message);
    exit(1);
}

// Whoever starts the program decides which descriptors there are. They begin at 3.
static void find_grants(void) {
    __wasi_fdstat_t stat;
    for (int fd = 3; (listener < 0 || root < 0) && __wasi_fd_fdstat_get(fd, &stat) == 0; fd++) {
        if (stat.fs_filetype == __WASI_FILETYPE_SOCKET_STREAM && listener < 0) listener = fd;
        if (stat.fs_filetype == __WASI_FILETYPE_DIRECTORY && root < 0) root = fd;
    }
    if (listener < 0) fail("no address to listen at was granted");
    if (root < 0) fail("no directory to serve was granted");
    if (fcntl(listener, F_SETFL, O_NONBLOCK) < 0) fail("the listener can't be used without blocking");
}

// Returns whether it is another second than before.
static bool look_at_clock(void) {
    struct timespec monotonic;
    if (clock_gettime(CLOCK_MONOTONIC, &monotonic) < 0) fail("there is no clock");
    if (monotonic.tv_sec == now && date[0]) return false;
    now = monotonic.tv_sec;
    time_t since_1970 = time(NULL);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&since_1970));
    return true;
}

// The response.

static void close_file(struct connection *connection) {
    if (connection->file >= 0) close(connection->file);
    connection->file = -1;
    connection->position = connection->end = 0;
}

static void write_head(struct connection *connection, int status, const char *fields, const char *text) {
    int length = snprintf(connection->head, sizeof connection->head,
                          "HTTP/1.1 %d %s\r\nDate: %s\r\n%sConnection: %s\r\n\r\n%s", status, reason(status), date,
                          fields, connection->keep_alive ? "keep-alive" : "close", text);
    connection->head_length = length, connection->head_sent = 0;
}

// A response that says only how it went.
static void answer(struct connection *connection, int status, bool is_head, const char *more) {
    char text[64], fields[512];
    int length = snprintf(text, sizeof text, "%d %s\n", status, reason(status));
    snprintf(fields, sizeof fields, "%sContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n", more, length);
    write_head(connection, status, fields, is_head ? "" : text);
}

// A directory is answered for by its name with a slash, so that relative links in its index work.
static void answer_directory(struct connection *connection, const struct request *request) {
    size_t start = request->target_length;
    while (start && request->target[start - 1] != '/') start--;
    char fields[400];
    // Relative, so that nothing in the name is taken for another server's.
    int length = snprintf(fields, sizeof fields, "Location: ./%.*s/\r\n", (int)(request->target_length - start),
                          request->target + start);
    if (length >= (int)sizeof fields) answer(connection, 404, request->is_head, "");
    else answer(connection, 301, request->is_head, fields);
}

// Opens what can be served. Returns 0, or the status that says why there is nothing.
static int open_file(const char *path, struct stat *stat, int *file) {
    // Not to wait for the other end of a pipe that somebody has put there.
    *file = openat(root, path, O_RDONLY | O_NONBLOCK);
    if (*file >= 0 && fstat(*file, stat) == 0) return 0;
    int error = errno;
    if (*file >= 0) close(*file);
    *file = -1;
    switch (error) {
    case EACCES: return 403;
    case EMFILE:
    case ENFILE:
    case ENOMEM: return 503;
    // There is nothing by that name, or it leads out of the directory.
    default: return 404;
    }
}

static void answer_with(struct connection *connection, const struct request *request, const char *path, uint64_t size) {
    uint64_t start, length;
    char fields[256], content_range[96] = "";
    if (!resolve_range(&request->range, size, &start, &length)) {
        close_file(connection);
        snprintf(content_range, sizeof content_range, "Content-Range: bytes */%llu\r\n", (unsigned long long)size);
        answer(connection, 416, request->is_head, content_range);
        return;
    }
    bool is_part = request->range.kind != NO_RANGE;
    if (is_part)
        snprintf(content_range, sizeof content_range, "Content-Range: bytes %llu-%llu/%llu\r\n",
                 (unsigned long long)start, (unsigned long long)(start + length - 1), (unsigned long long)size);
    snprintf(fields, sizeof fields, "Content-Type: %s\r\nContent-Length: %llu\r\nAccept-Ranges: bytes\r\n%s",
             content_type(path), (unsigned long long)length, content_range);
    write_head(connection, is_part ? 206 : 200, fields, "");
    connection->position = start, connection->end = start + length;
    if (request->is_head || length == 0) close_file(connection);
}

static void answer_request(struct connection *connection, const struct request *request) {
    static const char index[] = "/index.html";
    char path[MAX_PATH + sizeof index];
    struct stat stat;
    if (!decode_path(request->target, request->target_length, path)) {
        answer(connection, 400, request->is_head, "");
        return;
    }
    bool slash = request->target[request->target_length - 1] == '/';
    // Only a directory can have one behind it; its index is what is asked for.
    if (slash) strcat(path, index);
    int status = open_file(path, &stat, &connection->file);
    if (status) {
        answer(connection, status, request->is_head, "");
    } else if (S_ISREG(stat.st_mode)) {
        answer_with(connection, request, path, stat.st_size);
    } else {
        close_file(connection);
        if (S_ISDIR(stat.st_mode) && !slash) answer_directory(connection, request);
        else answer(connection, 404, request->is_head, "");
    }
}

// Connections. What becomes of one when something is done with it:
enum outcome { GOES_ON, WAITS, ENDS };

static void set_state(struct connection *connection, int state, int seconds) {
    connection->state = state;
    connection->deadline = now + seconds;
}

// Takes the next request from the input and prepares the response; waits if it isn't complete.
static enum outcome next_request(struct connection *connection) {
    struct request request = {0};
    size_t empty = 0;
    // Some clients send an empty line behind a request.
    while (connection->input_length - empty >= 2 && !memcmp(connection->input + empty, "\r\n", 2)) empty += 2;
    const char *start = connection->input + empty;
    size_t searched = connection->searched > empty ? connection->searched - empty : 0;
    size_t length = head_length(start, connection->input_length - empty, searched);
    if (!length && connection->input_length < MAX_HEAD) {
        connection->searched = connection->input_length;
        return WAITS;
    }
    int status = length ? parse_request(start, length, &request) : 431;
    connection->keep_alive = request.keep_alive && !status;
    if (status) answer(connection, status, request.is_head, status == 405 ? "Allow: GET, HEAD\r\n" : "");
    else answer_request(connection, &request);
    connection->input_length -= empty + length;
    connection->searched = 0;
    memmove(connection->input, start + length, connection->input_length);
    set_state(connection, SENDING, SEND_SECONDS);
    return GOES_ON;
}

// Sends what fits of the response; `sent` is how much.
static enum outcome send_some(struct connection *connection, size_t *sent) {
    size_t head = connection->head_length - connection->head_sent, body = 0;
    memcpy(scratch, connection->head + connection->head_sent, head);
    if (connection->file >= 0) {
        uint64_t rest = connection->end - connection->position;
        body = rest < sizeof scratch - head ? rest : sizeof scratch - head;
        ssize_t read = pread(connection->file, scratch + head, body, connection->position);
        // The length is promised already, so a file that became shorter can only end the connection.
        if (read <= 0) return ENDS;
        body = read;
    }
    ssize_t written = send(connection->socket, scratch, head + body, 0);
    if (written < 0) return errno == EAGAIN || errno == EINTR ? WAITS : ENDS;
    *sent = written;
    size_t of_head = *sent < head ? *sent : head;
    connection->head_sent += of_head;
    connection->position += *sent - of_head;
    connection->deadline = now + SEND_SECONDS;
    return GOES_ON;
}

static bool is_sent(const struct connection *connection) {
    return connection->head_sent == connection->head_length &&
           (connection->file < 0 || connection->position == connection->end);
}

// Sends responses and takes requests, until there is nothing to do or others must have their turn.
static enum outcome respond(struct connection *connection) {
    size_t bytes = 0;
    for (int responses = 0; responses < TURN_RESPONSES && bytes < TURN_BYTES;) {
        if (connection->state == RECEIVING) {
            enum outcome outcome = next_request(connection);
            if (outcome != GOES_ON) return outcome;
        }
        while (!is_sent(connection) && bytes < TURN_BYTES) {
            size_t sent = 0;
            enum outcome outcome = send_some(connection, &sent);
            if (outcome != GOES_ON) return outcome;
            bytes += sent;
        }
        if (!is_sent(connection)) return WAITS;
        close_file(connection);
        responses++;
        if (!connection->keep_alive) {
            set_state(connection, CLOSING, CLOSE_SECONDS);
            return shutdown(connection->socket, SHUT_WR) < 0 ? ENDS : WAITS;
        }
        set_state(connection, RECEIVING, request_seconds);
    }
    // There may be more in the buffer. It goes on when the connection can take it, which is mostly at once.
    if (connection->state == RECEIVING && connection->input_length) set_state(connection, SENDING, SEND_SECONDS);
    return WAITS;
}

static enum outcome receive(struct connection *connection) {
    bool closing = connection->state == CLOSING;
    char *buffer = closing ? scratch : connection->input + connection->input_length;
    size_t room = closing ? sizeof scratch : MAX_HEAD - connection->input_length;
    ssize_t received = recv(connection->socket, buffer, room, 0);
    if (received < 0) return errno == EAGAIN || errno == EINTR ? WAITS : ENDS;
    // The client has closed. There is no response that it still waits for, as those are sent first.
    if (received == 0) return ENDS;
    if (closing) return WAITS;
    connection->input_length += received;
    return GOES_ON;
}

static void end(struct connection *connection) {
    close_file(connection);
    close(connection->socket);
    connection->socket = -1;
}

static void serve(struct connection *connection) {
    // Its place may have been taken by a message for one that ended in this turn.
    if (connection->socket < 0) return;
    enum outcome outcome = GOES_ON;
    if (connection->state != SENDING) outcome = receive(connection);
    if (outcome == GOES_ON) outcome = respond(connection);
    if (outcome == ENDS) end(connection);
}

static void accept_all(void) {
    while (count < MAX_CONNECTIONS) {
        struct sockaddr address;
        socklen_t length = sizeof address;
        int socket = accept4(listener, &address, &length, SOCK_NONBLOCK);
        if (socket < 0) {
            // Not so if the client has gone already.
            listener_rests = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
            return;
        }
        struct connection *connection = order[count++];
        connection->socket = socket;
        connection->input_length = connection->searched = 0;
        connection->head_length = connection->head_sent = 0;
        connection->file = -1;
        set_state(connection, RECEIVING, request_seconds);
    }
}

// Puts the places of connections that have ended behind the others.
static void compact(bool second_passed) {
    for (size_t i = 0; i < count;) {
        struct connection *connection = order[i];
        if (second_passed && connection->socket >= 0 && connection->deadline < now) end(connection);
        if (connection->socket >= 0) {
            i++;
            continue;
        }
        order[i] = order[--count];
        order[count] = connection;
    }
}

// The loop. The user data of a connection is its place in `order`.
enum { LISTENER = MAX_CONNECTIONS, CLOCK, MAX_SUBSCRIPTIONS };

static __wasi_subscription_t subscriptions[MAX_SUBSCRIPTIONS];
static __wasi_event_t events[MAX_SUBSCRIPTIONS];

static void subscribe(__wasi_subscription_t *subscription, size_t user_data, int fd, __wasi_eventtype_t type) {
    subscription->userdata = user_data;
    subscription->u.tag = type;
    subscription->u.u.fd_read.file_descriptor = fd;
}

static size_t subscribe_all(void) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        bool writes = order[i]->state == SENDING;
        subscribe(&subscriptions[used++], i, order[i]->socket, writes ? __WASI_EVENTTYPE_FD_WRITE : __WASI_EVENTTYPE_FD_READ);
    }
    if (count < MAX_CONNECTIONS && !listener_rests)
        subscribe(&subscriptions[used++], LISTENER, listener, __WASI_EVENTTYPE_FD_READ);
    subscriptions[used++] = (__wasi_subscription_t){
        .userdata = CLOCK,
        .u = {.tag = __WASI_EVENTTYPE_CLOCK,
              .u.clock = {.id = __WASI_CLOCKID_MONOTONIC, .timeout = 1000000000, .precision = 1000000}},
    };
    return used;
}

int main(int argc, char **argv) {
    if (argc > 1) request_seconds = atoi(argv[1]);
    if (argc > 2 || request_seconds < 1) fail("usage: file-server [SECONDS]: how long a client may be idle");
    find_grants();
    look_at_clock();
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) order[i] = &connections[i];
    for (;;) {
        size_t ready = 0;
        if (__wasi_poll_oneoff(subscriptions, events, subscribe_all(), &ready) != 0) fail("can't wait for connections");
        bool second_passed = look_at_clock();
        if (second_passed) listener_rests = false;
        bool accepts = false;
        for (size_t i = 0; i < ready; i++) {
            size_t user_data = events[i].userdata;
            if (user_data < count) serve(order[user_data]);
            accepts |= user_data == LISTENER;
        }
        // After the others, so that the places that the events name stay what they were.
        if (accepts) accept_all();
        compact(second_passed);
    }
}
