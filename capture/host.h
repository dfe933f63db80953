/*
 * host: what capture needs of, and says about, the machine that dumpctl runs on.
 */
#ifndef DUMPCTL_CAPTURE_HOST_H
#define DUMPCTL_CAPTURE_HOST_H

#include <stdint.h>

#include "lib/error.h"

/*
 * Makes sure that `more` descriptors can be opened beside those that are open: raises the
 * soft limit of this process as far as needed, and the hard one where that is permitted.
 * DC_ECANNOT, with the remedy, if it cannot be done.
 */
int cap_host_reserve_files(uint32_t more, struct dc_error *err);

/* "kvm_intel", "kvm_amd", "kvm_pvm", or NULL where no module tells. */
const char *cap_host_kvm_backend(void);

#endif
