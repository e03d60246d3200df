// What is beneath a directory.
#pragma once
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "raw.h"

static int compare(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

// Shows everything beneath a directory, sorted, or removes it where there is no `show`.
static void tree(const char *path, void (*show)(const char *path, const struct filestat *)) {
  DIR *dir = opendir(path);
  if (!dir) return;
  char *names[64];
  int n = 0;
  for (struct dirent *e; (e = readdir(dir)) && n < 64;)
    if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) names[n++] = strdup(e->d_name);
  closedir(dir);
  qsort(names, n, sizeof *names, compare);
  for (int i = 0; i < n; i++) {
    char child[600];
    snprintf(child, sizeof child, "%s/%s", path, names[i]);
    struct filestat s;
    raw_path_filestat_get(3, NOFOLLOW, S(child + 1), P(&s));
    if (show) show(child + 1, &s);
    if (s.type == 3) tree(child, show);
    if (!show) s.type == 3 ? rmdir(child) : unlink(child);
    free(names[i]);
  }
}
