;;! emit = "run"
;; The smallest module is a program that does nothing.
(module)
