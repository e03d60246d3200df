#include "http.h"

#include <string.h>
#include <strings.h>

struct text {
    const char *start;
    size_t length;
};

static bool is(struct text text, const char *word) {
    return text.length == strlen(word) && !strncasecmp(text.start, word, text.length);
}

static bool is_exactly(struct text text, const char *word) {
    return text.length == strlen(word) && !memcmp(text.start, word, text.length);
}

// Splits at the first `separator`: returns what is before it, `rest` is what is behind it. Without one, `rest`
// has no start.
static struct text split(struct text text, char separator, struct text *rest) {
    const char *found = text.length ? memchr(text.start, separator, text.length) : NULL;
    *rest = (struct text){NULL, 0};
    if (!found) return text;
    size_t length = found - text.start;
    *rest = (struct text){found + 1, text.length - length - 1};
    return (struct text){text.start, length};
}

static struct text trim(struct text text) {
    while (text.length && (*text.start == ' ' || *text.start == '\t')) text.start++, text.length--;
    while (text.length && (text.start[text.length - 1] == ' ' || text.start[text.length - 1] == '\t')) text.length--;
    return text;
}

size_t head_length(const char *text, size_t length, size_t searched) {
    for (size_t i = searched > 3 ? searched - 3 : 0; i + 4 <= length; i++) {
        const char *line_end = memchr(text + i, '\r', length - i);
        if (!line_end) return 0;
        i = line_end - text;
        if (i + 4 <= length && !memcmp(line_end, "\r\n\r\n", 4)) return i + 4;
    }
    return 0;
}

static bool read_number(struct text text, uint64_t *number) {
    *number = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] < '0' || text.start[i] > '9') return false;
        if (*number > UINT64_MAX / 10 - 1) return false;
        *number = *number * 10 + (text.start[i] - '0');
    }
    return text.length > 0;
}

// Anything but one range of bytes is as no range at all, which the standard allows.
static struct range read_range(struct text value) {
    struct range none = {.kind = NO_RANGE}, range = {FROM_TO, 0, UINT64_MAX};
    struct text numbers, last;
    if (!is(trim(split(value, '=', &numbers)), "bytes")) return none;
    struct text first = trim(split(numbers, '-', &last));
    if (!last.start) return none;
    last = trim(last);
    if (!first.length) {
        range.kind = SUFFIX;
        return read_number(last, &range.last) ? range : none;
    }
    if (!read_number(first, &range.first)) return none;
    if (last.length && (!read_number(last, &range.last) || range.last < range.first)) return none;
    return range;
}

// Whether a head has only what may be in it: each line ends with CR LF, and there are no other control characters.
// A server that took less than that for the end of a line might see other requests than a proxy before it.
static bool is_clean(const char *head, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = head[i];
        if (c == '\r' && i + 1 < length && head[i + 1] == '\n') i++;
        else if ((c < ' ' && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

static bool is_token_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct text text) {
    for (size_t i = 0; i < text.length; i++)
        if (!is_token_character(text.start[i])) return false;
    return text.length > 0;
}

// The request line: METHOD TARGET VERSION.
static int parse_line(struct text line, struct request *request) {
    struct text rest, version, query;
    struct text method = split(line, ' ', &rest);
    struct text target = split(rest, ' ', &version);
    if (!is_token(method) || !target.length || !version.start) return 400;
    if (version.length != 8 || memcmp(version.start, "HTTP/", 5) || version.start[6] != '.') return 400;
    if (version.start[5] != '1') return 505;
    request->keep_alive = version.start[7] != '0';
    request->is_head = is_exactly(method, "HEAD");
    if (!request->is_head && !is_exactly(method, "GET")) return 405;
    for (size_t i = 0; i < target.length; i++)
        if (target.start[i] <= ' ' || target.start[i] > '~') return 400;
    target = split(target, '?', &query);
    if (!target.length || *target.start != '/') return 400;
    request->target = target.start, request->target_length = target.length;
    return 0;
}

// What matters of the header fields, and how often it came.
struct fields {
    int hosts, ranges;
    bool has_body, close, keep_alive;
};

static int parse_field(struct text line, struct fields *fields, struct request *request) {
    struct text value, option;
    struct text name = split(line, ':', &value);
    if (!value.start || !is_token(name)) return 400;
    value = trim(value);
    if (is(name, "Host")) fields->hosts++;
    if (is(name, "Transfer-Encoding")) fields->has_body = true;
    if (is(name, "Content-Length") && !is_exactly(value, "0")) fields->has_body = true;
    if (is(name, "Range") && fields->ranges++ == 0) request->range = read_range(value);
    if (!is(name, "Connection")) return 0;
    for (; value.start; value = option) {
        struct text word = trim(split(value, ',', &option));
        if (is(word, "close")) fields->close = true;
        if (is(word, "keep-alive")) fields->keep_alive = true;
    }
    return 0;
}

// The next line of a head.
static struct text next_line(struct text *head) {
    struct text rest, line = split(*head, '\r', &rest);
    *head = (struct text){rest.start + 1, rest.length - 1};
    return line;
}

int parse_request(const char *head, size_t length, struct request *request) {
    *request = (struct request){0};
    struct text rest = {head, length};
    struct fields fields = {0};
    if (!is_clean(head, length)) return 400;
    int status = parse_line(next_line(&rest), request);
    if (status) return status;
    bool is_1_0 = !request->keep_alive;
    for (struct text line = next_line(&rest); line.length; line = next_line(&rest)) {
        status = parse_field(line, &fields, request);
        if (status) return status;
    }
    if (fields.hosts > 1 || (!is_1_0 && fields.hosts == 0)) return 400;
    if (fields.has_body) return 413;
    if (fields.ranges > 1 || request->is_head) request->range = (struct range){.kind = NO_RANGE};
    request->keep_alive = !fields.close && (!is_1_0 || fields.keep_alive);
    return 0;
}

static int hexadecimal(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The byte at `*i` of the target, which is moved behind it; -1 if it is none.
static int decode_byte(const char *target, size_t length, size_t *i) {
    char c = target[(*i)++];
    if (c != '%') return (unsigned char)c;
    if (*i + 2 > length) return -1;
    int high = hexadecimal(target[*i]), low = hexadecimal(target[*i + 1]);
    *i += 2;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool has_dot_dot(const char *path) {
    for (const char *component = path; component; component = strchr(component, '/')) {
        component += *component == '/';
        if (component[0] == '.' && component[1] == '.' && (component[2] == '/' || !component[2])) return true;
    }
    return false;
}

bool decode_path(const char *target, size_t length, char path[MAX_PATH]) {
    size_t end = 0;
    for (size_t i = 0; i < length;) {
        int byte = decode_byte(target, length, &i);
        if (byte <= 0 || end == MAX_PATH - 1) return false;
        // Slashes in front would make it a path from the root of something else.
        if (byte != '/' || end) path[end++] = byte;
    }
    path[end] = 0;
    if (!end) memcpy(path, ".", 2);
    return !has_dot_dot(path);
}

bool resolve_range(const struct range *range, uint64_t size, uint64_t *start, uint64_t *length) {
    *start = 0, *length = size;
    if (range->kind == NO_RANGE) return true;
    if (range->kind == SUFFIX) {
        if (range->last < size) *length = range->last;
        *start = size - *length;
        return *length > 0;
    }
    if (range->first >= size) return false;
    uint64_t last = range->last < size ? range->last : size - 1;
    *start = range->first, *length = last - range->first + 1;
    return true;
}

const char *reason(int status) {
    switch (status) {
    case 200: return "OK";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 400: return "Bad Request";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 416: return "Range Not Satisfiable";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Internal Server Error";
    }
}

const char *content_type(const char *path) {
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"js", "text/javascript"},
        {"mjs", "text/javascript"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"wasm", "application/wasm"},
        {"pdf", "application/pdf"},
        {"gz", "application/gzip"},
        {"zip", "application/zip"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"webp", "image/webp"},
        {"svg", "image/svg+xml"},
        {"ico", "image/vnd.microsoft.icon"},
        {"woff2", "font/woff2"},
        {"mp3", "audio/mpeg"},
        {"mp4", "video/mp4"},
    };
    const char *name = strrchr(path, '/');
    const char *dot = strrchr(name ? name : path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
        if (!strcasecmp(dot + 1, types[i][0])) return types[i][1];
    return "application/octet-stream";
}
