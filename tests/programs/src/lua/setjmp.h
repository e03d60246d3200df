// Stands in for <setjmp.h>, which wasi-libc has only with exception handling; see lua-config.h.
