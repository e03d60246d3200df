// The smallest useful program: no stdio, so nothing of it may end up in the executable.
#include <unistd.h>

int main(void) {
    static const char text[] = "Hello, world!\n";
    return write(1, text, sizeof text - 1) == sizeof text - 1 ? 0 : 1;
}
