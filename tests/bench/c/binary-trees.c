// Binary trees: allocation and freeing of many small objects, recursion. The allocator is part of
// the program, so that every build runs the same one.
#include <stdio.h>
#include <stdlib.h>

struct node { struct node *left, *right; };

static struct node *free_list;

static struct node *allocate(void) {
    if (!free_list) {
        struct node *block = malloc(4096 * sizeof *block);
        for (int i = 0; i < 4096; i++) block[i].left = free_list, free_list = &block[i];
    }
    struct node *node = free_list;
    free_list = node->left;
    return node;
}

static struct node *build(int depth) {
    struct node *node = allocate();
    node->left = depth > 0 ? build(depth - 1) : NULL;
    node->right = depth > 0 ? build(depth - 1) : NULL;
    return node;
}

static int check(const struct node *node) { return node->left ? 1 + check(node->left) + check(node->right) : 1; }

static void release(struct node *node) {
    if (node->left) release(node->left), release(node->right);
    node->left = free_list;
    free_list = node;
}

int main(int argc, char **argv) {
    int limit = argc > 1 ? atoi(argv[1]) : 12;
    struct node *kept = build(limit);
    for (int depth = 4; depth <= limit; depth += 4) {
        int rounds = 1 << (limit - depth + 4), total = 0;
        for (int i = 0; i < rounds; i++) {
            struct node *tree = build(depth);
            total += check(tree);
            release(tree);
        }
        printf("%d trees of depth %d: %d\n", rounds, depth, total);
    }
    printf("%d\n", check(kept));
    return 0;
}
