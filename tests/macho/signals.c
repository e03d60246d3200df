/* libSystem's functions for signals, by Linux's: handlers get frames as macOS makes them. */

#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "macos.h"

/* Numbers of macOS. */
enum { M_SIGILL = 4, M_SIGTRAP = 5, M_SIGFPE = 8, M_SIGBUS = 10, M_SIGSEGV = 11, M_SIGPIPE = 13, M_SIGALRM = 14 };
enum { M_ONSTACK = 1, M_NODEFER = 0x10, M_SIGINFO = 0x40 };
enum { M_LEAST_STACK = 32768, M_SIGNALS = 32 };

struct mac_info {
    int number, error, code, process;
    uint32_t user;
    int status;
    void *address;
    uint64_t rest[9];
};
_Static_assert(offsetof(struct mac_info, address) == 24 && sizeof(struct mac_info) == 104, "as in sys/signal.h");

struct mac_machine {
    uint64_t exception[2];
#ifdef __aarch64__
    /* x0 to x30, sp, pc, cpsr. */
    uint64_t registers[34];
#else
    /* rax, rbx, rcx, rdx, rdi, rsi, rbp, rsp, r8 to r15, rip, rflags, cs, fs, gs. */
    uint64_t registers[21];
#endif
    uint64_t vectors[66];
};

struct mac_context {
    int on_stack;
    uint32_t mask;
    void *stack;
    uint64_t stack_bytes;
    int stack_flags;
    struct mac_context *link;
    uint64_t machine_bytes;
    struct mac_machine *machine;
};
_Static_assert(offsetof(struct mac_context, machine) == 48, "as in sys/_types/_ucontext.h");

struct mac_action {
    void *handler;
    uint32_t mask;
    int flags;
};

typedef void handler(int, struct mac_info *, struct mac_context *);
static struct mac_action actions[M_SIGNALS];

/* Where the registers are in Linux's context, in the order of macOS. */
#ifdef __aarch64__
enum { REGISTERS = 34 };
static unsigned long long *host_register(ucontext_t *context, int index) {
    if (index <= 30)
        return (unsigned long long *)&context->uc_mcontext.regs[index];
    if (index == 31)
        return (unsigned long long *)&context->uc_mcontext.sp;
    return (unsigned long long *)(index == 32 ? &context->uc_mcontext.pc : &context->uc_mcontext.pstate);
}
#else
enum { REGISTERS = 18 };
static unsigned long long *host_register(ucontext_t *context, int index) {
    static const int numbers[REGISTERS] = {
        REG_RAX, REG_RBX, REG_RCX, REG_RDX, REG_RDI, REG_RSI, REG_RBP, REG_RSP, REG_R8,
        REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP, REG_EFL,
    };
    return (unsigned long long *)&context->uc_mcontext.gregs[numbers[index]];
}
#endif

/* Of what a page forbids, macOS says SIGBUS. */
static int mac_number(int number, const siginfo_t *info) {
    switch (number) {
    case SIGSEGV:
        return info->si_code == SEGV_ACCERR ? M_SIGBUS : M_SIGSEGV;
    case SIGBUS:
        return M_SIGBUS;
    }
    /* All others that come here have the same number. */
    return number;
}

static void entry(int number, siginfo_t *host_info, void *host) {
    ucontext_t *host_context = host;
    struct mac_machine machine;
    struct mac_info info = {.number = mac_number(number, host_info)};
    struct mac_context context = {.on_stack = 1, .machine_bytes = sizeof machine, .machine = &machine};
    memset(&machine, 0xa5, sizeof machine);
    if (number == SIGSEGV || number == SIGBUS)
        info.address = host_info->si_addr;
    for (int i = 0; i < REGISTERS; i++)
        machine.registers[i] = *host_register(host_context, i);
    if ((uintptr_t)actions[info.number].handler <= 1)
        broken("signal %d has no handler", info.number);
    ((handler *)actions[info.number].handler)(info.number, &info, &context);
    for (int i = 0; i < REGISTERS; i++)
        *host_register(host_context, i) = machine.registers[i];
}

static int host_number(int number) {
    switch (number) {
    case M_SIGILL:
    case M_SIGTRAP:
    case M_SIGFPE:
    case M_SIGSEGV:
    case M_SIGPIPE:
    case M_SIGALRM:
        return number;
    case M_SIGBUS:
        return SIGBUS;
    }
    broken("signal %d", number);
}

static long m_sigaction(int number, const struct mac_action *action, struct mac_action *old) {
    int host = host_number(number);
    if (old)
        *old = actions[number];
    if (!action)
        return 0;
    struct sigaction host_action = {0};
    if ((uintptr_t)action->handler <= 1) {
        host_action.sa_handler = action->handler ? SIG_IGN : SIG_DFL;
    } else {
        if (action->mask || !(action->flags & M_SIGINFO) || action->flags & ~(M_ONSTACK | M_NODEFER | M_SIGINFO))
            broken("sigaction with the flags %x", action->flags);
        host_action.sa_sigaction = entry;
        host_action.sa_flags = SA_SIGINFO | (action->flags & M_ONSTACK ? SA_ONSTACK : 0)
            | (action->flags & M_NODEFER ? SA_NODEFER : 0);
    }
    actions[number] = *action;
    return done(sigaction(host, &host_action, NULL));
}

static int m_getpid(void) {
    return getpid();
}

static long m_kill(int process, int number) {
    if (process != getpid())
        broken("kill of process %d", process);
    return done(kill(process, host_number(number)));
}

struct mac_stack {
    void *start;
    size_t bytes;
    int flags;
};

static long m_sigaltstack(const struct mac_stack *stack, void *old) {
    if (!stack || old || stack->flags)
        broken("sigaltstack wants more");
    if (stack->bytes < M_LEAST_STACK)
        return fail_with(ENOMEM);
    stack_t host = {.ss_sp = stack->start, .ss_size = stack->bytes};
    return done(sigaltstack(&host, NULL));
}

static long m_sigprocmask(int how, const uint32_t *mask, void *old) {
    sigset_t host;
    if (how != 2 || !mask || old) /* SIG_UNBLOCK */
        broken("sigprocmask wants more");
    sigemptyset(&host);
    for (int number = 1; number < M_SIGNALS; number++)
        if (*mask & 1u << (number - 1))
            sigaddset(&host, host_number(number));
    return done(sigprocmask(SIG_UNBLOCK, &host, NULL));
}

struct mac_time {
    int64_t seconds;
    int32_t microseconds;
};

static long m_setitimer(int which, const struct mac_time timer[2], void *old) {
    if (which != 0 || old)
        broken("setitimer wants more");
    struct itimerval host = {{timer[0].seconds, timer[0].microseconds}, {timer[1].seconds, timer[1].microseconds}};
    return timer[1].seconds > 100000000 ? fail_with(EINVAL) : done(setitimer(ITIMER_REAL, &host, NULL));
}

void *mac_signal_function(const char *name) {
    static const struct function functions[] = {
        {"_getpid", m_getpid},
        {"_kill", m_kill},
        {"_setitimer", m_setitimer},
        {"_sigaction", m_sigaction},
        {"_sigaltstack", m_sigaltstack},
        {"_sigprocmask", m_sigprocmask},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
