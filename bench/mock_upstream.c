/*
 * mock_upstream: a fast, faithful imitation of model providers for load tests.
 *
 * One thread, epoll, no allocation per request once a reply has been built. Speaks
 *   POST /v1/chat/completions            OpenAI chat completions (JSON or SSE)
 *   POST /v1/messages                    Anthropic Messages (JSON or SSE)
 *   POST /v1beta/models/M:generateContent and :streamGenerateContent   Gemini
 *   POST /api/chat                       Ollama (JSON or NDJSON)
 *   GET  anything                        {"object":"list","data":[]}
 *
 * What to send back is coded in the model's name, the one thing that every gateway forwards:
 * mock-c<chunks>-d<delay in ms>-s<bytes of text per chunk>, e.g. mock-c200-d0-s8; missing parts
 * are c20, d0 and s8. A streamed reply starts with its head and first chunk at once, then one chunk
 * per delay; with a delay of 0 all of it is one burst.
 *
 * usage: mock_upstream PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "mock_replies.h"

enum { MAX_FILES = 16384 };
enum { SLOTS = 4096 }; /* of the timing wheel, 1 ms each: 10,000 paced streams stay cheap */

struct conn {
    int fd;
    char *in;
    size_t in_len, in_room;
    const struct reply *out;
    size_t out_pos, out_end;
    int cut;
    bool gone, want_write, queued; /* gone: closed while queued, the wheel frees it */
    int64_t due;
};

struct slot {
    struct conn **waiting;
    int count, room;
};

static struct conn *conns[MAX_FILES];
static struct slot wheel[SLOTS];
static int64_t wheel_now;
static int poller, queued_count;

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- reading requests ---------------------------------------------------------------------- */

static int bounded(const char *digits, int least, int most) {
    long v = strtol(digits, NULL, 10);
    return v < least ? least : v > most ? most : (int)v;
}

static void read_model(struct spec *s) {
    s->chunks = 20;
    s->delay = 0;
    s->size = 8;
    for (const char *p = strchr(s->model, '-'); p; p = strchr(p, '-')) {
        p++;
        if (p[0] == 0 || p[1] < '0' || p[1] > '9') continue;
        if (*p == 'c') s->chunks = bounded(p + 1, 1, MAX_CHUNKS);
        if (*p == 'd') s->delay = bounded(p + 1, 0, SLOTS - 1);
        if (*p == 's') s->size = bounded(p + 1, 0, 4096);
    }
}

static void copy_name(char *to, const char *p, const char *stop) {
    int k = 0;
    while (k < MAX_MODEL - 1 && *p && !strchr(stop, *p)) to[k++] = *p++;
    to[k] = 0;
}

/* Find the value of a key that looks like a top-level one. Bodies may be megabytes and clients put
 * model and stream first or last, so both ends are looked at before the middle. */
static const char *find_key(const char *body, size_t len, const char *key) {
    size_t size = strlen(key), window = len < 65536 ? len : 65536;
    const char *p = memmem(body, window, key, size);
    if (!p) p = memmem(body + len - window, window, key, size);
    if (!p) p = memmem(body, len, key, size);
    if (!p) return NULL;
    p += size;
    while (*p == ' ' || *p == ':') p++;
    return p;
}

/* `request` and `body` end with a NUL byte. */
static const struct reply *route(const char *request, const char *body, size_t len) {
    struct spec s = {.proto = OPENAI};
    char path[256];
    const char *from = strchr(request, ' ');
    copy_name(s.model, "none", "");
    snprintf(path, sizeof path, "%.*s", from ? (int)strcspn(from + 1, " \r\n") : 0,
             from ? from + 1 : "");
    if (request[0] == 'G')
        s.proto = LISTING;
    else if (strstr(path, "enerateContent"))
        s.proto = GEMINI;
    else if (!strncmp(path, "/api/chat", 9))
        s.proto = OLLAMA;
    else if (strstr(path, "/messages"))
        s.proto = ANTHROPIC;
    if (s.proto == GEMINI) {
        const char *model = strstr(path, "/models/");
        if (model) copy_name(s.model, model + 8, ":?");
        s.stream = strstr(path, ":stream") != NULL;
    } else if (s.proto != LISTING) {
        const char *model = find_key(body, len, "\"model\""),
                   *stream = find_key(body, len, "\"stream\"");
        if (model && *model == '"') copy_name(s.model, model + 1, "\"");
        s.stream = s.proto == OLLAMA ? !(stream && *stream == 'f') : stream && *stream == 't';
    }
    read_model(&s);
    return reply_for(&s);
}

/* Join the chunks of a body in place; return its length and set `used`, or -1 when incomplete. */
static ssize_t dechunk(char *p, size_t n, size_t *used) {
    size_t i = 0, o = 0;
    char *end;
    for (size_t at = 0;;) { /* is all of it there? */
        if (!(end = memmem(p + at, n - at, "\r\n", 2))) return -1;
        size_t k = strtoul(p + at, NULL, 16);
        at = (size_t)(end - p) + 2 + k + 2;
        if (at > n) return -1;
        if (!k) break;
    }
    for (;;) {
        end = memmem(p + i, n - i, "\r\n", 2);
        size_t k = strtoul(p + i, NULL, 16), from = (size_t)(end - p) + 2;
        i = from + k + 2;
        if (!k) break;
        memmove(p + o, p + from, k);
        o += k;
    }
    *used = i;
    return (ssize_t)o;
}

/* --- sending ------------------------------------------------------------------------------- */

static void answer_next(struct conn *c);

static void watch(struct conn *c, bool writing) {
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.fd = c->fd};
    if (c->want_write != writing) epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
    c->want_write = writing;
}

static void release(struct conn *c) {
    free(c->in);
    free(c);
}

static void drop(struct conn *c) {
    conns[c->fd] = NULL;
    close(c->fd);
    c->gone = true;
    if (!c->queued) release(c);
}

static void schedule(struct conn *c, int64_t due) {
    if (due <= wheel_now) due = wheel_now + 1;
    struct slot *slot = &wheel[due % SLOTS];
    if (slot->count == slot->room) {
        slot->room = slot->room ? slot->room * 2 : 64;
        slot->waiting = grown(slot->waiting, (size_t)slot->room * sizeof *slot->waiting);
    }
    slot->waiting[slot->count++] = c;
    c->due = due;
    c->queued = true;
    queued_count++;
}

/* Send up to the next cut and queue for the one after it. `c` may be gone afterwards. */
static void pump(struct conn *c) {
    while (c->out_pos < c->out_end) {
        ssize_t n = send(c->fd, c->out->data + c->out_pos, c->out_end - c->out_pos, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, true);
            return;
        }
        if (n < 0) {
            drop(c);
            return;
        }
        c->out_pos += (size_t)n;
    }
    watch(c, false);
    if (c->out_pos < c->out->len) {
        schedule(c, (c->due ? c->due : wheel_now) + c->out->spec.delay);
        c->out_end = c->out->cuts[++c->cut];
        return;
    }
    c->out = NULL;
    answer_next(c);
}

static void answer(struct conn *c, const struct reply *r) {
    c->out = r;
    c->out_pos = 0;
    c->cut = 0;
    c->due = 0;
    c->out_end = r->spec.stream && r->spec.delay ? r->cuts[0] : r->len;
    pump(c);
}

/* Answer the first request in the buffer, if all of it is there and no reply is under way. */
static void answer_next(struct conn *c) {
    if (c->out || !c->in_len) return;
    c->in[c->in_len] = 0;
    char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    if (!end) return;
    size_t head = (size_t)(end - c->in) + 4, used = 0;
    ssize_t body = 0;
    *end = 0; /* headers are searched, never the body */
    char *length = strcasestr(c->in, "\r\ncontent-length:");
    bool chunked = strcasestr(c->in, "\r\ntransfer-encoding: chunked") != NULL;
    *end = '\r';
    if (length) {
        used = strtoul(length + 17, NULL, 10);
        body = c->in_len - head < used ? -1 : (ssize_t)used;
    } else if (chunked) {
        body = dechunk(c->in + head, c->in_len - head, &used);
    }
    if (body < 0) return;
    const struct reply *r = route(c->in, c->in + head, (size_t)body);
    c->in_len -= head + used;
    memmove(c->in, c->in + head + used, c->in_len);
    answer(c, r);
}

/* --- the loop ------------------------------------------------------------------------------ */

static void accept_all(int listener) {
    int fd, one = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct conn *c = fd < MAX_FILES ? calloc(1, sizeof *c) : NULL;
        if (!c) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        c->fd = fd;
        c->in_room = 8192;
        c->in = grown(NULL, c->in_room + 1);
        conns[fd] = c;
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e);
    }
}

static void receive(struct conn *c) {
    for (;;) {
        if (c->in_room - c->in_len < 4096) {
            c->in_room *= 4;
            c->in = grown(c->in, c->in_room + 1);
        }
        size_t room = c->in_room - c->in_len;
        ssize_t n = recv(c->fd, c->in + c->in_len, room, 0);
        if (n > 0) c->in_len += (size_t)n;
        if (n > 0 && (size_t)n == room) continue;
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            drop(c);
        else
            answer_next(c);
        return;
    }
}

static void turn_wheel(int64_t until) {
    static struct slot due;
    while (queued_count && wheel_now < until) {
        struct slot *slot = &wheel[++wheel_now % SLOTS], taken = *slot;
        *slot = due; /* an empty list, so that pump may queue into this slot again */
        queued_count -= taken.count;
        for (int i = 0; i < taken.count; i++) {
            struct conn *c = taken.waiting[i];
            c->queued = false;
            if (c->gone)
                release(c);
            else
                pump(c);
        }
        taken.count = 0;
        due = taken;
    }
}

int main(int argc, char **argv) {
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct rlimit files = {MAX_FILES, MAX_FILES};
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &files);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (argc < 2 || bind(listener, (void *)&a, sizeof a) || listen(listener, 4096)) {
        perror("mock_upstream: PORT");
        return 2;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, got[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int n = epoll_wait(poller, got, 512, queued_count ? 1 : -1);
        int64_t now = now_ms();
        if (!queued_count) wheel_now = now;
        for (int i = 0; i < n; i++) {
            int fd = got[i].data.fd;
            if (fd == listener) {
                accept_all(fd);
                continue;
            }
            struct conn *c = conns[fd];
            if (c && got[i].events & EPOLLOUT && c->out && !c->queued) pump(c);
            c = conns[fd]; /* pump may have dropped it */
            if (c && got[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
        }
        turn_wheel(now);
    }
}
