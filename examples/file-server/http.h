// Reading HTTP/1.1 requests, without any input or output. What a client sends is never trusted.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MAX_HEAD = 8192, // bytes of a request line and its header fields
    MAX_PATH = 1024, // bytes of a path, with the final 0
};

// `bytes=FIRST-LAST`, `bytes=FIRST-` or, as a suffix, `bytes=-LENGTH`.
struct range {
    enum { NO_RANGE, FROM_TO, SUFFIX } kind;
    uint64_t first, last;
};

struct request {
    bool is_head;
    bool keep_alive;
    // The path as it came, without the query, in the buffer of the request.
    const char *target;
    size_t target_length;
    struct range range;
};

// The length of the first request's head in `text`, with the empty line at its end; 0 if that hasn't come
// yet. There is none before `searched`, which is how much of `text` was there at the last call.
size_t head_length(const char *text, size_t length, size_t searched);

// Reads a head. Returns 0, or the status with which to refuse the request; the connection must then end, as
// nobody knows where the next request starts.
int parse_request(const char *head, size_t length, struct request *request);

// The path that a target means, relative to the root directory: without percent signs, without a slash in front,
// and `.` for the root. False if there is no such path: one that has `..` in it, or a 0, or is too long.
bool decode_path(const char *target, size_t length, char path[MAX_PATH]);

// The part of a file of this size that a range asks for; the whole file if it asks for none. False if the
// file has no such part.
bool resolve_range(const struct range *range, uint64_t size, uint64_t *start, uint64_t *length);

const char *reason(int status);
const char *content_type(const char *path);
