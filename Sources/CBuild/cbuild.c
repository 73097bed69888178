#include "cbuild.h"

#ifndef PIBAKE_COMMIT
#define PIBAKE_COMMIT ""
#endif

const char *pb_commit(void) { return PIBAKE_COMMIT; }
