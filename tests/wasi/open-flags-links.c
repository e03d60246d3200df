// not-windows: no symbolic links can be made
// As open-flags, on links.
#define LINKS
#include "open-flags.c"
