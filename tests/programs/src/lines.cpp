// Ends in the trap that the first argument names, in inlined functions of C++. Tests know the lines.
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace shapes {

template <typename T>
struct List {
    T *items;
    int count;

    // Line 14 is inlined into its callers.
    inline __attribute__((always_inline)) T at(int index) const { return items[index]; }
};

static volatile int zero;

__attribute__((noinline)) int read(const List<int> &list, int index) {
    return list.at(index) + 1;
}

__attribute__((noinline)) int divide(int number) {
    return number / zero;
}

__attribute__((noinline)) int recurse(int depth) {
    volatile int local[64];
    local[depth & 63] = depth;
    return recurse(depth + 1) + local[(depth + 1) & 63];
}

__attribute__((noinline)) int fill(unsigned start, unsigned length) {
    std::memset(reinterpret_cast<void *>(start), 1, length);
    return 0;
}

}  // namespace shapes

int main(int argc, char **argv) {
    const char *kind = argc > 1 ? argv[1] : "";
    std::printf("about to end with: %s\n", kind);
    std::fflush(stdout);
    if (!std::strcmp(kind, "read")) {
        return shapes::read(shapes::List<int>{reinterpret_cast<int *>(0x7ffffff0), 1}, argc);
    }
    if (!std::strcmp(kind, "divide")) return shapes::divide(argc);
    if (!std::strcmp(kind, "recurse")) return shapes::recurse(argc);
    if (!std::strcmp(kind, "fill")) return shapes::fill(0xfffffff0u, 16 * argc);
    return 3;
}
