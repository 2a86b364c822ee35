/* The least that a consumer of the list can do: BLPOP, one element at a time, nothing decoded.
 *
 *   cc -O2 -o blpop blpop.c -lhiredis
 *   blpop ENDPOINT KEY COUNT             elements a second, of a list that is already full
 *   blpop --latency ENDPOINT KEY COUNT   from the sender's stamp, "sent":NANOSECONDS of CLOCK_MONOTONIC, to here
 *
 * Pin it from outside (taskset). Prints one JSON line.
 */
#include "rival.h"

static redisReply *pop(redisContext *redis, const char *key) {
    for (;;) {
        redisReply *reply = rival_checked(redis, redisCommand(redis, "BLPOP %s 2", key));
        if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2) return reply;
        freeReplyObject(reply);
    }
}

static void throughput(redisContext *redis, const char *key, long count) {
    int64_t start = rival_now();
    for (long taken = 0; taken < count; taken++) freeReplyObject(pop(redis, key));
    rival_report("blpop", count, rival_now() - start);
}

static int by_size(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Microseconds; delays are sorted. */
static double percentile(const int64_t *delays, long count, double share) {
    long index = (long)(share * (double)count);
    return (double)delays[index < count ? index : count - 1] / 1e3;
}

static void latency(redisContext *redis, const char *key, long count) {
    int64_t *delays = calloc((size_t)count, sizeof *delays);
    if (!delays) rival_fail("no memory");
    for (long taken = 0; taken < count; taken++) {
        redisReply *reply = pop(redis, key);
        int64_t now = rival_now();
        const char *stamp = strstr(reply->element[1]->str, "\"sent\":");
        if (!stamp) rival_fail("an element without \"sent\"");
        delays[taken] = now - strtoll(stamp + 7, NULL, 10);
        freeReplyObject(reply);
    }
    qsort(delays, (size_t)count, sizeof *delays, by_size);
    printf("{\"rival\":\"blpop\",\"elements\":%ld,\"p50us\":%.1f,\"p99us\":%.1f,\"maxus\":%.1f}\n", count,
           percentile(delays, count, 0.5), percentile(delays, count, 0.99), percentile(delays, count, 1));
    free(delays);
}

int main(int argc, char **argv) {
    int wants_latency = argc > 1 && strcmp(argv[1], "--latency") == 0;
    char **arguments = argv + wants_latency;
    long count = argc - wants_latency == 4 ? atol(arguments[3]) : 0;
    if (count <= 0) {
        fprintf(stderr, "usage: blpop [--latency] ENDPOINT KEY COUNT\n");
        return 64;
    }
    redisContext *redis = rival_connect(arguments[1]);
    (wants_latency ? latency : throughput)(redis, arguments[2], count);
    redisFree(redis);
    return 0;
}
