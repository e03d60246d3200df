;;! emit = "run"
;;! exit = 134
;; Names of Rust functions (both manglings) and of C++ functions are shown demangled; names that
;; only look mangled stay as they are.
(module
  (func $_ZN4core9panicking5panic17h0123456789abcdefE unreachable)
  (func $_RNvCs1234_7mycrate3foo (call $_ZN4core9panicking5panic17h0123456789abcdefE))
  (func $_ZN5outer5innerILi3EE4callEPKcd (call $_RNvCs1234_7mycrate3foo))
  (func $_Znonsense (call $_ZN5outer5innerILi3EE4callEPKcd))
  (func (export "_start") (call $_Znonsense)))

;; stderr:
;;   wasm trap: unreachable
;;      0: core::panicking::panic
;;      1: mycrate::foo
;;      2: outer::inner<3>::call(char const*, double)
;;      3: _Znonsense
;;      4: _start
