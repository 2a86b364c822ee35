/* The fastest way to empty a list: LPOP KEY 256 until nothing is left, nothing decoded, at most once.
 *
 *   cc -O2 -o lpop_drain lpop_drain.c -lhiredis
 *   lpop_drain ENDPOINT KEY [COUNT]      stops at COUNT elements, or when the list is empty
 *
 * Pin it from outside (taskset). Prints one JSON line.
 */
#include "rival.h"

/* How many came; 0 when the list is empty. */
static long take(redisContext *redis, const char *key) {
    redisReply *reply = rival_checked(redis, redisCommand(redis, "LPOP %s 256", key));
    long taken = reply->type == REDIS_REPLY_ARRAY ? (long)reply->elements : 0;
    freeReplyObject(reply);
    return taken;
}

int main(int argc, char **argv) {
    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: lpop_drain ENDPOINT KEY [COUNT]\n");
        return 64;
    }
    long limit = argc == 4 ? atol(argv[3]) : 0;
    redisContext *redis = rival_connect(argv[1]);
    long total = 0, taken;
    int64_t start = rival_now();
    while ((limit <= 0 || total < limit) && (taken = take(redis, argv[2])) > 0) total += taken;
    rival_report("lpop_drain", total, rival_now() - start);
    redisFree(redis);
    return 0;
}
