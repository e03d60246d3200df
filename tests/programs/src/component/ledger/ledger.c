// A ledger: the interface `accounts` of ledger.wit, by the canonical ABI, with an allocator that counts.

typedef unsigned int u32;
typedef unsigned char u8;
typedef long long s64;

#define INTERFACE "test:ledger/accounts"
#define EXPORT(name) __attribute__((export_name(INTERFACE "#" name)))
#define POST_RETURN(name) __attribute__((export_name("cabi_post_" INTERFACE "#" name)))
#define IMPORT(name) __attribute__((import_module("[export]" INTERFACE), import_name(name)))

typedef struct { char *text; u32 length; } string;
typedef struct { string text; s64 amount; string *tags; u32 tag_count; } entry;
typedef struct { entry *entries; u32 count; } list;
typedef struct account {
    string owner;
    u8 currency, rights, closed;
    s64 balance;
    list history;
} account;

IMPORT("[resource-new]account") u32 account_new(account *);
IMPORT("[resource-rep]account") account *account_rep(u32);

enum { READ = 1, WRITE = 2 };

static u8 arena[1 << 20] __attribute__((aligned(16)));
static u32 used, allocations, accounts;

static void *allocate(u32 size) {
    if (size == 0) return (void *)8;
    u32 start = (used + 7) & ~7u;
    if (start + size > sizeof arena) __builtin_trap();
    used = start + size;
    allocations++;
    return arena + start;
}

static void release(void *pointer, u32 size) {
    (void)pointer;
    if (size) allocations--;
}

__attribute__((export_name("cabi_realloc")))
void *cabi_realloc(void *old, u32 old_size, u32 alignment, u32 size) {
    if (alignment > 8) __builtin_trap();
    u8 *made = allocate(size);
    u32 kept = old_size < size ? old_size : size;
    for (u32 i = 0; i < kept; i++) made[i] = ((u8 *)old)[i];
    release(old, old_size);
    return made;
}

static string copy(string text) {
    string made = {allocate(text.length), text.length};
    for (u32 i = 0; i < text.length; i++) made.text[i] = text.text[i];
    return made;
}

static entry copy_entry(const entry *from) {
    entry made = {copy(from->text), from->amount, allocate(from->tag_count * sizeof(string)), from->tag_count};
    for (u32 i = 0; i < from->tag_count; i++) made.tags[i] = copy(from->tags[i]);
    return made;
}

static void release_list(list list) {
    for (u32 i = 0; i < list.count; i++) {
        entry *entry = &list.entries[i];
        for (u32 t = 0; t < entry->tag_count; t++) release(entry->tags[t].text, entry->tags[t].length);
        release(entry->tags, entry->tag_count * sizeof(string));
        release(entry->text.text, entry->text.length);
    }
    release(list.entries, list.count * sizeof(entry));
}

/// Appends copies of all entries, or none of them.
static void append(account *account, list more) {
    u32 count = account->history.count;
    entry *entries = allocate((count + more.count) * sizeof(entry));
    for (u32 i = 0; i < count; i++) entries[i] = account->history.entries[i];
    for (u32 i = 0; i < more.count; i++) entries[count + i] = copy_entry(&more.entries[i]);
    release(account->history.entries, count * sizeof(entry));
    account->history = (list){entries, count + more.count};
}

EXPORT("[constructor]account")
u32 create(char *owner, u32 length, u32 currency, u32 rights) {
    account *made = allocate(sizeof(account));
    *made = (account){{owner, length}, (u8)currency, (u8)rights, 0, 0, {(entry *)8, 0}};
    accounts++;
    return account_new(made);
}

EXPORT("[dtor]account")
void destroy(account *account) {
    release_list(account->history);
    release(account->owner.text, account->owner.length);
    release(account, sizeof *account);
    accounts--;
}

static struct { u8 which; union { s64 balance; string reason; }; } outcome;

EXPORT("[method]account.post")
void *post(account *account, entry *entries, u32 count) {
    static char read_only[] = "the account can't be written to", negative[] = "not enough money";
    list given = {entries, count};
    s64 balance = account->balance;
    for (u32 i = 0; i < count; i++) balance += entries[i].amount;
    if (account->closed) {
        outcome.which = 2;
    } else if (!(account->rights & WRITE)) {
        outcome.which = 1;
        outcome.reason = (string){read_only, sizeof read_only - 1};
    } else if (balance < 0) {
        outcome.which = 1;
        outcome.reason = (string){negative, sizeof negative - 1};
    } else {
        append(account, given);
        account->balance = balance;
        outcome.which = 0;
        outcome.balance = balance;
    }
    release_list(given);
    return &outcome;
}

static list copied;

EXPORT("[method]account.history")
list *history(account *account) {
    u32 count = account->history.count;
    copied = (list){allocate(count * sizeof(entry)), count};
    for (u32 i = 0; i < count; i++) copied.entries[i] = copy_entry(&account->history.entries[i]);
    return &copied;
}

POST_RETURN("[method]account.history")
void history_done(list *result) { release_list(*result); }

static struct { string owner; u8 currency, rights; struct { u8 some; s64 value; } balance; } description;

EXPORT("[method]account.describe")
void *describe(account *account) {
    description.owner = account->owner;
    description.currency = account->currency;
    description.rights = account->rights;
    description.balance.some = !account->closed && (account->rights & READ);
    description.balance.value = account->balance;
    return &description;
}

static struct { u8 failed; union { u32 account; string reason; }; } merged;

EXPORT("[static]account.merge")
void *merge(u32 source, account *into) {
    static char reason[] = "other currencies: ";
    account *from = account_rep(source);
    merged.failed = from->currency != into->currency;
    if (merged.failed) {
        // The reason is allocated, and the caller has lost the account: it is destroyed by the table's drop.
        string text = {allocate(sizeof reason + 1), sizeof reason + 1};
        for (u32 i = 0; i < sizeof reason - 1; i++) text.text[i] = reason[i];
        text.text[sizeof reason - 1] = (char)('0' + from->currency);
        text.text[sizeof reason] = (char)('0' + into->currency);
        merged.reason = text;
        IMPORT("[resource-drop]account") void account_drop(u32);
        account_drop(source);
        return &merged;
    }
    append(into, from->history);
    into->balance += from->balance;
    from->balance = 0;
    from->closed = 1;
    merged.account = source;
    return &merged;
}

POST_RETURN("[static]account.merge")
void merge_done(void *result) {
    (void)result;
    if (merged.failed) release(merged.reason.text, merged.reason.length);
}

static struct { u32 accounts, allocations; } counts;

EXPORT("live")
void *live(void) {
    counts.accounts = accounts;
    counts.allocations = allocations;
    return &counts;
}
