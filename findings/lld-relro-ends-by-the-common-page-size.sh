#!/usr/bin/env bash
# lld for aarch64 lays segments out for pages of 64 KiB, but ends what PT_GNU_RELRO protects at a multiple of 4 KiB.
#
# Versions: PyPI ziglang 0.17.0 (its `ld.lld` is LLD 22.1.8), aarch64-linux-musl.
# A good guess: with the default -z max-page-size of 65,536 every segment is for pages of up to 64 KiB, so the end of what is
#   only relocated is a multiple of 65,536, too, and `-z max-page-size=65536` says no more than the default.
# Seen: segments are aligned to 65,536, and the end of PT_GNU_RELRO is a multiple of 4,096 only, with and without that option. Who
#   protects whole pages, as loaders do, protects nothing where pages have 64 KiB. `-z common-page-size=65536` moves the end.
#
# Needs Python 3, and about 400 MB in a temporary folder.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check ziglang==0.17.0
export ZIG_GLOBAL_CACHE_DIR=$work/zig ZIG_LOCAL_CACHE_DIR=$work/zig

cat > table.c <<'C'
int one(void), two(void);
int (*const table[2])(void) = { one, two };
int one(void) { return 1; }
int two(void) { return 2; }
int written = 3;
int start(int n) { return table[n & 1]() + written; }
C
python/bin/python -m ziglang cc -target aarch64-linux-musl -fPIC -O1 -c table.c -o table.o

# ends OPTION...: the alignment of the segments that are loaded, and the end of what is protected modulo 65,536.
ends() {
    python/bin/python -m ziglang ld.lld -pie -e start -z relro "$@" table.o -o table
    python/bin/python - << 'P'
import struct
with open("table", "rb") as file:
    data = file.read()
start, = struct.unpack_from("<Q", data, 32)
size, count = struct.unpack_from("<HH", data, 54)
headers = [struct.unpack_from("<IIQQQQQQ", data, start + size * i) for i in range(count)]
alignments = sorted({header[7] for header in headers if header[0] == 1})
protected, = [header[3] + header[6] for header in headers if header[0] == 0x6474E552]
print(*alignments, protected % 65536, protected % 4096)
P
}

default=$(ends)
largest=$(ends -z max-page-size=65536)
common=$(ends -z common-page-size=65536)
echo "alignment of segments, end of PT_GNU_RELRO modulo 65,536 and 4,096: by default $default; with" \
    "max-page-size=65536 $largest; with common-page-size=65536 $common"
[ "$default" = "65536 4096 0" ] && [ "$largest" = "$default" ] && [ "$common" = "65536 0 0" ]
