/* everything.h: the functions of everything, a WebAssembly module that wasm-aot has compiled to native code. Generated: changes are lost.
 *
 * Errors. A function that returns everything_error returns everything_ok, or why it failed; what it would have written through the
 * pointer for its result is then left as it was. WebAssembly's traps (an access outside of a memory, a division by zero,
 * endless recursion) are such errors, and never the end of the process. After a trap, and after the module has called
 * proc_exit, the instance refuses all calls with everything_unusable until everything_reset has made it anew: its memories and globals
 * may be in any state, but can still be read.
 *
 * Threads. Any thread may call, one at a time for each instance: a call while another thread is in the instance returns
 * everything_busy at once. So does one from a signal handler that has interrupted a call. A program that calls from several
 * threads needs a lock. Only the functions that read or write memories, globals and tables, everything_backtrace and
 * everything_exit_code check nothing: they must not be called while another thread is in the instance, or makes or deletes it.
 *
 * Stack. Calls run on the stack of the thread that makes them, and take up to the number of bytes that the library was
 * built with (--stack-size; 512 KiB by default): the thread must have that much left. Beyond it they return
 * everything_trap_call_stack_exhausted.
 *
 * Signals. Traps are found by handlers of signals (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP; on Windows by a vectored
 * exception handler), which are installed when an instance is made. What is none of the library's they pass on to the
 * handler that was there before. A program that installs handlers of its own later must call
 * everything_handle_signal, and on Windows everything_handle_exception, first, in each of them.
 *
 * Ownership. The library frees what it allocates; everything_delete gives back an instance's memory. Options are copied; but `context`
 * and what it points to must last until everything_delete. Texts that are returned last for ever. A pointer into a memory is valid
 * until the next call of an exported function, everything_reset or everything_delete.
 *
 * Values. i32 is int32_t, i64 is int64_t, f32 is float, f64 is double, v128 is everything_v128, by pointer; externref is void *,
 * which the module can keep and give back, but not look into. Pointers for results must not be NULL. Addresses in a memory
 * are offsets from its base; numbers in a memory are little-endian on every machine.
 */
#ifndef everything_H
#define everything_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define everything_ALWAYS_NORETURN __attribute__((noreturn))
#elif defined(_MSC_VER)
#define everything_ALWAYS_NORETURN __declspec(noreturn)
#else
#define everything_ALWAYS_NORETURN
#endif

/* 0, or the number of an error. */
typedef int32_t everything_error;

#define everything_ok 0
/* Errors of the library. */
#define everything_not_instantiated 256 /* the library isn't instantiated */
#define everything_already_instantiated 257 /* the library is instantiated already */
#define everything_busy 258 /* the instance is in use */
#define everything_unusable 259 /* the instance has ended; it must be reset */
#define everything_no_memory 260 /* not enough memory or address space */
#define everything_unsupported_cpu 261 /* the CPU lacks instructions that the library was compiled for */
#define everything_exited 262 /* the program has exited */
#define everything_invalid_options 263 /* an option is invalid, or a directory can't be opened */
#define everything_trap_host 264 /* the host has ended the call */
#define everything_internal 265 /* internal error in the runtime */
/* Traps. */
#define everything_trap_unreachable 1
#define everything_trap_out_of_bounds_memory_access 2
#define everything_trap_out_of_bounds_table_access 3
#define everything_trap_undefined_element 4
#define everything_trap_uninitialized_element 5
#define everything_trap_indirect_call_type_mismatch 6
#define everything_trap_integer_overflow 7
#define everything_trap_integer_divide_by_zero 8
#define everything_trap_invalid_conversion_to_integer 9
#define everything_trap_call_stack_exhausted 10
#define everything_trap_call_of_an_import_that_nothing_provides 11
#define everything_trap_null_reference 12
#define everything_trap_unaligned_atomic 13
#define everything_trap_expected_shared_memory 14
#define everything_trap_null_exception_reference 15
#define everything_trap_uncaught_exception 16
#define everything_trap_null_function_reference 17
#define everything_trap_unaligned_pointer 18
#define everything_trap_timeout 19
#define everything_trap_out_of_fuel 20
#define everything_trap_memory_limit_reached 21
#define everything_trap_table_limit_reached 22
#define everything_trap_null_structure_reference 23
#define everything_trap_null_array_reference 24
#define everything_trap_null_i31_reference 25
#define everything_trap_out_of_bounds_array_access 26
#define everything_trap_cast_failure 27
#define everything_trap_garbage_collected_heap_exhausted 28
#define everything_trap_cannot_leave_component_instance 29
#define everything_trap_cannot_enter_component_instance 30
#define everything_trap_unknown_handle_index 31
#define everything_trap_handle_index_used_with_the_wrong_type 32
#define everything_trap_cannot_transfer_a_borrowed_resource 33
#define everything_trap_cannot_remove_owned_resource_while_borrowed 34
#define everything_trap_borrow_handles_still_remain_at_the_end_of_the_call 35
#define everything_trap_resource_has_children 36
#define everything_trap_too_many_handles 37
#define everything_trap_string_content_out_of_bounds 38
#define everything_trap_list_content_out_of_bounds 39
#define everything_trap_realloc_returned_memory_out_of_bounds 40
#define everything_trap_realloc_returned_an_unaligned_pointer 41
#define everything_trap_invalid_utf_8_encoding 42
#define everything_trap_invalid_utf_16_encoding 43
#define everything_trap_invalid_char_bit_pattern 44
#define everything_trap_invalid_variant_discriminant 45
#define everything_trap_call_of_an_import_that_isnt_supported_yet 46
#define everything_trap_poll_of_an_empty_list 47
#define everything_trap_write_of_more_than_the_stream_permits 48
#define everything_trap_deadlock_detected_event_loop_cannot_make_further_progress 49
#define everything_trap_cannot_block_a_synchronous_task_before_returning 50
#define everything_trap_async_lifted_export_failed_to_produce_a_result 51
#define everything_trap_task_return_or_task_cancel_called_more_than_once_for_current_task 52
#define everything_trap_invalid_task_return_signature_and_or_options_for_current_task 53
#define everything_trap_task_cancel_called_by_task_which_has_not_been_cancelled 54
#define everything_trap_backpressure_counter_overflow 55
#define everything_trap_unsupported_callback_code 56
#define everything_trap_cannot_drop_waitable_set_with_waiters 57
#define everything_trap_cannot_drop_waitable_set_with_waitables_in_it 58
#define everything_trap_cannot_drop_a_subtask_which_has_not_yet_resolved 59
#define everything_trap_subtask_cancel_called_after_terminal_status_delivered 60
#define everything_trap_waitable_cannot_be_used_synchronously_while_added_to_a_waitable_set 61
#define everything_trap_cannot_have_concurrent_operations_active_on_a_future_stream 62
#define everything_trap_cannot_use_a_stream_or_future_that_is_done 63
#define everything_trap_cannot_cancel_a_copy_of_a_stream_or_future_that_has_none 64
#define everything_trap_stream_read_write_count_too_large 65
#define everything_trap_cannot_drop_future_write_end_without_first_writing_a_value 66
#define everything_trap_cannot_lift_a_stream_or_future_that_is_in_a_waitable_set 67
#define everything_trap_cannot_read_from_and_write_to_intra_component_future_stream_with_non_numeric_payload 68
#define everything_trap_copying_values_of_this_type_between_components_isnt_supported_yet 69

/* A vector: 16 bytes in the order in which a memory has them, lane 0 first. */
typedef struct everything_v128 {
  uint8_t bytes[16];
} everything_v128;

/* A directory that the module may use. */
typedef struct everything_directory {
  const char *host;  /* its path */
  const char *guest; /* the name under which the module sees it */
  uint32_t flags;    /* 1: nothing in it can be changed */
} everything_directory;

/* What an instance may use of the system, through WASI. Zeroes are the defaults, but for `size`:
 *   everything_options options = {sizeof options};
 */
typedef struct everything_options {
  size_t size; /* sizeof(everything_options) */
  /* What the module sees as its command line. */
  const char *const *arguments;
  size_t argument_count;
  /* Its environment: "NAME=value". */
  const char *const *environment;
  size_t environment_count;
  const everything_directory *directories;
  size_t directory_count;
  /* Standard input, output and error: NULL for the process's own, or three descriptors (on Windows, HANDLEs), of which -1
     is none. The library doesn't close them. */
  const intptr_t *streams;
  /* If it isn't NULL, it is called in the place of reading standard input: it returns how many bytes it has put into
     `buffer`, 0 at the end, -1 if it fails. */
  ptrdiff_t (*read)(void *context, void *buffer, size_t length);
  /* If it isn't NULL, it is called in the place of writing to standard output (`stream` is 1) or standard error (2): it
     returns how many bytes it has taken, -1 if it fails. */
  ptrdiff_t (*write)(void *context, int stream, const void *buffer, size_t length);
  /* What `read` and `write` get. */
  void *context;
} everything_options;

/* Makes the instance: its memories, tables and globals get their initial contents, and the module's start function and
   _initialize are called. `options` can be NULL. Until it has returned everything_ok, all calls return everything_not_instantiated. */
everything_error everything_instantiate(const everything_options *options);

/* Makes the instance anew, as it was when it was made, with the same options. Possible at any time but during a call. If it
   fails, there is no instance any more. */
everything_error everything_reset(void);

/* Gives back the instance's memory; it can be made again by instantiate. During a call it does nothing. */
void everything_delete(void);

/* What an error says, in a few words. */
const char *everything_error_message(everything_error error);

/* The calls that led to the last trap, innermost first: a line for each, with the name of the function and where in the
   module it is. Copies as much as `size` bytes have room for, a terminating 0 included, and returns the length of the whole
   text without the 0; so everything_backtrace(NULL, 0) is its length. The text is empty before the first trap. */
size_t everything_backtrace(char *buffer, size_t size);

/* What the module called proc_exit with, if a call has returned everything_exited. */
int32_t everything_exit_code(void);

/* For programs with signal handlers of their own that were installed after the first instance was made: call it with the
   parameters of the handler (that of sigaction with SA_SIGINFO) before anything else. If the result isn't 0, the signal was
   a trap of this library, and the handler must return at once. On Windows, it takes the EXCEPTION_POINTERS of a vectored
   exception handler, which must then return EXCEPTION_CONTINUE_EXECUTION. It can be called from any thread, at any time. */
#ifdef _WIN32
int everything_handle_exception(void *pointers);
#else
int everything_handle_signal(int signal, void *info, void *context);
#endif

/* From a function that the module imports: ends the innermost call of an export, which returns everything_trap_host. It
   doesn't return, and frames between are left without running destructors. */
everything_ALWAYS_NORETURN void everything_trap(void);

/* The functions that the module imports: the program defines them. They can call exports of the instance that calls them.
   They must return as functions do: C++ exceptions, Rust panics and longjmp must not leave them. A DLL can't refer to
   functions of the program: it has a function for each of them that is told where it is, before the first instance is
   made. Until then a call ends with everything_trap_host. */

/* `log` of `env`. */
int32_t everything_import_env_log_2(int32_t p0, int64_t p1, float p2, double p3, const everything_v128 *p4, void *p5);
#ifdef _WIN32
void everything_import_env_log_2_set(int32_t (*function)(int32_t p0, int64_t p1, float p2, double p3, const everything_v128 *p4, void *p5));
#endif

/* `nothing` of `env`. */
void everything_import_env_nothing(void);
#ifdef _WIN32
void everything_import_env_nothing_set(void (*function)(void));
#endif

/* `float` of `env`. */
float everything_import_env_float(float p0);
#ifdef _WIN32
void everything_import_env_float_set(float (*function)(float p0));
#endif

/* `double` of `env`. */
double everything_import_env_double(double p0);
#ifdef _WIN32
void everything_import_env_double_set(double (*function)(double p0));
#endif

/* `vector` of `env`. */
void everything_import_env_vector(const everything_v128 *p0, everything_v128 *result);
#ifdef _WIN32
void everything_import_env_vector_set(void (*function)(const everything_v128 *p0, everything_v128 *result));
#endif

/* `reference` of `env`. */
void *everything_import_env_reference(void *p0);
#ifdef _WIN32
void everything_import_env_reference_set(void *(*function)(void *p0));
#endif

/* `several` of `env`. */
typedef struct everything_import_env_several_results {
  int32_t r0;
  everything_v128 r1;
  double r2;
  void *r3;
} everything_import_env_several_results;
void everything_import_env_several(int32_t p0, everything_import_env_several_results *results);
#ifdef _WIN32
void everything_import_env_several_set(void (*function)(int32_t p0, everything_import_env_several_results *results));
#endif

/* `\n\u{202e}match` of `*\x2f #error`. */
int64_t everything_import__x2a_x2f_x20_x23error__x0a_xe2_x80_xaematch(void);
#ifdef _WIN32
void everything_import__x2a_x2f_x20_x23error__x0a_xe2_x80_xaematch_set(int64_t (*function)(void));
#endif

/* `` of ``. */
void everything_import__(void);
#ifdef _WIN32
void everything_import___set(void (*function)(void));
#endif

/* `self` of `7`. */
void everything_import_7_self(void);
#ifdef _WIN32
void everything_import_7_self_set(void (*function)(void));
#endif

/* The function `_start`. */
everything_error everything__start(void);

/* The function `none`. */
everything_error everything_none(void);

/* The function `add`. */
everything_error everything_add(int32_t p0, int32_t p1, int32_t *result);

/* The function `all`. */
typedef struct everything_all_results {
  int32_t r0;
  int64_t r1;
  float r2;
  double r3;
  everything_v128 r4;
  void *r5;
} everything_all_results;
everything_error everything_all(int32_t p0, int64_t p1, float p2, double p3, const everything_v128 *p4, void *p5, everything_all_results *results);

/* The function `i64`. */
everything_error everything_i64(int64_t p0, int64_t *result);

/* The function `f32`. */
everything_error everything_f32(float p0, float *result);

/* The function `f64`. */
everything_error everything_f64(double p0, double *result);

/* The function `v128`. */
everything_error everything_v128_2(const everything_v128 *p0, everything_v128 *result);

/* The function `externref`. */
everything_error everything_externref(void *p0, void **result);

/* The function `reset`. */
everything_error everything_reset_2(int32_t *result);

/* The function `new`. */
everything_error everything_new_2(void);

/* The function `trap_unreachable`. */
everything_error everything_trap_unreachable_2(void);

/* The function `a-b`. */
everything_error everything_a_x2db(void);

/* The function `a_x2db`. */
everything_error everything_a_x2db_2(void);

/* The function `all_results`. */
everything_error everything_all_results_2(void);

/* The function `import_env_log`. */
everything_error everything_import_env_log(void);

/* The function `int`. */
everything_error everything_int(void);

/* The function `class`. */
everything_error everything_class(void);

/* The function `match`. */
everything_error everything_match(void);

/* The function `self`. */
everything_error everything_self(void);

/* The function `Self`. */
everything_error everything_Self(void);

/* The function `crate`. */
everything_error everything_crate(void);

/* The function `_`. */
everything_error everything__(void);

/* The function `drop`. */
everything_error everything_drop(void);

/* The function `deref`. */
everything_error everything_deref(void);

/* The function `everything_self`. */
everything_error everything_everything_self(void);

/* The function ``. */
everything_error everything_(void);

/* The function `7zip`. */
everything_error everything_7zip(void);

/* The function `*\x2f int evil(void) { return 0; } /\x2a`. */
everything_error everything__x2a_x2f_x20int_x20evil_x28void_x29_x20_x7b_x20return_x200_x3b_x20_x7d_x20_x2f_x2a(void);

/* The function `/\x2a\x2f ??/`. */
everything_error everything__x2f_x2a_x2f_x20_x3f_x3f_x2f(void);

/* The function `// \\`. */
everything_error everything__x2f_x2f_x20_x5c(void);

/* The function `\n#error "`. */
everything_error everything__x0a_x23error_x20_x22(void);

/* The function `\x00\x7f@P@`. */
everything_error everything__x00_x7f_x40P_x40(void);

/* The function `gr\u{fc}\u{df}e, \u{4e16}\u{754c} \u{1f44d} \u{202e}`. */
everything_error everything_gr_xc3_xbc_xc3_x9fe_x2c_x20_xe4_xb8_x96_xe7_x95_x8c_x20_xf0_x9f_x91_x8d_x20_xe2_x80_xae(void);

/* The memory `memory`: where it begins (NULL if there is no instance), how many bytes it has, and where `length` bytes
   at an address in it are: NULL if they aren't all inside. */
uint8_t *everything_memory_base(void);
uint64_t everything_memory_size(void);
void *everything_memory_pointer(uint64_t address, uint64_t length);

/* The memory `memory_mut`: where it begins (NULL if there is no instance), how many bytes it has, and where `length` bytes
   at an address in it are: NULL if they aren't all inside. */
uint8_t *everything_memory_mut_base(void);
uint64_t everything_memory_mut_size(void);
void *everything_memory_mut_pointer(uint64_t address, uint64_t length);

/* The memory `env.imported heap`: where it begins (NULL if there is no instance), how many bytes it has, and where `length` bytes
   at an address in it are: NULL if they aren't all inside. */
uint8_t *everything_env_imported_x20heap_base(void);
uint64_t everything_env_imported_x20heap_size(void);
void *everything_env_imported_x20heap_pointer(uint64_t address, uint64_t length);

/* The global `counter`. */
int64_t everything_counter_get(void);
void everything_counter_set(int64_t value);

/* The constant global `number`. */
float everything_number_get(void);

/* The global `vector`. */
void everything_vector_get(everything_v128 *value);
void everything_vector_set(const everything_v128 *value);

/* The global `reference`. */
void *everything_reference_get(void);
void everything_reference_set(void *value);

/* How many elements the table `table` has. */
uint64_t everything_table_size(void);

#ifdef __cplusplus
}
#endif

#endif
