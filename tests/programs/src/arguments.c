// Arguments, environment and the exit code.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++) printf("argument %d: [%s] %zu\n", i, argv[i], strlen(argv[i]));
    int variables = 0;
    while (environ && environ[variables]) variables++;
    printf("%d variables\n", variables);
    const char *names[] = {"GREETING", "EMPTY", "HOME", "PATH"};
    for (int i = 0; i < 4; i++) {
        const char *value = getenv(names[i]);
        printf("%s: %s%s%s\n", names[i], value ? "[" : "", value ? value : "unset", value ? "]" : "");
    }
    fprintf(stderr, "exiting\n");
    return argc > 1 ? atoi(argv[1]) : 0;
}
