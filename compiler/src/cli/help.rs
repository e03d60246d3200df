//! What `--help` says besides the options: examples, exit codes, environment variables.

pub const TOP: &str = "\
Examples:
  wasm-aot build app.wasm                             an executable `app` for this machine
  wasm-aot build app.wasm --target aarch64-linux      for another
  wasm-aot build app.wasm --dir ./data::/data:ro      one that can read a directory
  wasm-aot run app.wasm --flag file                   build into a cache and run
  wasm-aot inspect app.wasm                           what it imports, and whether a build would succeed

Exit codes: 0 for success, 1 for a failure, 2 for wrong usage. An interrupt ends the compiler by its
signal, which shells show as 128 plus its number.

Environment:
  NO_COLOR, CLICOLOR_FORCE  no colours, or colours even without a terminal
  XDG_CACHE_HOME, HOME      `run` keeps what it builds below $XDG_CACHE_HOME or $HOME/.cache
  WASM_AOT_TRACE            `run` builds programs that trace their WASI calls, see `run --help`
  TMPDIR, PATH              where an installed linker keeps its files, and where it is found";

pub const BUILD: &str = "\
Examples:
  wasm-aot build app.wasm -o bin/app                        choose the output
  wasm-aot build app.wasm --target x86_64-windows --strip   for another system, small
  wasm-aot build app.wasm --policy app.toml --lock-policy   only what the policy grants
  wasm-aot build app.wat --emit asm -o - | less             the machine code
  wasm-aot build lib.wasm --invoke 'add(1, 2)' -o three     a call of an export
  wasm-aot build app.wasm --link lib=lib.wasm               two modules in one program
  generate | wasm-aot build - -o app                        a module from standard input

Exit codes: 0, 1 if nothing was built, 2 for wrong usage; an interrupt ends it by its signal.

The executable reads:
  WASM_AOT_DIRS   further directories, HOST[::GUEST][:ro], separated by `;`
  WASM_AOT_ENV    further variables: KEY=VALUE, KEY or *, separated by `;`
  WASM_AOT_TRACE  what it traces if built with --trace: wasi, gc or wasi,gc
  WASM_AOT_BACKTRACE  0, 1 or full, if the module has debug information: see --backtrace
  WASM_AOT_CORE   1 or 0: whether a trap makes a core dump, if the module has debug information or with --core-on-trap
WASM_AOT_TRACE alone is read with --lock-policy. Its exit code is the program's, 134 after a trap, 1 if it can't start.";

pub const RUN: &str = "\
Examples:
  wasm-aot run app.wasm                               no file, no network, no environment
  wasm-aot run --dir . --inherit-env app.wasm ARG     the working directory and the environment
  WASM_AOT_TRACE=wasi wasm-aot run app.wasm           its WASI calls on standard error

Exit codes: the program's, 134 after a trap; 1 if it wasn't built, 2 for wrong usage.

Environment:
  XDG_CACHE_HOME, HOME         the cache is below $XDG_CACHE_HOME or $HOME/.cache
  WASM_AOT_TRACE               wasi, gc or wasi,gc: trace WASI calls or garbage collections
  WASM_AOT_DIRS, WASM_AOT_ENV  grant more, see `build --help`";

pub const INSPECT: &str = "\
Examples:
  wasm-aot inspect app.wasm           imports, exports, features, whether a build would succeed
  wasm-aot inspect app > policy.toml  the policy in an executable, as `build --policy` takes it
  wasm-aot inspect --html app         app.html: where the bytes come from, with a picture
  wasm-aot inspect app --diff old     what has grown since, and what has shrunk

Exit codes: 0, 1 if the file can't be read, 2 for wrong usage. A module that can't be built is not a failure.";

pub const ADDR2LINE: &str = "\
Examples:
  wasm-aot addr2line -f -i app 0x2a10f             the functions and lines at an address
  wasm-aot addr2line -f -i app +0x1a2b             those of an operator, by its offset in the Wasm module
  perf script -F ip | wasm-aot addr2line -f -p app

An offset is also translated to addresses. What isn't known is shown as `??`.

Exit codes: 0, 1 if the file can't be read or has no lines, 2 for wrong usage.";

pub const RUNTIME: &str = "\
Examples:
  wasm-aot build lib.wasm --emit obj -o lib.o         an object with the functions of a module
  wasm-aot runtime                                    libwasm_aot_runtime.a
  cc main.c lib.o libwasm_aot_runtime.a -o main       a program with both
  wasm-aot runtime --target x86_64-windows -o rt.lib  for another system

Only symbols that begin with `wasm_aot_` are global. A program can have one such object; for several, make static
libraries, which contain what they need of the runtime.

Exit codes: 0, 1 if nothing was written, 2 for wrong usage.";
