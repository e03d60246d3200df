/* The program: CRC-32 of standard input, computed in WebAssembly's sandbox. */
#include <stdio.h>
#include <stdlib.h>

#include "checksum.h"

static void check(checksum_error error) {
  if (error == checksum_ok) return;
  fprintf(stderr, "checksum: %s\n", checksum_error_message(error));
  exit(1);
}

int main(void) {
  int32_t buffer, crc = 0, length;
  check(checksum_instantiate(NULL));
  check(checksum_buffer(&buffer));
  while ((length = (int32_t)fread(checksum_memory_pointer((uint32_t)buffer, 65536), 1, 65536, stdin)) > 0)
    check(checksum_crc32(crc, buffer, length, &crc));
  printf("%08x\n", (unsigned)crc);
  return checksum_crc32(0, buffer, 1 << 30, &crc) == checksum_trap_out_of_bounds_memory_access ? 0 : 1;
}
