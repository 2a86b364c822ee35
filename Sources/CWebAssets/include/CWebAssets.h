#ifndef CWEBASSETS_H
#define CWEBASSETS_H

#include <stddef.h>

// A file of Sources/CTIHub/Web, as it was when this was compiled.
typedef struct {
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t count;
} CTIWebAsset;

// All files; they live as long as the process.
const CTIWebAsset *_Nonnull cti_web_assets(void);
size_t cti_web_asset_count(void);

#endif
