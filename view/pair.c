#include "view/pair.h"

#include <string.h>

bool view_pair_is_there(const struct view_pair *pair) {
    return pair->sides[0] && pair->sides[1];
}

bool view_pair_changed(const struct view_pair *pair, size_t id) {
    return id < pair->count && pair->changed[id];
}

bool view_pair_vcpu(const struct view_pair *pair, int side, size_t id,
                    struct dc_vcpu *vcpu) {
    if (id >= pair->sides[side]->vcpus)
        return false;
    *vcpu = dc_snapshot_vcpu(pair->sides[side], id);
    return true;
}

static bool differs(const struct dc_vcpu *a, const struct dc_vcpu *b) {
    return a->state != b->state || !a->regs != !b->regs ||
           dc_u64(a->regs, DC_AT_VCPU_REGS_instruction_pointer) !=
               dc_u64(b->regs, DC_AT_VCPU_REGS_instruction_pointer);
}

/* A vCPU that one side does not have at all has changed. */
static void compare(struct view_pair *pair) {
    struct dc_vcpu_walk a = dc_vcpu_walk(pair->sides[0]),
                        b = dc_vcpu_walk(pair->sides[1]);
    memset(pair->changed, 1, pair->count);
    for (size_t id = 0; dc_vcpu_next(&a) && dc_vcpu_next(&b); id++)
        pair->changed[id] = differs(&a.vcpu, &b.vcpu);
    for (size_t id = 0; id < pair->count; id++)
        pair->n_changed += pair->changed[id];
}

int view_pair_init(struct view_pair *pair, const struct dc_model *base,
                   const struct dc_model *model, struct dc_alloc alloc,
                   struct dc_error *err) {
    *pair = (struct view_pair){.alloc = alloc, .names = {"A", "B"}};
    if (base) {
        pair->models[0] = base;
        pair->models[1] = model;
        pair->sides[0] = dc_model_main(base);
        pair->sides[1] = dc_model_main(model);
    } else if (model->n_snapshots == 2) {
        for (int side = 0; side < 2; side++) {
            pair->models[side] = model;
            pair->sides[side] = &model->snapshots[side];
            pair->names[side] = dc_phase_name(model->snapshots[side].phase);
        }
    }
    if (!view_pair_is_there(pair))
        return 0;
    size_t a = pair->sides[0]->vcpus, b = pair->sides[1]->vcpus;
    pair->count = a > b ? a : b;
    if (pair->count == 0)
        return 0;
    pair->changed = alloc.resize(alloc.ctx, NULL, pair->count);
    if (pair->changed) {
        compare(pair);
        return 0;
    }
    *pair = (struct view_pair){.alloc = alloc};
    return dc_fail(err, DC_ENOMEM, "out of memory for comparing the vCPUs");
}

void view_pair_done(struct view_pair *pair) {
    if (pair->changed)
        pair->alloc.resize(pair->alloc.ctx, pair->changed, 0);
    *pair = (struct view_pair){.alloc = pair->alloc};
}
