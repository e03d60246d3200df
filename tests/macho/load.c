/* Loads an executable for macOS as the dynamic linker does, and calls its entry. See README.md. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "macos.h"

/* Of executables: DYLDLINK, TWOLEVEL, PIE. */
enum { EXECUTE = 2, FLAGS = 0x200084 };

_Noreturn void broken(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "macho: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    _exit(99);
}

void *find(const struct function *functions, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(functions[i].name, name) == 0)
            return functions[i].address;
    return NULL;
}

int main(int argc, char **argv, char **envp) {
    if (argc < 2)
        broken("usage: loader PROGRAM ARGUMENTS...");
    const struct image *image = image_load(argv[1], EXECUTE);
    if (!image)
        broken("%s can't be opened", argv[1]);
    const struct header *header = (const void *)image->file;
    if ((header->flags & FLAGS) != FLAGS)
        broken("the flags of the header are %x", header->flags);
    const uint64_t *entry = (const void *)image_command(image, MAIN, NULL);
    if (!entry)
        broken("there is no entry");
    int (*start)(int, char **, char **, char **) = (void *)(image->base + entry[1]);
    char *apple[] = {argv[1], NULL};
    return start(argc - 1, argv + 1, envp, apple);
}
