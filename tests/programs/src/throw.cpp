// C++ exceptions: thrown through many frames with destructors, caught by type, base and ellipsis,
// thrown again, nested, kept in exception_ptr, thrown by constructors, by a callback of the C library and
// by the standard library.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>
#include <typeinfo>
#include <vector>

static int live = 0;

struct Guard {
    int id;
    bool loud;
    Guard(int id, bool loud) : id(id), loud(loud) { live++; }
    Guard(const Guard &) = delete;
    ~Guard() {
        live--;
        if (loud) printf("  ~Guard %d%s\n", id, std::uncaught_exceptions() ? " while unwinding" : "");
    }
};

struct Refused : std::runtime_error {
    int64_t depth;
    double ratio;
    Refused(int64_t depth) : std::runtime_error("refused"), depth(depth), ratio(depth / 3.0) {}
};

struct Other {
    virtual ~Other() = default;
};
struct Both : Other, Refused {
    Both() : Refused(-1) {}
};

// Live values of several kinds cross the call, and must be there after the landing pad.
__attribute__((noinline)) static double descend(int depth, int limit, float scale, int64_t sum) {
    Guard guard(depth, limit <= 4);
    if (depth == limit) {
        switch (limit % 3) {
        case 0: throw Refused(sum);
        case 1: throw limit;
        default: throw Both();
        }
    }
    double below = descend(depth + 1, limit, scale * 0.5f, sum + depth);
    return below + scale + guard.id;
}

static void catching(int limit) {
    float scale = limit * 1.5f;
    try {
        descend(0, limit, scale, 0);
        puts("not reached");
    } catch (const Refused &refused) {
        printf("Refused: %s, %lld, %.3f; %s\n", refused.what(), (long long)refused.depth, refused.ratio,
               dynamic_cast<const Other *>(&refused) ? "and other" : "alone");
    } catch (int number) {
        printf("int %d\n", number);
    }
    printf("live %d, scale %.2f\n", live, scale);
}

__attribute__((noinline)) static void translate(int n) {
    Guard guard(100 + n, true);
    try {
        if (n == 0) throw std::out_of_range("innermost");
        translate(n - 1);
    } catch (const std::exception &error) {
        Guard inner(200 + n, true);
        if (n == 2) throw;
        std::throw_with_nested(std::runtime_error("level"));
    }
}

static void print_nested(const std::exception &error, int level) {
    printf("%*s%s: %s\n", level * 2, "", typeid(error).name(), error.what());
    try {
        std::rethrow_if_nested(error);
    } catch (const std::exception &nested) {
        print_nested(nested, level + 1);
    } catch (...) {
        puts("unknown");
    }
}

struct Part {
    Guard guard;
    Part(int id) : guard(id, true) {
        if (id == 13) throw 'p';
    }
};
struct Whole {
    Part first{11}, second{12}, third{13};
    Whole() { puts("not reached"); }
};

static int compare(const void *a, const void *b) {
    int x = *static_cast<const int *>(a), y = *static_cast<const int *>(b);
    if (x == 7 || y == 7) throw std::make_unique<int>(x + y);
    return x - y;
}

static std::exception_ptr kept() {
    try {
        descend(0, 9, 1, 5);
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

struct InDestructor {
    ~InDestructor() {
        try {
            descend(50, 52, 1, 0);
        } catch (...) {
            printf("caught in a destructor, %d in flight\n", std::uncaught_exceptions());
        }
    }
};

int main(int argc, char **argv) {
    for (int limit : {0, 1, 2, 3, 4, 200, 301, 402}) catching(limit);

    try {
        translate(4);
    } catch (const std::exception &error) {
        print_nested(error, 0);
    }

    try {
        Whole whole;
    } catch (char c) {
        printf("constructor threw %c, live %d\n", c, live);
    }
    try {
        std::vector<std::unique_ptr<Part>> parts;
        for (int id = 10; id < 20; id++) parts.push_back(std::make_unique<Part>(id));
    } catch (char c) {
        printf("vector of parts: %c, live %d\n", c, live);
    }

    int numbers[] = {5, 3, 9, 7, 1, 2};
    try {
        qsort(numbers, 6, sizeof *numbers, compare);
    } catch (const std::unique_ptr<int> &sum) {
        printf("qsort threw %d\n", *sum);
    }

    std::exception_ptr pointer = kept();
    for (int i = 0; i < 2; i++) {
        try {
            std::rethrow_exception(pointer);
        } catch (const Refused &refused) {
            printf("kept: %lld\n", (long long)refused.depth);
        }
    }

    try {
        InDestructor first;
        throw 1;
    } catch (int) {
        puts("caught outside");
    }

    try {
        std::vector<int>(3).at(5);
    } catch (const std::out_of_range &error) {
        printf("vector: %s\n", error.what());
    }
    try {
        Other plain;
        printf("%p\n", (void *)&dynamic_cast<Both &>(plain));
    } catch (const std::bad_cast &error) {
        printf("cast: %s\n", error.what());
    }
    try {
        ::operator delete(::operator new(0x7fffffffu * argc));
    } catch (const std::bad_alloc &error) {
        printf("allocation: %s\n", error.what());
    }

    uint64_t hash = 1;
    for (int i = 0; i < 20000; i++) {
        try {
            hash = hash * 31 + (uint64_t)descend(0, 5 + i % 7, i, i);
        } catch (const Refused &refused) {
            hash = hash * 33 + (uint64_t)refused.depth;
        } catch (int number) {
            hash = hash * 37 + number;
        }
    }
    printf("hash %016llx, live %d\n", (unsigned long long)hash, live);
    if (argc > 1) throw Refused(argc);
    return 3;
}
