#include "cmd/version.h"

#include "capture/kvm.h"
#include "cmd/json.h"
#include "cmd/output.h"
#include "lib/text.h"

#include <curses.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* libelf tells its version only to those who compile. */
#if __has_include(<elfutils/version.h>)
#include <elfutils/version.h>
#endif

struct kvm {
    bool usable;
    int api;             /* version of the interface, where it is usable */
    struct dc_error why; /* where it is not */
};

static void probe_kvm(struct kvm *kvm) {
    int fd = cap_kvm_open("/dev/kvm", &kvm->why);
    kvm->usable = fd >= 0;
    kvm->api = kvm->usable ? ioctl(fd, KVM_GET_API_VERSION, 0) : 0;
    if (kvm->usable)
        close(fd);
}

static const char *libelf_version(char *text, size_t size) {
#ifdef _ELFUTILS_VERSION
    snprintf(text, size, "%d.%d", _ELFUTILS_VERSION / 1000, _ELFUTILS_VERSION % 1000);
    return text;
#else
    (void)text;
    (void)size;
    return "unknown";
#endif
}

/* "ncurses 6.4.20221231" without the name. */
static const char *ncurses_version(void) {
    const char *version = curses_version();
    const char *blank = strchr(version, ' ');
    return blank ? blank + 1 : version;
}

static int print_text(struct cmd_output *out, const struct cmd_common *common,
                      const struct kvm *kvm, const char *libelf) {
    struct dc_text t;
    dc_text_init(&t, out->sink, false, out->width);
    dc_text_put(&t, "dumpctl %s\njansson %s\nncurses %s\nlibelf %s\n", DUMPCTL_VERSION,
                jansson_version_str(), ncurses_version(), libelf);
    if (kvm->usable) {
        dc_text_put(&t, "KVM usable (API version %d)", kvm->api);
    } else {
        dc_text_put(&t, "KVM not usable: ");
        dc_text_add(&t, kvm->why.message, strlen(kvm->why.message));
    }
    dc_text_put(&t, "\n");
    return cmd_output_finish_text(out, common, &t, EXIT_DONE);
}

static int print_json(struct cmd_output *out, const struct cmd_common *common,
                      const struct kvm *kvm, const char *libelf) {
    json_t *object = json_object(), *usable = json_object();
    json_object_set_new(usable, "usable", json_boolean(kvm->usable));
    json_object_set_new(usable, "api_version",
                        kvm->usable ? json_integer(kvm->api) : json_null());
    json_object_set_new(usable, "reason",
                        cmd_json_string(kvm->usable ? NULL : kvm->why.message));
    json_object_set_new(object, "dumpctl", json_string(DUMPCTL_VERSION));
    json_object_set_new(object, "jansson", json_string(jansson_version_str()));
    json_object_set_new(object, "ncurses", json_string(ncurses_version()));
    json_object_set_new(object, "libelf", json_string(libelf));
    json_object_set_new(object, "kvm", usable);
    cmd_output_json(out, object, true);
    json_decref(object);
    return cmd_output_finish(out, common, EXIT_DONE);
}

int cmd_version(const struct cmd_common *common) {
    struct cmd_output out;
    struct kvm kvm = {.usable = false};
    char text[16];
    const char *libelf = libelf_version(text, sizeof(text));
    probe_kvm(&kvm);
    cmd_output_open(&out, common, false);
    return common->json ? print_json(&out, common, &kvm, libelf)
                        : print_text(&out, common, &kvm, libelf);
}
