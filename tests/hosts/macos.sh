#!/usr/bin/env bash
# Whether the compiler compiles for macOS: type-checked only, as there is no linker and no SDK here. Zig stands in for the
# C compiler that two of the dependencies ask for.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
. tests/hosts/rust.sh
zig=$(fetch zig)
wrappers=$root/target/hosts/zig
mkdir -p "$wrappers"
# The `cc` crate would ask Xcode where the SDK is, and names it to the compiler; Zig has its own.
export SDKROOT=/
for architecture in x86_64 aarch64; do
    triple=$architecture-apple-darwin
    compiler=$wrappers/$architecture-cc
    cat > "$compiler" << END
#!/usr/bin/env bash
words=()
while [ \$# != 0 ]; do
    case \$1 in
    -isysroot | -arch) shift ;;
    --target=* | -mmacosx-version-min=*) ;;
    *) words+=("\$1") ;;
    esac
    shift
done
exec "$zig" cc -target $architecture-macos "\${words[@]}"
END
    chmod +x "$compiler"
    export "CC_${triple//-/_}=$compiler" "AR_${triple//-/_}=$wrappers/ar"
    printf '#!/bin/sh\nexec "%s" ar "$@"\n' "$zig" > "$wrappers/ar"
    chmod +x "$wrappers/ar"
    cargo_for check "$triple"
    echo "$triple: the compiler compiles (checked only)"
done
