// Locals of every kind in C++: what debuggers are asked about, by tests/debug.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace geometry {

struct Point {
    int x = 0;
    int y = 0;
};

class Shape {
public:
    explicit Shape(std::string name) : name(std::move(name)) {}
    virtual ~Shape() = default;
    virtual int area() const = 0;
    const std::string &title() const { return name; }

protected:
    std::string name;
};

class Box : public Shape {
public:
    Box(Point corner, int width) : Shape("box"), corner(corner), width(width) {}
    int area() const override {
        int height = corner.y + 1;
        return width * height;
    }

private:
    Point corner;
    int width;
};

template <typename T> T larger(const T &left, const T &right) {
    bool first = left > right;
    T result = first ? left : right;
    return result;
}

} // namespace geometry

enum class Mode : unsigned char { Slow = 1, Fast = 7 };

static int strings() {
    std::string small = "short";
    std::string large = "a string that is too long to be kept in place";
    std::string &alias = small;
    alias += "er";
    const char *raw = large.c_str();
    int length = static_cast<int>(small.size() + large.size());
    return length + raw[0];
}

static int vectors() {
    std::vector<int> numbers = {3, 1, 4, 1, 5};
    std::vector<std::string> words = {"alpha", "beta"};
    int total = 0;
    for (int number : numbers)
        total += number;
    for (const std::string &word : words)
        total += static_cast<int>(word.size());
    return total;
}

static int closures(int base) {
    int &reference = base;
    auto add = [base, &reference](int more) {
        int sum = base + more;
        reference += 1;
        return sum + reference;
    };
    Mode mode = Mode::Fast;
    int result = add(10);
    return result + static_cast<int>(mode);
}

static int thrice(int depth, double weight) {
    double lighter = weight / 2;
    int below = 1;
    if (depth > 0)
        below = 3 * thrice(depth - 1, lighter);
    return below;
}

int main() {
    geometry::Point corner{3, 4};
    auto box = std::make_unique<geometry::Box>(corner, 6);
    geometry::Shape *shape = box.get();
    int one = shape->area();
    int two = strings();
    int three = vectors();
    int four = closures(5);
    int five = thrice(3, 8.0);
    double six = geometry::larger(2.5, 1.5);
    std::printf("%d %d %d %d %d %g %s\n", one, two, three, four, five, six, shape->title().c_str());
    return 0;
}
