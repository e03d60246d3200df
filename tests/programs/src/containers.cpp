// C++ without exceptions: virtual calls, templates, the standard containers, algorithms, strings,
// streams and shared ownership.
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

struct Expression {
    virtual ~Expression() { destroyed++; }
    virtual double value(const std::map<std::string, double> &names) const = 0;
    virtual std::string text() const = 0;
    static int destroyed;
};
int Expression::destroyed = 0;

using Pointer = std::unique_ptr<Expression>;

struct Number : Expression {
    double n;
    explicit Number(double n) : n(n) {}
    double value(const std::map<std::string, double> &) const override { return n; }
    std::string text() const override {
        std::ostringstream out;
        out << n;
        return out.str();
    }
};

struct Name : Expression {
    std::string name;
    explicit Name(std::string name) : name(std::move(name)) {}
    double value(const std::map<std::string, double> &names) const override {
        auto found = names.find(name);
        return found == names.end() ? 0 : found->second;
    }
    std::string text() const override { return name; }
};

struct Binary : Expression {
    char op;
    Pointer left, right;
    Binary(char op, Pointer left, Pointer right) : op(op), left(std::move(left)), right(std::move(right)) {}
    double value(const std::map<std::string, double> &names) const override {
        double a = left->value(names), b = right->value(names);
        return op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : a / b;
    }
    std::string text() const override { return "(" + left->text() + op + right->text() + ")"; }
};

class Parser {
    const std::string &source;
    size_t at = 0;
    Pointer primary() {
        if (source[at] == '(') {
            at++;
            auto inner = sum();
            at++;
            return inner;
        }
        size_t start = at;
        while (at < source.size() && (isalnum(source[at]) || source[at] == '.')) at++;
        auto word = source.substr(start, at - start);
        if (isdigit(word[0])) return std::make_unique<Number>(strtod(word.c_str(), nullptr));
        return std::make_unique<Name>(word);
    }
    Pointer chain(const char *ops, Pointer (Parser::*next)()) {
        auto left = (this->*next)();
        while (at < source.size() && strchr(ops, source[at])) {
            char op = source[at++];
            left = std::make_unique<Binary>(op, std::move(left), (this->*next)());
        }
        return left;
    }
    Pointer product() { return chain("*/", &Parser::primary); }

public:
    explicit Parser(const std::string &source) : source(source) {}
    Pointer sum() { return chain("+-", &Parser::product); }
};

static std::vector<std::string> order;
struct Global {
    const char *name;
    explicit Global(const char *name) : name(name) { order.push_back(name); }
    ~Global() { std::cout << "destroyed " << name << std::endl; }
};
static Global first("first"), second("second");

int main() {
    std::cout << order.size() << " constructed\n";
    const std::string source = "3*(x+4.5)/2-y*(1+x)+100";
    {
        auto tree = Parser(source).sum();
        std::cout << tree->text() << " = " << tree->value({{"x", 2}, {"y", 0.25}}) << "\n";
    }
    std::cout << Expression::destroyed << " destroyed\n";

    std::unordered_map<std::string, std::vector<int>> groups;
    for (int i = 0; i < 1000; i++) groups[std::to_string(i * i % 17)].push_back(i);
    std::map<std::string, size_t> sorted;
    for (auto &[key, values] : groups) sorted[key] = std::accumulate(values.begin(), values.end(), size_t(0));
    for (auto &[key, total] : sorted) std::cout << key << ":" << total << " ";
    std::cout << "\n";

    std::vector<int> numbers(500);
    std::iota(numbers.begin(), numbers.end(), -250);
    std::function<int(int)> scramble = [factor = 7919](int n) { return n * factor % 1009; };
    std::transform(numbers.begin(), numbers.end(), numbers.begin(), scramble);
    std::stable_sort(numbers.begin(), numbers.end(), [](int a, int b) { return a % 10 < b % 10; });
    std::set<int> unique(numbers.begin(), numbers.end());
    std::nth_element(numbers.begin(), numbers.begin() + 250, numbers.end());
    std::cout << numbers[250] << " " << unique.size() << " " << *unique.lower_bound(17) << "\n";

    auto shared = std::make_shared<std::string>("shared");
    std::weak_ptr<std::string> weak = shared;
    auto copy = shared;
    std::cout << shared.use_count() << " " << weak.expired();
    shared.reset(), copy.reset();
    std::cout << " " << weak.expired() << "\n";

    std::vector<std::variant<int, double, std::string>> mixed{42, 2.5, "text"};
    for (auto &item : mixed) std::visit([](auto &value) { std::cout << value << " "; }, item);
    std::optional<int> nothing;
    std::cout << nothing.value_or(-1) << "\n";
    std::cout << std::hex << 48879 << std::dec << " " << std::setw(8) << std::setfill('*') << 1.5 << " " << std::fixed
              << std::setprecision(3) << 3.14159 << "\n";
    std::istringstream words("12 monkeys 3.5");
    int count;
    std::string animal;
    double rest;
    words >> count >> animal >> rest;
    std::cout << count << animal << rest << std::endl;
    std::cerr << "end\n";
    return 5;
}
