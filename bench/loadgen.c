/*
 * loadgen: one-thread epoll HTTP/1.1 load generator for plain and streamed model replies.
 *
 * Closed loop: each connection sends the next request when its reply has ended, until SECONDS have
 * passed or REQUESTS were sent; what is under way is then awaited for up to 30 s more.
 * Events are counted by a marker in the body ("data:" unless -m says otherwise), framing removed.
 * Prints one JSON object; times are microseconds.
 *
 *   ok, bad          complete replies with status 200, and with any other
 *   broken           connections that ended inside a reply, or could not be opened
 *   unfinished       replies still under way when the wait was over
 *   ev_min, ev_max   fewest and most events in one reply of status 200
 *   ttfb_us          from the request to the first byte of the body
 *   gap_us           between reads that brought events of one reply
 *   open_max         most replies under way at one time
 *
 * usage: loadgen -p PORT -u PATH -b BODYFILE [-c CONNECTIONS] [-t SECONDS] [-n REQUESTS]
 *                [-w RAMP_SECONDS] [-m MARKER] [-H 'Name: value']...
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
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

enum { MAX_HEAD = 16384, MAX_FILES = 16384, PATIENCE = 30 };
enum state { IDLE, SENDING, HEAD, LENGTH, CHUNK_SIZE, CHUNK_DATA, CHUNK_CRLF, TRAILER, UNTIL_EOF };

struct conn {
    int fd;
    enum state state;
    size_t sent;         /* bytes of the request */
    int64_t began, last; /* request, latest events */
    char head[MAX_HEAD];
    size_t head_len;
    int status;
    bool close_after, first; /* first: no body byte has come yet */
    uint64_t left;           /* of the body or the chunk */
    char line[32];           /* a chunk's size */
    int line_len, matched;   /* matched: bytes of the marker */
    uint32_t events;
};

struct samples {
    uint32_t *values;
    size_t count, room;
};

static char *request;
static const char *marker = "data:";
static size_t request_len, marker_len;
static int poller, port, conn_count = 1, under_way, under_way_max;
static struct conn *conns;
static struct samples latency, first_byte, gap;
static uint64_t events, bytes_in, ok, bad, broken, started, max_requests;
static uint32_t events_min = UINT32_MAX, events_max;
static int64_t stop_at;

static void *grown(void *old, size_t size) {
    void *p = realloc(old, size);
    if (!p) {
        perror("loadgen: out of memory");
        exit(2);
    }
    return p;
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void add(struct samples *s, int64_t us) {
    if (s->count == s->room) {
        s->room = s->room ? s->room * 2 : 65536;
        s->values = grown(s->values, s->room * sizeof *s->values);
    }
    s->values[s->count++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* --- sending ------------------------------------------------------------------------------- */

static void watch(struct conn *c, int op, uint32_t what) {
    struct epoll_event e = {.events = what, .data.u32 = (uint32_t)(c - conns)};
    epoll_ctl(poller, op, c->fd, &e);
}

static void open_conn(struct conn *c) {
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) return;
    if (connect(c->fd, (void *)&a, sizeof a)) {
        close(c->fd);
        c->fd = -1;
        return;
    }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    watch(c, EPOLL_CTL_ADD, EPOLLIN);
}

static void push(struct conn *c) {
    while (c->sent < request_len) {
        ssize_t n = send(c->fd, request + c->sent, request_len - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) watch(c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
            return; /* any other error shows when reading */
        }
        c->sent += (size_t)n;
    }
    if (c->state == SENDING) c->state = HEAD;
}

static void set_state(struct conn *c, enum state state) {
    under_way += (state != IDLE) - (c->state != IDLE);
    if (under_way > under_way_max) under_way_max = under_way;
    c->state = state;
}

static void start(struct conn *c) {
    started++;
    if (c->fd < 0) open_conn(c);
    if (c->fd < 0) {
        broken++;
        return;
    }
    set_state(c, SENDING);
    c->sent = c->head_len = 0;
    c->matched = 0;
    c->events = 0;
    c->began = now();
    c->first = true;
    push(c);
}

static bool more(void) {
    return (!max_requests || started < max_requests) && now() < stop_at;
}

/* --- receiving ----------------------------------------------------------------------------- */

static void hang_up(struct conn *c) {
    close(c->fd);
    c->fd = -1;
}

static void finished(struct conn *c) {
    add(&latency, now() - c->began);
    if (c->status == 200) {
        ok++;
        if (c->events < events_min) events_min = c->events;
        if (c->events > events_max) events_max = c->events;
    } else {
        bad++;
    }
    set_state(c, IDLE);
    if (c->close_after) hang_up(c);
    if (more()) start(c);
}

static void gave_up(struct conn *c) {
    broken++;
    set_state(c, IDLE);
    hang_up(c);
    if (more()) start(c);
}

static void count(struct conn *c, const char *p, size_t n) {
    uint32_t before = c->events;
    bytes_in += n;
    for (size_t i = 0; i < n;) {
        if (!c->matched) {
            const char *q = memchr(p + i, marker[0], n - i);
            if (!q) break;
            i = (size_t)(q - p);
        }
        if (p[i] == marker[c->matched]) {
            i++;
            if ((size_t)++c->matched == marker_len) {
                c->events++;
                c->matched = 0;
            }
        } else if (c->matched) {
            c->matched = 0;
        } else {
            i++;
        }
    }
    events += c->events - before;
    if (!c->first && c->events == before) return;
    int64_t t = now();
    if (c->first)
        add(&first_byte, t - c->began);
    else
        add(&gap, t - c->last);
    c->first = false;
    c->last = t;
}

/* Take what belongs to the head from p; return how many bytes that was, 0 when the head is too
 * long. */
static size_t take_head(struct conn *c, const char *p, size_t n) {
    size_t room = sizeof c->head - 1 - c->head_len, k = n < room ? n : room;
    memcpy(c->head + c->head_len, p, k);
    c->head_len += k;
    c->head[c->head_len] = 0;
    char *end = memmem(c->head, c->head_len, "\r\n\r\n", 4);
    if (!end) return k;
    k -= c->head_len - (size_t)(end + 4 - c->head);
    *end = 0;
    c->status = c->head_len > 12 ? atoi(c->head + 9) : 0;
    c->close_after = strcasestr(c->head, "\nconnection: close") != NULL;
    c->line_len = 0;
    char *length = strcasestr(c->head, "\ncontent-length:");
    if (strcasestr(c->head, "\ntransfer-encoding: chunked"))
        c->state = CHUNK_SIZE;
    else if (!length)
        c->state = UNTIL_EOF;
    else {
        c->left = strtoull(length + 16, NULL, 10);
        c->state = LENGTH;
        if (!c->left) finished(c);
    }
    return k;
}

static size_t take_counted(struct conn *c, const char *p, size_t n) {
    size_t k = n < c->left ? n : c->left;
    count(c, p, k);
    c->left -= k;
    return k;
}

static void take_chunk_size(struct conn *c, char byte) {
    if (byte != '\n') {
        if (c->line_len < (int)sizeof c->line - 1) c->line[c->line_len++] = byte;
        return;
    }
    c->line[c->line_len] = 0;
    c->left = strtoull(c->line, NULL, 16);
    c->line_len = 0;
    c->state = c->left ? CHUNK_DATA : TRAILER;
}

static void take_trailer(struct conn *c, char byte) {
    if (byte == '\n') {
        if (!c->line_len) finished(c);
        c->line_len = 0;
    } else if (byte != '\r') {
        c->line_len = 1;
    }
}

/* Read bytes of a reply; what comes after its end is not asked for and dropped. */
static void take(struct conn *c, const char *p, size_t n) {
    uint64_t serial = ok + bad + broken;
    while (n && c->state != IDLE && serial == ok + bad + broken) {
        size_t k = 1;
        switch (c->state) {
        case IDLE: return;
        case SENDING: /* an early reply */ c->state = HEAD; /* fallthrough */
        case HEAD:
            k = take_head(c, p, n);
            if (!k) {
                gave_up(c);
                return;
            }
            break;
        case LENGTH:
            k = take_counted(c, p, n);
            if (!c->left) finished(c);
            break;
        case UNTIL_EOF: count(c, p, n); return;
        case CHUNK_SIZE: take_chunk_size(c, *p); break;
        case CHUNK_DATA:
            k = take_counted(c, p, n);
            if (!c->left) {
                c->state = CHUNK_CRLF;
                c->left = 2;
            }
            break;
        case CHUNK_CRLF:
            if (!--c->left) c->state = CHUNK_SIZE;
            break;
        case TRAILER: take_trailer(c, *p); break;
        }
        p += k;
        n -= k;
    }
}

static void receive(struct conn *c) {
    static char buffer[1 << 18];
    ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        take(c, buffer, (size_t)n);
    } else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    } else if (c->state == UNTIL_EOF) {
        c->close_after = true;
        finished(c);
    } else if (c->state != IDLE) {
        gave_up(c);
    } else {
        hang_up(c);
    }
}

/* --- the run ------------------------------------------------------------------------------- */

static int launch(int launched, int64_t t0, double ramp) {
    double share = ramp > 0 ? (double)(now() - t0) / (ramp * 1e6) : 1;
    int want = share >= 1 ? conn_count : (int)(share * conn_count) + 1;
    while (launched < want && more()) start(&conns[launched++]);
    return more() ? launched : conn_count;
}

static void run(int64_t t0, double ramp) {
    struct epoll_event got[512];
    int launched = 0;
    for (;;) {
        if (launched < conn_count) launched = launch(launched, t0, ramp);
        int n = epoll_wait(poller, got, 512, launched < conn_count ? 1 : 100);
        for (int i = 0; i < n; i++) {
            struct conn *c = &conns[got[i].data.u32];
            if (c->fd < 0) continue;
            if (got[i].events & EPOLLOUT) {
                push(c);
                if (c->sent == request_len) watch(c, EPOLL_CTL_MOD, EPOLLIN);
            }
            if (got[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
        }
        if (launched == conn_count && !under_way) return; /* done, or all were refused */
        if (now() > stop_at + PATIENCE * 1000000) return;
    }
}

static void show(const char *name, struct samples *s) {
    qsort(s->values, s->count, sizeof *s->values, by_value);
    printf(",\"%s\":{\"count\":%zu", name, s->count);
    static const struct {
        const char *name;
        double at;
    } points[] = {{"p50", .5}, {"p90", .9}, {"p99", .99}, {"max", 1}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        size_t at = s->count ? (size_t)(points[i].at * (double)(s->count - 1)) : 0;
        printf(",\"%s\":%" PRIu32, points[i].name, s->count ? s->values[at] : 0);
    }
    printf("}");
}

static char *contents(const char *file, size_t *size) {
    FILE *f = fopen(file, "rb");
    char *body = NULL;
    size_t room = 1 << 16, n;
    *size = 0;
    if (!f) {
        perror(file);
        exit(2);
    }
    do {
        room *= 2;
        body = grown(body, room);
        *size += n = fread(body + *size, 1, room - *size, f);
    } while (n);
    fclose(f);
    return body;
}

static void compose(const char *path, const char *file, const char *headers) {
    size_t size, head;
    char *body = contents(file, &size);
    request = grown(NULL, size + strlen(path) + strlen(headers) + 512);
    head = (size_t)sprintf(request,
                           "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: loadgen\r\n"
                           "Accept: */*\r\nContent-Type: application/json\r\n%s"
                           "Content-Length: %zu\r\n\r\n",
                           path, port, headers, size);
    memcpy(request + head, body, size);
    request_len = head + size;
    free(body);
}

int main(int argc, char **argv) {
    const char *path = "/", *file = NULL;
    char headers[4096] = "";
    double seconds = 5, ramp = 0;
    int option;
    while ((option = getopt(argc, argv, "p:u:b:c:t:n:w:m:H:")) > 0) switch (option) {
        case 'p': port = atoi(optarg); break;
        case 'u': path = optarg; break;
        case 'b': file = optarg; break;
        case 'c': conn_count = atoi(optarg); break;
        case 't': seconds = atof(optarg); break;
        case 'n': max_requests = strtoull(optarg, 0, 10); break;
        case 'w': ramp = atof(optarg); break;
        case 'm': marker = optarg; break;
        case 'H':
            if (strlen(headers) + strlen(optarg) + 3 > sizeof headers) return 2;
            strcat(strcat(headers, optarg), "\r\n");
            break;
        default: return 2;
        }
    marker_len = strlen(marker);
    if (!port || !file || conn_count < 1 || !marker_len) {
        fprintf(stderr,
                "usage: loadgen -p PORT -u PATH -b BODYFILE ... (see the head of loadgen.c)\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {MAX_FILES, MAX_FILES};
    setrlimit(RLIMIT_NOFILE, &files);
    compose(path, file, headers);
    poller = epoll_create1(EPOLL_CLOEXEC);
    conns = calloc((size_t)conn_count, sizeof *conns);
    if (!conns) return 2;
    for (int i = 0; i < conn_count; i++) conns[i].fd = -1;
    int64_t t0 = now();
    stop_at = t0 + (int64_t)(seconds * 1e6);
    run(t0, ramp);
    printf("{\"ok\":%" PRIu64 ",\"bad\":%" PRIu64 ",\"broken\":%" PRIu64 ",\"unfinished\":%" PRIu64,
           ok, bad, broken, started - ok - bad - broken);
    printf(",\"elapsed\":%.3f,\"open_max\":%d,\"events\":%" PRIu64 ",\"ev_min\":%" PRIu32
           ",\"ev_max\":%" PRIu32 ",\"bytes\":%" PRIu64,
           (double)(now() - t0) / 1e6, under_way_max, events, ok ? events_min : 0, events_max,
           bytes_in);
    show("lat_us", &latency);
    show("ttfb_us", &first_byte);
    show("gap_us", &gap);
    printf("}\n");
    return 0;
}
