// What shapes-main.cpp and shapes.cpp share.

#include <vector>

struct Shape {
  virtual ~Shape();
  virtual double area() const = 0;
};

struct Registry {
  std::vector<Shape *> shapes;
};

Registry &registry();
std::vector<Shape *> more(int count);
