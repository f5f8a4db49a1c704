/*
 * The replies of mock_upstream, built once for each model name and kept as they go over the wire.
 * Shapes after the providers' own API references, read 2026-08.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum proto { OPENAI, ANTHROPIC, GEMINI, OLLAMA, LISTING };
enum { MAX_REPLIES = 256, MAX_MODEL = 96, MAX_TEXT = 1 << 19, MAX_CHUNKS = 100000 };
struct spec {
    enum proto proto;
    bool stream;
    int chunks, delay, size;
    char model[MAX_MODEL];
};

/* A reply as it goes over the wire; cuts[i] is where its i-th piece ends. */
struct reply {
    struct spec spec;
    char *data;
    size_t len, room;
    size_t *cuts;
    int cut_count;
};

static struct reply *replies[MAX_REPLIES];
static int reply_count;

static void *grown(void *old, size_t size) {
    void *p = realloc(old, size);
    if (!p) {
        perror("mock_upstream: out of memory");
        exit(2);
    }
    return p;
}

static void put(struct reply *r, const char *s, size_t n) {
    if (r->len + n > r->room) {
        r->room = (r->len + n) * 2;
        r->data = grown(r->data, r->room);
    }
    memcpy(r->data + r->len, s, n);
    r->len += n;
}

static void text_of(char *to, int i, int size) {
    static const char words[] = "lorem ipsum dolor sit amet consectetur adipiscing elit sed do ";
    for (int k = 0; k < size; k++) to[k] = words[((size_t)i * size + k) % (sizeof words - 1)];
    to[size] = 0;
}

static char line[2 * MAX_TEXT];
#define FORMAT(...) snprintf(line, sizeof line, __VA_ARGS__)

static int whole_body(const struct spec *s, const char *text) {
    const char *m = s->model;
    int c = s->chunks;
    switch (s->proto) {
    case OPENAI:
        return FORMAT(
            "{\"id\":\"chatcmpl-mock1\",\"object\":\"chat.completion\",\"created\":1760000000,"
            "\"model\":\"%s\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
            "\"content\":\"%s\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%d,\"total_tokens\":%d},"
            "\"system_fingerprint\":\"fp_mock\"}",
            m, text, c, c + 12);
    case ANTHROPIC:
        return FORMAT(
            "{\"id\":\"msg_mock1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\","
            "\"content\":[{\"type\":\"text\",\"text\":\"%s\"}],\"stop_reason\":\"end_turn\","
            "\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":%d}}",
            m, text, c);
    case GEMINI:
        return FORMAT(
            "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\"}],\"role\":\"model\"},"
            "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":12,"
            "\"candidatesTokenCount\":%d,\"totalTokenCount\":%d},\"modelVersion\":\"%s\"}",
            text, c, c + 12, m);
    case OLLAMA:
        return FORMAT(
            "{\"model\":\"%s\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{"
            "\"role\":\"assistant\",\"content\":\"%s\"},\"done_reason\":\"stop\",\"done\":true,"
            "\"total_duration\":1,\"prompt_eval_count\":12,\"eval_count\":%d}",
            m, text, c);
    case LISTING: break;
    }
    return FORMAT("{\"object\":\"list\",\"data\":[]}");
}

static void build_whole(struct reply *r) {
    static char text[MAX_TEXT];
    char head[128];
    int64_t size = (int64_t)r->spec.chunks * r->spec.size;
    text_of(text, 0, size < MAX_TEXT ? (int)size : MAX_TEXT - 1);
    int n = whole_body(&r->spec, text);
    int h = snprintf(
        head, sizeof head,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", n);
    put(r, head, (size_t)h);
    put(r, line, (size_t)n);
}

static void frame(struct reply *r, int n) { /* `line` as one HTTP/1.1 chunk */
    char size[24];
    put(r, size, (size_t)snprintf(size, sizeof size, "%x\r\n", n));
    put(r, line, (size_t)n);
    put(r, "\r\n", 2);
}
#define EMIT(...) frame(r, FORMAT(__VA_ARGS__))

static void openai_chunk(struct reply *r, const char *delta, const char *finish) {
    EMIT("data: "
         "{\"id\":\"chatcmpl-mock1\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
         "\"model\":\"%s\",\"system_fingerprint\":\"fp_mock\",\"choices\":[{\"index\":0,\"delta\":%"
         "s,"
         "\"logprobs\":null,\"finish_reason\":%s}]}\n\n",
         r->spec.model, delta, finish);
}

static void stream_head(struct reply *r) {
    const char *m = r->spec.model;
    if (r->spec.proto == OPENAI)
        openai_chunk(r, "{\"role\":\"assistant\",\"content\":\"\"}", "null");
    if (r->spec.proto != ANTHROPIC) return;
    EMIT(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_mock1\","
        "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[],\"stop_"
        "reason\":null,"
        "\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n\n",
        m);
    EMIT("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,"
         "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n");
}

static void stream_chunk(struct reply *r, int i, const char *text) {
    static char delta[8192];
    const char *m = r->spec.model;
    switch (r->spec.proto) {
    case OPENAI:
        snprintf(delta, sizeof delta, "{\"content\":\"%s\"}", text);
        openai_chunk(r, delta, "null");
        break;
    case ANTHROPIC:
        EMIT("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
             "\"delta\":{\"type\":\"text_delta\",\"text\":\"%s\"}}\n\n",
             text);
        break;
    case GEMINI:
        EMIT("data: "
             "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"%s\"}],\"role\":\"model\"}%s,"
             "\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":12,\"candidatesTokenCount\":%d,"
             "\"totalTokenCount\":%d},\"modelVersion\":\"%s\"}\r\n\r\n",
             text, i + 1 == r->spec.chunks ? ",\"finishReason\":\"STOP\"" : "", i + 1, i + 13, m);
        break;
    case OLLAMA:
        EMIT("{\"model\":\"%s\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{"
             "\"role\":\"assistant\",\"content\":\"%s\"},\"done\":false}\n",
             m, text);
        break;
    case LISTING: break;
    }
}

static void stream_tail(struct reply *r) {
    const char *m = r->spec.model;
    int c = r->spec.chunks;
    if (r->spec.proto == OPENAI) {
        openai_chunk(r, "{}", "\"stop\"");
        EMIT("data: "
             "{\"id\":\"chatcmpl-mock1\",\"object\":\"chat.completion.chunk\",\"created\":"
             "1760000000,"
             "\"model\":\"%s\",\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_"
             "tokens\":%d,"
             "\"total_tokens\":%d}}\n\n",
             m, c, c + 12);
        EMIT("data: [DONE]\n\n");
    } else if (r->spec.proto == ANTHROPIC) {
        EMIT("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n");
        EMIT("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":"
             "\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":%d}}\n\n",
             c);
        EMIT("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    } else if (r->spec.proto == OLLAMA) {
        EMIT("{\"model\":\"%s\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{"
             "\"role\":\"assistant\",\"content\":\"\"},\"done_reason\":\"stop\",\"done\":true,"
             "\"total_duration\":1,\"prompt_eval_count\":12,\"eval_count\":%d}\n",
             m, c);
    }
    put(r, "0\r\n\r\n", 5);
}

static void build_stream(struct reply *r) {
    static char text[4097];
    const char *type =
        r->spec.proto == OLLAMA ? "application/x-ndjson" : "text/event-stream; charset=utf-8";
    int n = FORMAT("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nCache-Control: no-cache\r\n"
                   "Transfer-Encoding: chunked\r\n\r\n",
                   type);
    put(r, line, (size_t)n);
    stream_head(r);
    for (int i = 0; i < r->spec.chunks; i++) {
        text_of(text, i, r->spec.size);
        stream_chunk(r, i, text);
        if (i + 1 < r->spec.chunks) r->cuts[r->cut_count++] = r->len;
    }
    stream_tail(r);
}

static const struct reply *reply_for(const struct spec *s) {
    for (int i = 0; i < reply_count; i++) {
        const struct spec *c = &replies[i]->spec;
        if (c->proto == s->proto && c->stream == s->stream && !strcmp(c->model, s->model))
            return replies[i];
    }
    if (reply_count == MAX_REPLIES) {
        fprintf(stderr, "mock_upstream: more than %d different model names\n", MAX_REPLIES);
        exit(2);
    }
    struct reply *r = calloc(1, sizeof *r);
    if (!r) exit(2);
    r->spec = *s;
    r->cuts = grown(NULL, ((size_t)s->chunks + 1) * sizeof *r->cuts);
    if (s->stream)
        build_stream(r);
    else
        build_whole(r);
    r->cuts[r->cut_count++] = r->len;
    return replies[reply_count++] = r;
}
