/* libSystem's functions for threads, by Linux's. */

#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "macos.h"

struct mac_attributes {
    uint64_t signature;
    size_t stack_bytes;
    int detached;
    uint64_t rest[5];
};
_Static_assert(sizeof(struct mac_attributes) == 64, "as in sys/_pthread/_pthread_types.h");

/* Initialisers of <pthread.h>. */
enum { M_MUTEX = 0x32AAABA7, M_CONDITION = 0x3CB0B1BB, M_DETACHED = 2 };

struct mac_mutex {
    uint64_t signature;
    /* Zero at first, as Linux's is. */
    pthread_mutex_t host;
};
_Static_assert(sizeof(struct mac_mutex) <= 64, "as in sys/_pthread/_pthread_types.h");

struct mac_condition {
    uint64_t signature;
    /* Linux's is larger than what is left. */
    pthread_cond_t *host;
};

static pthread_mutex_t *mutex(struct mac_mutex *mutex) {
    if (mutex->signature != M_MUTEX)
        broken("a mutex isn't initialised");
    return &mutex->host;
}

/* Whoever calls this holds the mutex that belongs to the condition. */
static pthread_cond_t *condition(struct mac_condition *condition) {
    if (condition->signature != M_CONDITION)
        broken("a condition variable isn't initialised");
    if (!condition->host) {
        pthread_condattr_t attributes;
        condition->host = malloc(sizeof *condition->host);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(condition->host, &attributes);
    }
    return condition->host;
}

static int m_attr_init(struct mac_attributes *attributes) {
    *attributes = (struct mac_attributes){.signature = 0x54485244, .stack_bytes = 512 << 10};
    return 0;
}

static int m_attr_destroy(struct mac_attributes *attributes) {
    attributes->signature = 0;
    return 0;
}

static int m_attr_setdetachstate(struct mac_attributes *attributes, int state) {
    attributes->detached = state == M_DETACHED;
    return 0;
}

static int m_attr_setstacksize(struct mac_attributes *attributes, size_t bytes) {
    if (bytes < M_PAGE || bytes % M_PAGE)
        return 22;
    attributes->stack_bytes = bytes;
    return 0;
}

static int m_create(void **thread, struct mac_attributes *attributes, void *(*run)(void *), void *argument) {
    pthread_attr_t host;
    pthread_t created;
    if (attributes->signature != 0x54485244 || !attributes->detached)
        broken("pthread_create with other attributes");
    pthread_attr_init(&host);
    pthread_attr_setdetachstate(&host, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&host, attributes->stack_bytes);
    int error = pthread_create(&created, &host, run, argument);
    pthread_attr_destroy(&host);
    *thread = (void *)created;
    return error == EAGAIN ? 35 : error;
}

static int m_mutex_lock(struct mac_mutex *of) {
    return pthread_mutex_lock(mutex(of));
}

static int m_mutex_unlock(struct mac_mutex *of) {
    return pthread_mutex_unlock(mutex(of));
}

static int m_cond_wait(struct mac_condition *of, struct mac_mutex *with) {
    return pthread_cond_wait(condition(of), mutex(with));
}

static int m_cond_timedwait_relative(struct mac_condition *of, struct mac_mutex *with, const struct timespec *time) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += time->tv_sec;
    end.tv_nsec += time->tv_nsec;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    return pthread_cond_timedwait(condition(of), mutex(with), &end) ? 60 : 0;
}

static int m_cond_broadcast(struct mac_condition *of) {
    return pthread_cond_broadcast(condition(of));
}

void *mac_thread_function(const char *name) {
    static const struct function functions[] = {
        {"_pthread_attr_destroy", m_attr_destroy},
        {"_pthread_attr_init", m_attr_init},
        {"_pthread_attr_setdetachstate", m_attr_setdetachstate},
        {"_pthread_attr_setstacksize", m_attr_setstacksize},
        {"_pthread_cond_broadcast", m_cond_broadcast},
        {"_pthread_cond_timedwait_relative_np", m_cond_timedwait_relative},
        {"_pthread_cond_wait", m_cond_wait},
        {"_pthread_create", m_create},
        {"_pthread_mutex_lock", m_mutex_lock},
        {"_pthread_mutex_unlock", m_mutex_unlock},
    };
    return find(functions, sizeof functions / sizeof *functions, name);
}
