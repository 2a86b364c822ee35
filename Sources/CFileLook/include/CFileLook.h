#ifndef CTID_FILE_LOOK_H
#define CTID_FILE_LOOK_H

#include <stdint.h>

/// How a file looks from outside. The seconds are of its last change, be it of its content, its name or its permissions.
struct ctid_file_look {
    uint64_t inode;
    int64_t size;
    int64_t seconds;
    int64_t nanoseconds;
};

/// 0, or -1 where there is no such file; links are followed.
///
/// In C, since to which Swift module the members of `struct stat` belong depends on what is compiled beside it.
int ctid_look_at(const char *path, struct ctid_file_look *look);

#endif
