// Adds up a ledger: reads lines of `DATE,ACCOUNT,AMOUNT` from a file, prints the balance of every
// account and writes them to a second file. It can only reach the directory that it is granted.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 100

struct account {
    char name[32];
    long long cents;
    int entries;
};

static struct account accounts[MOST];
static int account_count;

static struct account *find(const char *name) {
    for (int i = 0; i < account_count; i++)
        if (!strcmp(accounts[i].name, name)) return &accounts[i];
    if (account_count == MOST) return NULL;
    struct account *account = &accounts[account_count++];
    snprintf(account->name, sizeof account->name, "%s", name);
    return account;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct account *)a)->name, ((const struct account *)b)->name);
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: ledger INPUT.csv OUTPUT.txt\n");
        return 2;
    }
    FILE *input = fopen(argv[1], "r");
    if (!input) {
        fprintf(stderr, "ledger: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    char line[200], date[16], name[32];
    double amount;
    for (int number = 1; fgets(line, sizeof line, input); number++) {
        if (sscanf(line, "%15[^,],%31[^,],%lf", date, name, &amount) != 3) {
            fprintf(stderr, "ledger: line %d is not DATE,ACCOUNT,AMOUNT\n", number);
            continue;
        }
        struct account *account = find(name);
        if (!account) {
            fprintf(stderr, "ledger: more than %d accounts\n", MOST);
            return 1;
        }
        account->cents += (long long)(amount * 100 + (amount < 0 ? -0.5 : 0.5));
        account->entries++;
    }
    fclose(input);

    qsort(accounts, account_count, sizeof *accounts, by_name);
    FILE *output = fopen(argv[2], "w");
    if (!output) {
        fprintf(stderr, "ledger: %s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    for (int i = 0; i < account_count; i++) {
        printf("%-20s %10.2f  (%d)\n", accounts[i].name, accounts[i].cents / 100.0, accounts[i].entries);
        fprintf(output, "%s %lld\n", accounts[i].name, accounts[i].cents);
    }
    return fclose(output) ? 1 : 0;
}
