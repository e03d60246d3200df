#!/bin/sh
# dist.sh [COMPILER]: packs a compiler, the one in target/release if none is named, for others, into target/dist: the command,
# its manual, completions for shells, packages for CMake and pkg-config, licences, third-party notices. The same sources give
# the same archive. Beside it go packages for pip, npm and apt (packages/installers.py).
set -eu
cd "$(dirname "$0")/.."

built=${1:-target/release/wasm-aot}
version=$("$built" --version | cut -d ' ' -f 2)
name=wasm-aot-$version-$(uname -m)-$(uname -s | tr '[:upper:]' '[:lower:]')
directory=target/dist/$name

rm -rf "$directory"
mkdir -p "$directory/bin" "$directory/share/man/man1" \
    "$directory/share/bash-completion/completions" "$directory/share/zsh/site-functions" \
    "$directory/share/fish/vendor_completions.d"
strip -o "$directory/bin/wasm-aot" "$built"
"$built" manual "$directory/share/man/man1"
"$built" completions bash > "$directory/share/bash-completion/completions/wasm-aot"
"$built" completions zsh > "$directory/share/zsh/site-functions/_wasm-aot"
"$built" completions fish > "$directory/share/fish/vendor_completions.d/wasm-aot.fish"
compiler/packages/install.sh "$directory" "$version"
cp README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$directory"
compiler/notices.py "$directory/THIRD-PARTY-NOTICES.txt"
library=$(rustc --print sysroot)/share/doc/rust/COPYRIGHT-library.html
if [ -e "$library" ]; then
    cp "$library" "$directory"
fi

archive=target/dist/$name.tar.gz
tar -C target/dist --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 --format=ustar -cf - "$name" |
    gzip -9 -n > "$archive.new"
mv "$archive.new" "$archive"
python3 compiler/packages/installers.py "$directory" "$version" target/dist
"$built" targets
echo "$archive: $(wc -c < "$archive") bytes; the command: $(wc -c < "$directory/bin/wasm-aot") bytes"
