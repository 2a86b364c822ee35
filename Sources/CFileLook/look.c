#include "CFileLook.h"

#include <sys/stat.h>

int ctid_look_at(const char *path, struct ctid_file_look *look) {
    struct stat status;
    if (stat(path, &status) != 0) return -1;
    look->inode = status.st_ino;
    look->size = status.st_size;
    look->seconds = status.st_ctim.tv_sec;
    look->nanoseconds = status.st_ctim.tv_nsec;
    return 0;
}
