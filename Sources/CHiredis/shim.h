// What Swift sees of hiredis (0.14 through 1.x: only what all of these have), and of Linux's eventfd and poll,
// which the Glibc module does not bring.
#pragma once
#include <hiredis/hiredis.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <poll.h>
