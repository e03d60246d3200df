// A command that keeps accounts in a ledger, which is another component: see ledger.wit.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNTS(name) __attribute__((import_module("test:ledger/accounts"), import_name(name)))
#define LETTERS(name) __attribute__((import_module("test:ledger/letters"), import_name(name)))

typedef struct { const char *text; uint32_t length; } string;
typedef struct { string text; int64_t amount; const string *tags; uint32_t tag_count; } entry;
typedef struct { uint8_t which; union { int64_t balance; string reason; }; } outcome;
typedef struct {
    string owner;
    uint8_t currency, rights;
    struct { uint8_t some; int64_t value; } balance;
} description;
typedef struct { uint8_t failed; union { uint32_t account; string reason; }; } merged;

ACCOUNTS("[constructor]account") uint32_t account_new(const char *, uint32_t, uint32_t currency, uint32_t rights);
ACCOUNTS("[method]account.post") void account_post(uint32_t, const entry *, uint32_t, outcome *);
ACCOUNTS("[method]account.history") void account_history(uint32_t, struct { entry *entries; uint32_t count; } *);
ACCOUNTS("[method]account.describe") void account_describe(uint32_t, description *);
ACCOUNTS("[static]account.merge") void account_merge(uint32_t source, uint32_t into, merged *);
ACCOUNTS("[resource-drop]account") void account_drop(uint32_t);
ACCOUNTS("live") void accounts_live(uint32_t counts[2]);
LETTERS("capitals") void letters_capitals(const char *, uint32_t, string *);
LETTERS("next") void letters_next(uint32_t, struct { uint8_t some; uint32_t letter; } *);

#define STRING(literal) {literal, sizeof literal - 1}

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
    (void)old_size;
    if (size == 0) return (void *)alignment;
    void *made = realloc(old, size);
    if (!made) abort();
    return made;
}

static void show_live(const char *when) {
    uint32_t counts[2];
    accounts_live(counts);
    printf("%s: %u accounts, %u allocations\n", when, counts[0], counts[1]);
}

static void post(uint32_t account, const entry *entries, uint32_t count) {
    outcome outcome;
    account_post(account, entries, count, &outcome);
    switch (outcome.which) {
        case 0: printf("balance %lld\n", (long long)outcome.balance); break;
        case 1: printf("refused: %.*s\n", (int)outcome.reason.length, outcome.reason.text); break;
        case 2: printf("closed\n"); break;
        default: abort();
    }
}

static void show(uint32_t account) {
    description description;
    account_describe(account, &description);
    printf("%.*s, currency %u, rights %u, ", (int)description.owner.length, description.owner.text,
           description.currency, description.rights);
    if (description.balance.some) printf("%lld\n", (long long)description.balance.value);
    else printf("no balance\n");
    struct { entry *entries; uint32_t count; } history;
    account_history(account, (void *)&history);
    for (uint32_t i = 0; i < history.count; i++) {
        entry *entry = &history.entries[i];
        printf("  %lld %.*s", (long long)entry->amount, (int)entry->text.length, entry->text.text);
        for (uint32_t tag = 0; tag < entry->tag_count; tag++)
            printf(" #%.*s", (int)entry->tags[tag].length, entry->tags[tag].text);
        printf("\n");
    }
}

static void capitals(const char *text) {
    string made;
    letters_capitals(text, strlen(text), &made);
    printf("%.*s (%u)\n", (int)made.length, made.text, made.length);
}

static void next(uint32_t letter) {
    struct { uint8_t some; uint32_t letter; } found;
    letters_next(letter, (void *)&found);
    if (found.some) printf("U+%04X, then U+%04X\n", letter, found.letter);
    else printf("U+%04X is the last\n", letter);
}

int main(void) {
    const string tags[] = {STRING("büro"), STRING(""), STRING("日本")};
    const entry entries[] = {
        {STRING("opening"), 5000000000, tags, 3},
        {STRING("café"), -450, tags + 2, 1},
        {STRING(""), 0, NULL, 0},
    };
    show_live("at first");
    uint32_t ann = account_new("Ann", 3, 0, 7), bob = account_new("Böb 😀", 9, 0, 3), eve = account_new("", 0, 2, 1);
    post(ann, entries, 3);
    post(bob, entries + 1, 1);
    post(bob, entries, 1);
    post(eve, entries, 3);
    post(ann, NULL, 0);
    show(ann);
    show(bob);
    show(eve);
    show_live("with three");
    merged merged;
    account_merge(bob, ann, &merged);
    if (merged.failed) abort();
    bob = merged.account;
    show(ann);
    show(bob);
    post(bob, entries, 1);
    account_merge(eve, ann, &merged);
    if (!merged.failed) abort();
    printf("not merged: %.*s\n", (int)merged.reason.length, merged.reason.text);
    show_live("with two");
    entry *many = calloc(20000, sizeof *many);
    for (int i = 0; i < 2000; i++) many[i] = (entry){STRING("one of many"), i, tags, i % 4};
    post(ann, many, 2000);
    account_drop(ann);
    account_drop(bob);
    show_live("at last");
    capitals("straße, naïve 😀 z{`");
    capitals("");
    next('a');
    next(0xd7ff);
    next(0x10ffff);
    return 0;
}
