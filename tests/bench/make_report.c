/*
 * make_report: writes a single report of about so many MiB to stdout, such as a large guest
 * gives: 512 CPUs, 4096 tasks, hash maps in random order, and arena pages, which fill what
 * is left. The same numbers give the same bytes; another SEED gives other values.
 * Usage: make_report MIB [SEED]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { CPUS = 512, TASKS = 4096, ENTRIES = 20000, SAMPLES = 5000, PAGE = 4096 };

static uint64_t written;

static uint64_t state = 88172645463325252;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

#define PUT(...) (written += (uint64_t)printf(__VA_ARGS__))

static void put_registers(void) {
    PUT("\"vcpu_regs\":[");
    for (int i = 0; i < CPUS; i++)
        PUT("%s{\"instruction_pointer\":%" PRIu64 ",\"stack_pointer\":%" PRIu64
            ",\"page_table_root\":4372750336}",
            i ? "," : "", 0xffffffff81a3c2f0 + next_random() % 4,
            0xffffc90000003e58 + (uint64_t)i * 16384);
    PUT("],");
}

static void put_struct(const char *type, int members) {
    PUT("{\"kind\":\"struct\",\"type_name\":\"%s\",\"members\":[", type);
    for (int i = 0; i < members; i++)
        PUT("%s{\"name\":\"member_%d\",\"value\":{\"kind\":\"uint\",\"bits\":64,"
            "\"value\":%" PRIu64 "}}",
            i ? "," : "", i, i % 3 ? next_random() % 1000 : 0);
    PUT("]}");
}

static void put_hash(int map) {
    PUT("{\"name\":\"hash_%d\",\"map_type\":1,\"value_size\":64,\"max_entries\":%d,"
        "\"entries\":[",
        map, ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
        PUT("%s{\"key\":", i ? "," : "");
        put_struct("key", 2);
        PUT(",\"key_hex\":\"00 01 02 03\",\"value\":");
        put_struct("value", 4);
        PUT(",\"value_hex\":\"00 01 02 03 04 05 06 07\"}");
    }
    PUT("]},");
}

static void put_percpu(void) {
    PUT("{\"name\":\"cpu_ctx\",\"map_type\":6,\"value_size\":64,\"max_entries\":1,"
        "\"percpu_entries\":[{\"key\":0,\"per_cpu\":[");
    for (int i = 0; i < CPUS; i++) {
        PUT("%s", i ? "," : "");
        put_struct("cpu_ctx", 8);
    }
    PUT("]}]},");
}

static void put_arena(uint64_t size) {
    PUT("{\"name\":\"arena\",\"map_type\":33,\"value_size\":0,\"max_entries\":1048576,"
        "\"arena\":{\"pages\":[");
    for (uint64_t page = 0; page == 0 || written < size; page++) {
        PUT("%s{\"user_addr\":%" PRIu64 ",\"bytes\":[", page ? "," : "",
            0x100000000000 + page * PAGE);
        for (int i = 0; i < PAGE; i++)
            PUT("%s%u", i ? "," : "", (unsigned)(next_random() % 256));
        PUT("]}");
    }
    PUT("],\"declared_pages\":1048576,\"kern_vm_start\":1,\"user_vm_start\":1}}");
}

static void put_tasks(void) {
    PUT("\"task_enrichments\":[");
    for (int i = 0; i < TASKS; i++)
        PUT("%s{\"pid\":%d,\"tgid\":%d,\"comm\":\"stress-ng-cpu\",\"weight\":100,"
            "\"prio\":120,\"static_prio\":120,\"normal_prio\":120,\"rt_priority\":0,"
            "\"sched_class\":\"ext\",\"pi_boosted_out_of_scx\":false,\"nvcsw\":%" PRIu64
            ",\"nivcsw\":%" PRIu64 "}",
            i ? "," : "", i + 1, i + 1, next_random() % 10000, next_random() % 10000);
    PUT("],");
}

static void put_queues(void) {
    PUT("\"rq_scx_states\":[");
    for (int i = 0; i < CPUS; i++)
        PUT("%s{\"cpu\":%d,\"nr_running\":%" PRIu64 ",\"flags\":1,\"cpu_released\":false,"
            "\"ops_qseq\":%d,\"runnable_task_kvas\":[18446612686445215744]}",
            i ? "," : "", i, next_random() % 20, i);
    PUT("]");
}

static void put_samples(void) {
    PUT("\"event_counter_timeline\":[");
    for (int i = 0; i < SAMPLES; i++)
        PUT("%s{\"elapsed_ms\":%d,\"select_cpu_fallback\":%d,"
            "\"dispatch_local_dsq_offline\":0,\"dispatch_keep_last\":%d,"
            "\"enq_skip_exiting\":0,\"enq_skip_migration_disabled\":0,\"reenq_immed\":0,"
            "\"reenq_local_repeat\":0,\"refill_slice_dfl\":%d,\"bypass_duration\":%d,"
            "\"bypass_dispatch\":0,\"bypass_activate\":0,\"insert_not_owned\":0,"
            "\"sub_bypass_dispatch\":0}",
            i ? "," : "", i * 100, i / 3, i * 7, i % 37 * i % 1000, i * 10000);
    PUT("],");
}

int main(int argc, char **argv) {
    uint64_t size = argc > 1 ? strtoull(argv[1], NULL, 10) << 20 : 0;
    state += argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    PUT("{\"schema\":\"single\",");
    put_registers();
    put_tasks();
    put_samples();
    PUT("\"maps\":[");
    put_hash(0);
    put_hash(1);
    put_percpu();
    put_arena(size);
    PUT("],");
    put_queues();
    PUT("}");
    return ferror(stdout) ? 1 : 0;
}
