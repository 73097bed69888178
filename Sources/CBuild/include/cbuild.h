// What a build says of itself.
#pragma once

// The commit that was built, as `git describe --always --dirty` tells it; empty if the build was not told.
const char *pb_commit(void);
