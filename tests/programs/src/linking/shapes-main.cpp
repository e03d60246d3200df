// A C++ program whose shapes are defined by a shared library, shapes.cpp.

#include <cstdio>

#include "shapes.h"

struct Unit : Shape {
  double area() const override { return 1; }
};

int main() {
  double all = 0;
  registry().shapes.push_back(new Unit);
  for (Shape *shape : registry().shapes) all += shape->area();
  std::printf("%zu shapes, %g\n", registry().shapes.size(), all);
  double sum = 0;
  for (Shape *shape : more(100)) {
    sum += shape->area();
    delete shape;
  }
  std::printf("100 more, %g\n", sum);
  return 0;
}
