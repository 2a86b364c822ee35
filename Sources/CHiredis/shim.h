// What Swift sees of hiredis (0.14 through 1.x: only what all of these have), and of Linux what its Glibc module
// does not bring.
#pragma once
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

// A context made of a descriptor believes that it may block. Ours never may.
static inline void ctid_redis_make_nonblocking(redisContext *context) { context->flags &= ~REDIS_BLOCK; }

// The bitfields and packing of epoll's structure do not survive the import.
static inline int ctid_epoll_control(int epoll, int operation, int descriptor, unsigned events, unsigned long long tag) {
    struct epoll_event event = {.events = events, .data.u64 = tag};
    return epoll_ctl(epoll, operation, descriptor, &event);
}
