#include "capture/image.h"

#include <stdlib.h>

#include "capture/core.h"

static struct cap_core_vcpu *list_vcpus(const struct cap_result *result) {
    struct cap_core_vcpu *vcpus = calloc(result->vcpu_count, sizeof(*vcpus));
    for (uint32_t i = 0; vcpus && i < result->vcpu_count; i++) {
        const struct cap_vcpu_result *vcpu = &result->vcpus[i];
        vcpus[i] = (struct cap_core_vcpu){
            .id = vcpu->id,
            .parked = vcpu->state != CAP_NOT_PARKED,
            .registers = vcpu->state == CAP_PARKED ? &vcpu->registers : NULL,
        };
    }
    return vcpus;
}

enum cap_image cap_image_write(int fd, struct cap_source *source,
                               const atomic_int *cancel, const struct cap_result *result,
                               struct dc_error *err) {
    struct cap_core_vcpu *vcpus = list_vcpus(result);
    struct cap_core core = {
        .source = source,
        .root = source->ops->page_table(source),
        .vcpus = vcpus,
        .count = result->vcpu_count,
        .guest = result->guest,
        .cancel = cancel,
    };
    int rc = vcpus
                 ? cap_core_write(fd, &core, err)
                 : dc_fail(err, DC_ENOMEM, "no memory for the vCPUs of the memory image");
    free(vcpus);
    return rc == 0 ? CAP_IMAGE_WRITTEN : CAP_IMAGE_FAILED;
}
