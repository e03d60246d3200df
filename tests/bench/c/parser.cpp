// A parser and evaluator of expressions, as C++ is written: a tree of owned nodes, strings, a map of names,
// errors as exceptions, which one text in 10,000 causes. Built with and without exceptions (there errors are
// never caused), to see what code costs that could catch.
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef __cpp_exceptions
#define FAIL(text) throw Error(text)
static const bool errors = true;
#else
#define FAIL(text) abort()
static const bool errors = false;
#endif

using Names = std::map<std::string, int64_t>;

struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct Node {
    virtual ~Node() = default;
    virtual int64_t value(const Names &names) const = 0;
};
using Tree = std::unique_ptr<Node>;

struct Number : Node {
    int64_t number;
    explicit Number(int64_t number) : number(number) {}
    int64_t value(const Names &) const override { return number; }
};

struct Name : Node {
    std::string name;
    explicit Name(std::string name) : name(std::move(name)) {}
    int64_t value(const Names &names) const override {
        auto found = names.find(name);
        if (found == names.end()) FAIL("unknown name");
        return found->second;
    }
};

struct Operation : Node {
    char operation;
    Tree left, right;
    Operation(char operation, Tree left, Tree right)
        : operation(operation), left(std::move(left)), right(std::move(right)) {}
    int64_t value(const Names &names) const override {
        uint64_t a = left->value(names), b = right->value(names);
        switch (operation) {
        case '+': return a + b;
        case '-': return a - b;
        case '*': return a * b;
        }
        if (b == 0) FAIL("division by zero");
        return int64_t(a / b);
    }
};

class Parser {
    const std::string &text;
    size_t at = 0;

    Tree operand() {
        if (at == text.size()) FAIL("early end");
        if (text[at] == '(') {
            at++;
            Tree inner = sum();
            if (at == text.size() || text[at] != ')') FAIL("no closing parenthesis");
            at++;
            return inner;
        }
        if (isdigit(text[at])) {
            int64_t number = 0;
            while (at < text.size() && isdigit(text[at])) number = number * 10 + (text[at++] - '0');
            return std::make_unique<Number>(number);
        }
        std::string name;
        while (at < text.size() && isalpha(text[at])) name += text[at++];
        if (name.empty()) FAIL("no operand");
        return std::make_unique<Name>(name);
    }

    Tree product() {
        Tree left = operand();
        while (at < text.size() && (text[at] == '*' || text[at] == '/')) {
            char operation = text[at++];
            left = std::make_unique<Operation>(operation, std::move(left), operand());
        }
        return left;
    }

    Tree sum() {
        Tree left = product();
        while (at < text.size() && (text[at] == '+' || text[at] == '-')) {
            char operation = text[at++];
            left = std::make_unique<Operation>(operation, std::move(left), product());
        }
        return left;
    }

public:
    explicit Parser(const std::string &text) : text(text) {}

    Tree parse() {
        Tree tree = sum();
        if (at != text.size()) FAIL("more than an expression");
        return tree;
    }
};

static uint32_t state = 1;

static uint32_t draw(uint32_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
}

static std::string expression(int depth) {
    if (depth == 0) return draw(2) ? std::to_string(draw(1000) + 1) : std::string(1 + draw(3), char('a' + draw(4)));
    std::string text = expression(depth - 1);
    text += "+-*"[draw(3)];
    text += expression(depth - 1);
    return draw(2) ? "(" + text + ")" : text;
}

int main(int, char **arguments) {
    Names names;
    for (int i = 0; i < 4; i++)
        for (int n = 1; n <= 3; n++) names[std::string(n, char('a' + i))] = i * 3 + n;
    int rounds = atoi(arguments[1]);
    std::vector<std::string> texts;
    for (int i = 0; i < 100; i++) texts.push_back(expression(4));
    uint64_t sum = 0, refused = 0;
    for (int round = 0; round < rounds; round++) {
        for (size_t i = 0; i < texts.size(); i++) {
            bool wrong = errors && i == 50 && round % 100 == 0;
#ifdef __cpp_exceptions
            try
#endif
            {
                Tree tree = wrong ? Parser(texts[i] + "?").parse() : Parser(texts[i]).parse();
                sum += tree->value(names);
            }
#ifdef __cpp_exceptions
            catch (const Error &error) {
                refused += error.what()[0] == 'm';
            }
#endif
        }
    }
    printf("%llu, %llu refused\n", (unsigned long long)sum, (unsigned long long)refused);
}
