// The program of sample.wasm: make with
//   zig cc -target wasm32-freestanding -nostdlib -g -O1 -fno-sanitize=all -ffile-prefix-map=$PWD=. -fdebug-compilation-dir=. \
//     sample.c -o sample.wasm -Wl,--export=run -Wl,--no-entry
struct node {
  int value;
  struct node *next;
};

static struct node nodes[4];

static inline int mixed(int n) {
  int result = (n ^ 99) / 7;
  return result;
}

int dead(int n) { return n / 3; }

__attribute__((noinline)) static int sum(struct node *list) {
  int total = 0;
  while (list) {
    int value = mixed(list->value);
    total += value;
    list = list->next;
  }
  return total;
}

int run(int count) {
  for (int i = 0; i < 4; i++) {
    nodes[i].value = count * i;
    nodes[i].next = i < 3 ? &nodes[i + 1] : 0;
  }
  return sum(nodes);
}
