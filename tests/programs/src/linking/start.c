// What the start-up code of newer C libraries for Wasm does. Debian's doesn't call constructors itself, so wasm-ld makes
// every export of the program run them.

void __wasm_call_ctors(void);
void __wasm_call_dtors(void);
int __main_void(void);
_Noreturn void __wasi_proc_exit(unsigned code);

void _start(void) {
  __wasm_call_ctors();
  int code = __main_void();
  __wasm_call_dtors();
  if (code) __wasi_proc_exit(code);
}
