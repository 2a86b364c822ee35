/* What the C rivals share: where Redis is, what time it is. */
#ifndef RIVAL_H
#define RIVAL_H

#include <hiredis/hiredis.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline int64_t rival_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void rival_fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    exit(69);
}

/* ENDPOINT is the path of a Unix socket, or HOST:PORT. */
static inline redisContext *rival_connect(const char *endpoint) {
    redisContext *redis;
    const char *colon = strrchr(endpoint, ':');
    if (endpoint[0] == '/') {
        redis = redisConnectUnix(endpoint);
    } else if (colon && colon - endpoint < 256) {
        char host[256] = {0};
        memcpy(host, endpoint, (size_t)(colon - endpoint));
        redis = redisConnect(host, atoi(colon + 1));
    } else {
        redis = NULL;
    }
    if (!redis) rival_fail("ENDPOINT must be /PATH or HOST:PORT");
    if (redis->err) rival_fail(redis->errstr);
    return redis;
}

/* The reply, which is the caller's to free; errors end the process. */
static inline redisReply *rival_checked(redisContext *redis, redisReply *reply) {
    if (!reply) rival_fail(redis->errstr);
    if (reply->type == REDIS_REPLY_ERROR) rival_fail(reply->str);
    return reply;
}

static inline void rival_report(const char *name, long elements, int64_t nanoseconds) {
    double seconds = (double)nanoseconds / 1e9;
    printf("{\"rival\":\"%s\",\"elements\":%ld,\"seconds\":%.6f,\"perSecond\":%.0f}\n", name, elements, seconds,
           seconds > 0 ? (double)elements / seconds : 0);
}

#endif
