#include "cmd/nearest.h"

#include <string.h>

enum { LONGEST = 31, FARTHEST = 2 };

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* Optimal string alignment: one matrix of all prefixes. */
unsigned cmd_distance(const char *a, const char *b) {
    unsigned cost[LONGEST + 1][LONGEST + 1];
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > LONGEST || columns > LONGEST)
        return (unsigned)(rows > columns ? rows : columns);
    for (unsigned i = 0; i <= rows; i++) {
        for (unsigned j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            unsigned other = a[i - 1] != b[j - 1];
            cost[i][j] = least(cost[i - 1][j - 1] + other,
                               least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    }
    return cost[rows][columns];
}

const char *cmd_nearest(const char *word, const char *const *words, size_t count) {
    const char *best = NULL;
    unsigned best_distance = FARTHEST + 1;
    for (size_t i = 0; i < count; i++) {
        unsigned distance = cmd_distance(word, words[i]);
        if (distance < best_distance && distance < strlen(word)) {
            best = words[i];
            best_distance = distance;
        }
    }
    return best;
}
