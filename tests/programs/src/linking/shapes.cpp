// A shared library in C++: virtual functions across modules, static constructors, templates.

#include "shapes.h"

Shape::~Shape() = default;

namespace {

template <int scale> struct Square : Shape {
  explicit Square(double side) : side(side) {}
  double area() const override { return scale * side * side; }
  double side;
};

struct Registered {
  Registered() { registry().shapes.push_back(new Square<2>(3)); }
} registered;

} // namespace

Registry &registry() {
  static Registry registry;
  return registry;
}

std::vector<Shape *> more(int count) {
  std::vector<Shape *> shapes;
  for (int i = 0; i < count; i++) shapes.push_back(i % 2 ? static_cast<Shape *>(new Square<1>(i)) : new Square<2>(i));
  return shapes;
}
