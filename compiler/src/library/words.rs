//! Symbols that a library must not define though its prefix is before them: words of C and C++ with a `_` in them, what standard
//! headers define, and functions of the system's libraries.

/// Keywords of C23 and C++23, and names of standard headers that the library's own includes, or that are macros.
const WORDS: &str = " and_eq atomic_cancel atomic_commit atomic_noexcept char16_t char32_t char8_t co_await co_return \
                     co_yield const_cast dynamic_cast max_align_t not_eq nullptr_t or_eq ptrdiff_t reinterpret_cast size_t \
                     static_assert static_cast thread_local typeof_unqual wchar_t wint_t xor_eq _Alignas _Alignof _Atomic \
                     _BitInt _Bool _Complex _Decimal128 _Decimal32 _Decimal64 _Generic _Imaginary _Noreturn _Pragma \
                     _Static_assert _Thread_local ";

/// What begins the names of many functions of the C library, of POSIX and of Linux: a symbol that such a library defines,
/// too, would replace the one that the rest of the program means.
const SYSTEM: [&str; 19] = [
    "aio", "aligned", "atomic", "call", "clock", "cnd", "epoll", "mq", "mtx", "posix", "pthread", "sched",
    "sem", "shm", "thrd", "timer", "timerfd", "timespec", "tss",
];

/// Whether C or C++ gives another meaning to a symbol. C reserves names of types that begin with `int` or `uint` and end with
/// `_t`, and macros of these in capitals (C23, 7.33, "Future library directions").
pub fn is_reserved(symbol: &str) -> bool {
    let begins = |word: &str, u: &str| symbol.strip_prefix(u).unwrap_or(symbol).starts_with(word);
    let is_type = begins("int", "u") && symbol.ends_with("_t");
    let ends = ["_MAX", "_MIN", "_C", "_WIDTH"].iter().any(|end| symbol.ends_with(end));
    let is_limit = ends
        && ["INT", "PTRDIFF", "SIZE", "SIG_ATOMIC", "WCHAR", "WINT"].iter().any(|word| begins(word, "U"));
    is_type || is_limit || WORDS.split(' ').any(|word| !word.is_empty() && word == symbol)
}

/// Whether symbols with this prefix are those of the system's libraries, or of the runtime.
pub fn is_of_system(prefix: &str) -> bool {
    SYSTEM.contains(&prefix) || prefix.starts_with("wasm_aot")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_symbols_count() {
        for symbol in [
            "thread_local",
            "static_assert",
            "int32_t",
            "uint_fast8_t",
            "INT64_C",
            "UINT8_MAX",
            "SIZE_MAX",
            "_Bool",
        ] {
            assert!(is_reserved(symbol), "{symbol}");
        }
        for symbol in ["codec_t", "interpreter_run", "thread_local_2", "INTERNET_open", "int32_x", ""] {
            assert!(!is_reserved(symbol), "{symbol}");
        }
        assert!(is_of_system("pthread") && is_of_system("wasm_aot_x") && !is_of_system("pthreads"));
    }
}
