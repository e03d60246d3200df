#!/usr/bin/env bash
# lldb ignores the DW_AT_byte_size of a pointer type: one of 4 bytes is read as one of 8 on x86-64.
#
# Versions: Debian 12's lldb 14.0.6 and 22.1.8. gdb 13.1 reads 4 bytes.
# A good guess: a type has the size that its DIE says (DWARF 5, section 5.3 lets a pointer type have a byte size, and gdb
#   obeys it), so a program whose pointers have two sizes, such as one with 32-bit indices, can describe both.
# Seen: the first of two adjacent pointers of 4 bytes is shown as 0x2200000011, both in one, and the second as what
#   comes after them, without a message. So pointers of another size than the machine's must be described as
#   something else: a structure, or an integer. (gdb has a trap of its own: all pointer types to one type are one
#   object there, so two sizes of pointers to the same type are the size that was read last.)
#
# Needs gcc, gdb and lldb (Debian packages of these names).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > program.c <<'C'
/* At the address `pair` there are 00000011, 00000022 (hexadecimal): two pointers of 4 bytes. */
unsigned pair[2] = {0x11, 0x22};
int main(void) { return 0; }
C
cat > debug.s <<'S'
    .section .debug_abbrev,"",@progbits
abbreviations:
    .byte 1, 0x11, 1, 3, 8, 0x13, 0xb, 0, 0                 # compile unit: name, language
    .byte 2, 0x24, 0, 3, 8, 0xb, 0xb, 0x3e, 0xb, 0, 0       # base type: name, size, encoding
    .byte 3, 0xf, 0, 0x49, 0x13, 0xb, 0xb, 0, 0             # pointer type: type, size
    .byte 4, 1, 1, 0x49, 0x13, 0, 0                         # array type: type
    .byte 5, 0x21, 0, 0x37, 0xb, 0, 0                       # subrange: count
    .byte 6, 0x34, 0, 3, 8, 0x49, 0x13, 0x3f, 0x19, 2, 0x18, 0, 0   # variable: name, type, external, location
    .byte 0
    .section .debug_info,"",@progbits
unit:
    .long end - start
start:
    .short 4
    .long abbreviations
    .byte 8
    .byte 1
    .asciz "program.c"
    .byte 12
int:
    .byte 2
    .asciz "int"
    .byte 4, 5
pointer:
    .byte 3
    .long int - unit
    .byte 4
array:
    .byte 4
    .long pointer - unit
    .byte 5, 2, 0
    .byte 6
    .asciz "pair"
    .long array - unit
    .byte 9, 3
    .quad pair
    .byte 0
end:
    .section .note.GNU-stack,"",@progbits
S
gcc -no-pie program.c debug.s -o program
gdb -nx -batch -ex 'print pair' program > gdb.out 2>&1
lldb --batch -o 'target variable pair' program > lldb.out 2> /dev/null
cat gdb.out lldb.out
grep -q "{0x11, 0x22}" gdb.out || { echo "gdb doesn't read pointers of 4 bytes here"; exit 1; }
grep -q '0x0*2200000011' lldb.out || { echo "this has changed: lldb doesn't read 8 bytes"; exit 1; }
echo "as seen: lldb reads 8 bytes for a pointer of 4"
