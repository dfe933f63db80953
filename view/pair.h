/*
 * pair: two snapshots to be looked at side by side: the halves of a dual report, or two
 * reports (--diff).
 */
#ifndef DUMPCTL_VIEW_PAIR_H
#define DUMPCTL_VIEW_PAIR_H

#include "lib/model.h"

/* Which of them is on the screen. */
enum view_side { VIEW_SECOND, VIEW_FIRST_SIDE, VIEW_BOTH, VIEW_N_SIDES };

struct view_pair {
    struct dc_alloc alloc;
    const struct dc_model *models[2];   /* the same one for the halves of a report */
    const struct dc_snapshot *sides[2]; /* NULL: there is no pair */
    const char *names[2];               /* "early", "late"; "A", "B" */
    unsigned char *changed;             /* for each vCPU of the longer one; NULL: none */
    size_t count, n_changed;
};

/* `base` NULL: the halves of `model`, where it has two. 0, or -1 with `err` set where
   memory ran out: then there is no pair. */
int view_pair_init(struct view_pair *pair, const struct dc_model *base,
                   const struct dc_model *model, struct dc_alloc alloc,
                   struct dc_error *err) DC_MUST_USE;
void view_pair_done(struct view_pair *pair);

bool view_pair_is_there(const struct view_pair *pair);

/* Whether vCPU `id` has another state or another instruction pointer on either side. */
bool view_pair_changed(const struct view_pair *pair, size_t id);

/* vCPU `id` of one side. false: that side does not have it. */
bool view_pair_vcpu(const struct view_pair *pair, int side, size_t id,
                    struct dc_vcpu *vcpu);

#endif
