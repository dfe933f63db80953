/*
 * tables: the rows of the wire format, spec wire-format sections 2 to 7.
 *
 * A row is X(TYPE, name, KIND, SHAPE, RULE, UNIT, SUB, meaning), in the order in which the
 * reference writes the members; the words are those of lib/schema.h without their prefix,
 * SUB is the type of a record or NONE.
 */
#ifndef DUMPCTL_LIB_TABLES_H
#define DUMPCTL_LIB_TABLES_H

/* A table reads best with a row on a line. */
/* clang-format off */

/* id, name, tag value where it is a choice, members that identify it in a list, meaning */
#define DC_TYPES(T) \
    T(SINGLE, "FailureDumpReport", "single", NULL, "one full snapshot of a frozen guest") \
    T(DUAL, "DualFailureDumpReport", "dual", NULL, "an early and a late snapshot of one run") \
    T(DEGRADED, "DegradedFailureDumpReport", "degraded", NULL, "what is known when not every vCPU parked") \
    T(DEBUG_CAPTURE, "DebugCapture", "ktstr.debug_capture/v1", NULL, "a recording of a run, which may hold a failure dump") \
    T(CTPROF_SAMPLE, "CtprofSample", NULL, "captured_ns", "one profile of a debug capture") \
    T(VCPU_REGS, "VcpuRegs", NULL, NULL, "registers of one vCPU") \
    T(MAP, "Map", NULL, "name", "one BPF map of the scheduler") \
    T(ENTRY, "Entry", NULL, "key_hex", "one entry of a hash or storage map") \
    T(ARRAY_ENTRY, "ArrayEntry", NULL, "key", "one element of an array map") \
    T(PERCPU_ENTRY, "PercpuEntry", NULL, "key", "one element of a per-CPU array map") \
    T(PERCPU_HASH_ENTRY, "PercpuHashEntry", NULL, "key_hex", "one entry of a per-CPU hash map") \
    T(ARENA, "Arena", NULL, NULL, "pages of an arena map") \
    T(ARENA_PAGE, "ArenaPage", NULL, "user_addr", "one mapped page of an arena") \
    T(RINGBUF, "Ringbuf", NULL, NULL, "positions of a ring buffer") \
    T(STACK_TRACE, "StackTrace", NULL, NULL, "contents of a stack-trace map") \
    T(STACK_ENTRY, "StackEntry", NULL, "bucket_id", "one stack of a stack-trace map") \
    T(FD_ARRAY, "FdArray", NULL, NULL, "which slots of a map of descriptors are in use") \
    T(SDT_ALLOCATOR, "SdtAllocator", NULL, "allocator_name", "live objects of one arena allocator") \
    T(SDT_ENTRY, "SdtAllocEntry", NULL, "idx", "one object of an arena allocator") \
    T(SCX_STATIC, "ScxStatic", NULL, NULL, "regions of the bump allocator") \
    T(SCX_STATIC_RANGE, "ScxStaticRange", NULL, "instance_name", "one region of the bump allocator") \
    T(PROG_STATS, "ProgRuntimeStats", NULL, "name", "run time of one struct_ops program, summed over CPUs") \
    T(CPU_TIME, "PerCpuTime", NULL, "cpu", "where one CPU spent its time since boot") \
    T(CGROUP_PSI, "CgroupPsi", NULL, "serial_nr cgroup_kva", "interrupt pressure of one leaf cgroup") \
    T(NUMA_NODE, "NumaNode", NULL, "node", "allocation counters of one NUMA node") \
    T(TASK, "Task", NULL, "pid comm", "one task of the scheduler") \
    T(EVENT_SAMPLE, "EventSample", NULL, "elapsed_ms", "scheduler event counters at one moment, running totals") \
    T(RQ_SCX, "RqScx", NULL, "cpu", "sched_ext part of one CPU's run queue") \
    T(DSQ, "Dsq", NULL, "origin id", "one dispatch queue") \
    T(SCX_SCHED, "ScxSched", NULL, NULL, "the scheduler's own state") \
    T(VCPU_PERF, "VcpuPerf", NULL, NULL, "hardware counters of one vCPU") \
    T(PROBE_COUNTERS, "ProbeCounters", NULL, NULL, "the probe program's own counters") \
    T(MEMBER, "Member", NULL, "name", "one member of a rendered struct") \
    T(RV_INT, "int", "int", NULL, "a signed integer") \
    T(RV_UINT, "uint", "uint", NULL, "an unsigned integer") \
    T(RV_BOOL, "bool", "bool", NULL, "a truth value") \
    T(RV_CHAR, "char", "char", NULL, "one byte of text, as a number") \
    T(RV_FLOAT, "float", "float", NULL, "a floating-point number") \
    T(RV_ENUM, "enum", "enum", NULL, "an enumerator") \
    T(RV_STRUCT, "struct", "struct", NULL, "a struct, a union or a data section") \
    T(RV_ARRAY, "array", "array", NULL, "an array; elements may be fewer than len") \
    T(RV_CPU_LIST, "cpu_list", "cpu_list", NULL, "a set of CPUs") \
    T(RV_PTR, "ptr", "ptr", NULL, "a pointer, followed where that was possible") \
    T(RV_BYTES, "bytes", "bytes", NULL, "bytes without type information") \
    T(RV_TRUNCATED, "truncated", "truncated", NULL, "a value whose bytes ended early") \
    T(RV_UNSUPPORTED, "unsupported", "unsupported", NULL, "a value that could not be rendered") \
    T(MISSING_STATS, "MissingStats", "MissingStats", NULL, "a sample without statistics") \
    T(NO_SCHEDULER_BINARY, "NoSchedulerBinary", "NoSchedulerBinary", NULL, "the run has no scheduler to ask") \
    T(NO_SCHEDULER, "NoScheduler", "NoScheduler", NULL, "nobody answered the request for statistics, or not in their form") \
    T(DURING_FREEZE, "DuringFreeze", "DuringFreeze", NULL, "the request was cut off by a freeze") \
    T(CANCELLED, "Cancelled", "Cancelled", NULL, "the request was cut off by the end of the run") \
    T(SCHEDULER_ERROR, "SchedulerError", "SchedulerError", NULL, "the scheduler answered with an error") \
    T(MISSING_RESP, "MissingResp", "MissingResp", NULL, "the scheduler's answer holds no statistics") \
    T(REQUEST_TOO_LARGE, "RequestTooLarge", "RequestTooLarge", NULL, "the request is over the cap") \
    T(RESPONSE_TOO_LARGE, "ResponseTooLarge", "ResponseTooLarge", NULL, "the answer is over the cap") \
    T(MUTEX_POISONED, "MutexPoisoned", "MutexPoisoned", NULL, "the client's lock was poisoned")

#define DC_SINGLE_FIELDS(X) \
    X(SINGLE, schema, STRING, ONE, TAG, PLAIN, NONE, "the variant of the report") \
    X(SINGLE, maps, RECORD, LIST, REQUIRED, PLAIN, MAP, "the scheduler's BPF maps, in kernel id order") \
    X(SINGLE, vcpu_regs, RECORD, HOLES, DEFAULTED, PLAIN, VCPU_REGS, "registers by vCPU id, 0 is the BSP; null: not obtained") \
    X(SINGLE, active_obj_name, STRING, ONE, OPTIONAL, PLAIN, NONE, "BPF object name prefix of the attached scheduler") \
    X(SINGLE, active_map_kvas, U64, LIST, DEFAULTED, ADDRESS, NONE, "addresses of the maps that the active program uses; comparable inside one run only") \
    X(SINGLE, sdt_allocations, RECORD, LIST, DEFAULTED, PLAIN, SDT_ALLOCATOR, "live objects of the arena allocators") \
    X(SINGLE, scx_static_ranges, RECORD, ONE, DEFAULTED, PLAIN, SCX_STATIC, "regions of the bump allocator") \
    X(SINGLE, sdt_alloc_unavailable, STRING, ONE, OPTIONAL, PLAIN, NONE, "why sdt_allocations is empty") \
    X(SINGLE, prog_runtime_stats, RECORD, LIST, DEFAULTED, PLAIN, PROG_STATS, "run time of the struct_ops programs") \
    X(SINGLE, prog_runtime_stats_unavailable, STRING, ONE, OPTIONAL, PLAIN, NONE, "why prog_runtime_stats is empty") \
    X(SINGLE, per_cpu_time, RECORD, LIST, DEFAULTED, PLAIN, CPU_TIME, "CPU time, softirq and irq counters") \
    X(SINGLE, cgroup_psi, RECORD, LIST, DEFAULTED, PLAIN, CGROUP_PSI, "interrupt pressure of the workload's leaf cgroups") \
    X(SINGLE, per_node_numa, RECORD, LIST, DEFAULTED, PLAIN, NUMA_NODE, "NUMA allocation counters") \
    X(SINGLE, per_node_numa_unavailable, STRING, ONE, OPTIONAL, PLAIN, NONE, "why per_node_numa is empty") \
    X(SINGLE, task_enrichments, RECORD, LIST, DEFAULTED, PLAIN, TASK, "tasks, at most 4096") \
    X(SINGLE, task_enrichments_unavailable, STRING, ONE, OPTIONAL, PLAIN, NONE, "why task_enrichments is empty") \
    X(SINGLE, event_counter_timeline, RECORD, LIST, DEFAULTED, PLAIN, EVENT_SAMPLE, "scheduler event counters over time") \
    X(SINGLE, rq_scx_states, RECORD, LIST, DEFAULTED, PLAIN, RQ_SCX, "run queues") \
    X(SINGLE, dsq_states, RECORD, LIST, DEFAULTED, PLAIN, DSQ, "dispatch queues") \
    X(SINGLE, scx_sched_state, RECORD, ONE, OPTIONAL, PLAIN, SCX_SCHED, "the scheduler's own state") \
    X(SINGLE, scx_walker_unavailable, STRING, ONE, OPTIONAL, PLAIN, NONE, "why scheduler state is missing or partial") \
    X(SINGLE, vcpu_perf_at_freeze, RECORD, HOLES, DEFAULTED, PLAIN, VCPU_PERF, "hardware counters by vCPU id; null: read failed") \
    X(SINGLE, dump_truncated_at_us, U64, ONE, OPTIONAL, US, NONE, "time into the dump at which its soft deadline was seen crossed") \
    X(SINGLE, maps_truncated, U32, ONE, DEFAULTED, COUNT, NONE, "maps skipped because of that deadline") \
    X(SINGLE, probe_counters, RECORD, ONE, OPTIONAL, PLAIN, PROBE_COUNTERS, "the probe program's own counters") \
    X(SINGLE, is_placeholder, BOOL, ONE, DEFAULTED, PLAIN, NONE, "the capture produced nothing") \
    X(SINGLE, dumpctl, RECORD, ONE, LAST, PLAIN, DUMPCTL, "what dumpctl capture adds")

#define DC_DUAL_FIELDS(X) \
    X(DUAL, schema, STRING, ONE, TAG, PLAIN, NONE, "the variant of the report") \
    X(DUAL, early, RECORD, ONE, OPTIONAL, PLAIN, SINGLE, "snapshot when a task had been runnable for half the watchdog time") \
    X(DUAL, late, RECORD, ONE, REQUIRED, PLAIN, SINGLE, "snapshot at the error exit") \
    X(DUAL, early_max_age_jiffies, U64, ONE, DEFAULTED, JIFFIES, NONE, "worst runnable age seen when early was taken") \
    X(DUAL, early_threshold_jiffies, U64, ONE, DEFAULTED, JIFFIES, NONE, "half the watchdog timeout") \
    X(DUAL, early_skipped_reason, STRING, ONE, OPTIONAL, PLAIN, NONE, "why there is no early") \
    X(DUAL, dumpctl, RECORD, ONE, LAST, PLAIN, DUMPCTL, "what dumpctl capture adds")

#define DC_DEGRADED_FIELDS(X) \
    X(DEGRADED, schema, STRING, ONE, TAG, PLAIN, NONE, "the variant of the report") \
    X(DEGRADED, reason, STRING, ONE, REQUIRED, PLAIN, NONE, "a fixed prefix, then details") \
    X(DEGRADED, vcpu_regs, RECORD, HOLES, DEFAULTED, PLAIN, VCPU_REGS, "registers by vCPU id, 0 is the BSP; null: never parked") \
    X(DEGRADED, watchpoint_hit, BOOL, ONE, REQUIRED, PLAIN, NONE, "the hardware watchpoint on the exit kind fired") \
    X(DEGRADED, bss_latch_state, STRING, ONE, REQUIRED, PLAIN, NONE, "state of the error latch: triggered, not_triggered, out_of_bounds, not_resolved") \
    X(DEGRADED, exit_kind, U32, ONE, OPTIONAL, PLAIN, NONE, "the scheduler's exit kind, where it could be read") \
    X(DEGRADED, elapsed_ms, U64, ONE, DEFAULTED, MS, NONE, "from the trigger to giving up") \
    X(DEGRADED, dumpctl, RECORD, ONE, LAST, PLAIN, DUMPCTL, "what dumpctl capture adds")

#define DC_DEBUG_CAPTURE_FIELDS(X) \
    X(DEBUG_CAPTURE, schema, STRING, ONE, TAG, PLAIN, NONE, "the kind of document") \
    X(DEBUG_CAPTURE, started_ns, U64, ONE, REQUIRED, NS, NONE, "begin of the recording") \
    X(DEBUG_CAPTURE, ended_ns, U64, ONE, REQUIRED, NS, NONE, "end of the recording") \
    X(DEBUG_CAPTURE, kernel_release, STRING, ONE, REQUIRED, PLAIN, NONE, "kernel of the guest") \
    X(DEBUG_CAPTURE, ctprof_samples, RECORD, LIST, DEFAULTED, PLAIN, CTPROF_SAMPLE, "profiles") \
    X(DEBUG_CAPTURE, failure_dump, RECORD, ONE, OPTIONAL, PLAIN, SINGLE, "the report, where the run failed") \
    X(DEBUG_CAPTURE, fingerprint, ANY, ONE, REQUIRED, PLAIN, NONE, "what the workload looked like")

#define DC_CTPROF_SAMPLE_FIELDS(X) \
    X(CTPROF_SAMPLE, captured_ns, U64, ONE, REQUIRED, NS, NONE, "time of the profile") \
    X(CTPROF_SAMPLE, path, STRING, ONE, REQUIRED, PLAIN, NONE, "its file") \
    X(CTPROF_SAMPLE, sha256, STRING, ONE, DEFAULTED, PLAIN, NONE, "checksum of the file")

#define DC_VCPU_REGS_FIELDS(X) \
    X(VCPU_REGS, instruction_pointer, U64, ONE, REQUIRED, ADDRESS, NONE, "rip; pc on aarch64") \
    X(VCPU_REGS, stack_pointer, U64, ONE, REQUIRED, ADDRESS, NONE, "rsp; sp_el1 on aarch64") \
    X(VCPU_REGS, page_table_root, U64, ONE, REQUIRED, ADDRESS, NONE, "cr3 with its flag bits; ttbr1_el1 on aarch64") \
    X(VCPU_REGS, user_page_table_root, U64, ONE, OPTIONAL, ADDRESS, NONE, "ttbr0_el1, aarch64 only") \
    X(VCPU_REGS, tcr_el1, U64, ONE, OPTIONAL, BITMAP, NONE, "tcr_el1, aarch64 only")

#define DC_MAP_FIELDS(X) \
    X(MAP, name, STRING, ONE, REQUIRED, PLAIN, NONE, "the kernel's name of the map") \
    X(MAP, map_kva, U64, ONE, DEFAULTED, ADDRESS, NONE, "kernel address; 0: not recorded") \
    X(MAP, map_type, U32, ONE, REQUIRED, PLAIN, NONE, "the kernel's bpf_map_type number") \
    X(MAP, value_size, U32, ONE, REQUIRED, BYTES, NONE, "size of a value") \
    X(MAP, max_entries, U32, ONE, REQUIRED, PLAIN, NONE, "declared capacity") \
    X(MAP, value, RECORD, ONE, OPTIONAL, PLAIN, RV, "contents of a one-entry array or of struct_ops") \
    X(MAP, entries, RECORD, LIST, DEFAULTED, PLAIN, ENTRY, "entries of a hash or storage map") \
    X(MAP, array_entries, RECORD, LIST, DEFAULTED, PLAIN, ARRAY_ENTRY, "elements of an array of more than one") \
    X(MAP, percpu_entries, RECORD, LIST, DEFAULTED, PLAIN, PERCPU_ENTRY, "elements of a per-CPU array") \
    X(MAP, percpu_hash_entries, RECORD, LIST, DEFAULTED, PLAIN, PERCPU_HASH_ENTRY, "entries of a per-CPU hash") \
    X(MAP, arena, RECORD, ONE, OPTIONAL, PLAIN, ARENA, "pages of an arena") \
    X(MAP, ringbuf, RECORD, ONE, OPTIONAL, PLAIN, RINGBUF, "positions of a ring buffer") \
    X(MAP, stack_trace, RECORD, ONE, OPTIONAL, PLAIN, STACK_TRACE, "stacks") \
    X(MAP, fd_array, RECORD, ONE, OPTIONAL, PLAIN, FD_ARRAY, "which slots are in use") \
    X(MAP, error, STRING, ONE, OPTIONAL, PLAIN, NONE, "why contents are missing or partial")

#define DC_ENTRY_FIELDS(X) \
    X(ENTRY, key, RECORD, ONE, OPTIONAL, PLAIN, RV, "the key; none: no type information") \
    X(ENTRY, key_hex, STRING, ONE, REQUIRED, PLAIN, NONE, "its bytes in hex") \
    X(ENTRY, value, RECORD, ONE, OPTIONAL, PLAIN, RV, "the value") \
    X(ENTRY, value_hex, STRING, ONE, REQUIRED, PLAIN, NONE, "its bytes in hex") \
    X(ENTRY, payload, RECORD, ONE, OPTIONAL, PLAIN, RV, "the arena object that the value points at")

#define DC_ARRAY_ENTRY_FIELDS(X) \
    X(ARRAY_ENTRY, key, U32, ONE, REQUIRED, PLAIN, NONE, "index") \
    X(ARRAY_ENTRY, value, RECORD, ONE, OPTIONAL, PLAIN, RV, "the value; none: its page was unreadable")

#define DC_PERCPU_ENTRY_FIELDS(X) \
    X(PERCPU_ENTRY, key, U32, ONE, REQUIRED, PLAIN, NONE, "index") \
    X(PERCPU_ENTRY, per_cpu, RECORD, HOLES, REQUIRED, PLAIN, RV, "values by CPU; null: unmapped")

#define DC_PERCPU_HASH_ENTRY_FIELDS(X) \
    X(PERCPU_HASH_ENTRY, key, RECORD, ONE, OPTIONAL, PLAIN, RV, "the key; none: no type information") \
    X(PERCPU_HASH_ENTRY, key_hex, STRING, ONE, REQUIRED, PLAIN, NONE, "its bytes in hex") \
    X(PERCPU_HASH_ENTRY, per_cpu, RECORD, HOLES, REQUIRED, PLAIN, RV, "values by CPU; null: unmapped")

#define DC_ARENA_FIELDS(X) \
    X(ARENA, pages, RECORD, LIST, DEFAULTED, PLAIN, ARENA_PAGE, "mapped pages in order, then those found by probing") \
    X(ARENA, truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "the walk stopped at 4096 pages") \
    X(ARENA, declared_pages, U64, ONE, REQUIRED, PAGES, NONE, "capacity") \
    X(ARENA, span_capped, BOOL, ONE, DEFAULTED, PLAIN, NONE, "the capacity was implausible and cut to 4 GiB") \
    X(ARENA, kern_vm_start, U64, ONE, REQUIRED, ADDRESS, NONE, "kernel-side base; 0: not known") \
    X(ARENA, user_vm_start, U64, ONE, REQUIRED, ADDRESS, NONE, "program-side base; 0: not known")

#define DC_ARENA_PAGE_FIELDS(X) \
    X(ARENA_PAGE, user_addr, U64, ONE, REQUIRED, ADDRESS, NONE, "program-side address") \
    X(ARENA_PAGE, bytes, U8, LIST, REQUIRED, PLAIN, NONE, "contents")

#define DC_RINGBUF_FIELDS(X) \
    X(RINGBUF, capacity, U64, ONE, REQUIRED, BYTES, NONE, "size") \
    X(RINGBUF, consumer_pos, U64, ONE, REQUIRED, TOTAL, NONE, "position of the consumer") \
    X(RINGBUF, producer_pos, U64, ONE, REQUIRED, TOTAL, NONE, "position of the producer") \
    X(RINGBUF, pending_pos, U64, ONE, REQUIRED, TOTAL, NONE, "position of the oldest record not yet committed") \
    X(RINGBUF, pending_bytes, U64, ONE, REQUIRED, BYTES, NONE, "producer minus consumer, modulo 2^64")

#define DC_STACK_TRACE_FIELDS(X) \
    X(STACK_TRACE, n_buckets, U32, ONE, REQUIRED, PLAIN, NONE, "capacity") \
    X(STACK_TRACE, entries, RECORD, LIST, REQUIRED, PLAIN, STACK_ENTRY, "stacks by bucket") \
    X(STACK_TRACE, truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "a trace had more than 128 frames, or more than 16384 buckets") \
    X(STACK_TRACE, buckets_unreadable, U32, ONE, DEFAULTED, COUNT, NONE, "buckets that could not be read")

#define DC_STACK_ENTRY_FIELDS(X) \
    X(STACK_ENTRY, bucket_id, U32, ONE, REQUIRED, PLAIN, NONE, "bucket") \
    X(STACK_ENTRY, nr, U32, ONE, REQUIRED, COUNT, NONE, "frames that the kernel recorded") \
    X(STACK_ENTRY, pcs, U64, LIST, DEFAULTED, ADDRESS, NONE, "addresses; none in build-id mode") \
    X(STACK_ENTRY, data_hex, STRING, ONE, REQUIRED, PLAIN, NONE, "the bucket's bytes in hex")

#define DC_FD_ARRAY_FIELDS(X) \
    X(FD_ARRAY, populated, U32, ONE, REQUIRED, COUNT, NONE, "slots in use") \
    X(FD_ARRAY, scanned, U32, ONE, REQUIRED, COUNT, NONE, "slots looked at") \
    X(FD_ARRAY, indices, U32, LIST, DEFAULTED, PLAIN, NONE, "the first 1024 slots in use") \
    X(FD_ARRAY, truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "only 4096 slots were looked at") \
    X(FD_ARRAY, indices_truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "more slots in use than listed") \
    X(FD_ARRAY, unreadable, U32, ONE, DEFAULTED, COUNT, NONE, "slots that could not be read; populated is then a lower bound")

#define DC_SDT_ALLOCATOR_FIELDS(X) \
    X(SDT_ALLOCATOR, allocator_name, STRING, ONE, REQUIRED, PLAIN, NONE, "name of the variable") \
    X(SDT_ALLOCATOR, entries, RECORD, LIST, DEFAULTED, PLAIN, SDT_ENTRY, "live objects, at most 4096") \
    X(SDT_ALLOCATOR, truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "there were more") \
    X(SDT_ALLOCATOR, skipped_subtrees, U32, ONE, REQUIRED, COUNT, NONE, "subtrees that could not be walked") \
    X(SDT_ALLOCATOR, elem_size, U64, ONE, REQUIRED, BYTES, NONE, "slot size, header included") \
    X(SDT_ALLOCATOR, target_type_id, U32, ONE, REQUIRED, PLAIN, NONE, "BTF type of the payload; 0: not found, payloads are bytes") \
    X(SDT_ALLOCATOR, payload_type_reason, STRING, ONE, DEFAULTED, PLAIN, NONE, "why the type was not found")

#define DC_SDT_ENTRY_FIELDS(X) \
    X(SDT_ENTRY, idx, I32, ONE, REQUIRED, PLAIN, NONE, "index") \
    X(SDT_ENTRY, genn, I32, ONE, REQUIRED, PLAIN, NONE, "generation") \
    X(SDT_ENTRY, user_addr, U64, ONE, REQUIRED, ADDRESS, NONE, "program-side address, low 32 bits only") \
    X(SDT_ENTRY, payload, RECORD, ONE, REQUIRED, PLAIN, RV, "the object")

#define DC_SCX_STATIC_FIELDS(X) \
    X(SCX_STATIC, ranges, RECORD, LIST, DEFAULTED, PLAIN, SCX_STATIC_RANGE, "regions") \
    X(SCX_STATIC, skipped, U32, ONE, REQUIRED, COUNT, NONE, "instances that could not be read")

#define DC_SCX_STATIC_RANGE_FIELDS(X) \
    X(SCX_STATIC_RANGE, instance_name, STRING, ONE, REQUIRED, PLAIN, NONE, "name of the variable") \
    X(SCX_STATIC_RANGE, start_low32, U32, ONE, REQUIRED, ADDRESS, NONE, "start, low 32 bits") \
    X(SCX_STATIC_RANGE, size, U64, ONE, REQUIRED, BYTES, NONE, "bytes in use") \
    X(SCX_STATIC_RANGE, capacity, U64, ONE, REQUIRED, BYTES, NONE, "bytes in all")

#define DC_PROG_STATS_FIELDS(X) \
    X(PROG_STATS, name, STRING, ONE, REQUIRED, PLAIN, NONE, "program") \
    X(PROG_STATS, cnt, U64, ONE, REQUIRED, TOTAL, NONE, "calls") \
    X(PROG_STATS, nsecs, U64, ONE, REQUIRED, TOTAL_NS, NONE, "time in the program") \
    X(PROG_STATS, misses, U64, ONE, REQUIRED, TOTAL, NONE, "calls refused because the program was already running")

#define DC_CPU_TIME_FIELDS(X) \
    X(CPU_TIME, cpu, U32, ONE, REQUIRED, PLAIN, NONE, "CPU") \
    X(CPU_TIME, cpustat_user_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "user") \
    X(CPU_TIME, cpustat_nice_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "niced user") \
    X(CPU_TIME, cpustat_system_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "kernel") \
    X(CPU_TIME, cpustat_softirq_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "soft interrupts") \
    X(CPU_TIME, cpustat_irq_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "hard interrupts") \
    X(CPU_TIME, cpustat_idle_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "idle") \
    X(CPU_TIME, cpustat_iowait_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "idle with I/O outstanding") \
    X(CPU_TIME, cpustat_steal_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "taken by the host") \
    X(CPU_TIME, softirqs, U64, LIST_OF_10, REQUIRED, TOTAL, NONE, "soft interrupts by kind: HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED HRTIMER RCU") \
    X(CPU_TIME, irqs_sum, U64, ONE, REQUIRED, TOTAL, NONE, "hard interrupts") \
    X(CPU_TIME, iowait_sleeptime_ns, U64, ONE, OPTIONAL, TOTAL_NS, NONE, "time asleep waiting for I/O")

#define DC_CGROUP_PSI_FIELDS(X) \
    X(CGROUP_PSI, cgroup_kva, U64, ONE, REQUIRED, ADDRESS, NONE, "address of the cgroup: its identity in this run") \
    X(CGROUP_PSI, total_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "stalled time") \
    X(CGROUP_PSI, avg10_raw, U64, ONE, REQUIRED, COUNT, NONE, "ten-second average, percent times 2048") \
    X(CGROUP_PSI, serial_nr, U64, ONE, OPTIONAL, PLAIN, NONE, "serial number of the cgroup; none: not recorded")

#define DC_NUMA_NODE_FIELDS(X) \
    X(NUMA_NODE, node, U32, ONE, REQUIRED, PLAIN, NONE, "node") \
    X(NUMA_NODE, numa_hit, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "allocated here as wished") \
    X(NUMA_NODE, numa_miss, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "allocated here, wished elsewhere") \
    X(NUMA_NODE, numa_foreign, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "wished here, allocated elsewhere") \
    X(NUMA_NODE, numa_interleave_hit, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "interleaved as wished") \
    X(NUMA_NODE, numa_local, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "allocated by a CPU of this node") \
    X(NUMA_NODE, numa_other, U64, ONE, REQUIRED, TOTAL_PAGES, NONE, "allocated by a CPU of another node")

#define DC_TASK_FIELDS(X) \
    X(TASK, pid, I32, ONE, REQUIRED, PLAIN, NONE, "thread id") \
    X(TASK, tgid, I32, ONE, REQUIRED, PLAIN, NONE, "process id") \
    X(TASK, comm, STRING, ONE, REQUIRED, PLAIN, NONE, "name") \
    X(TASK, group_leader_pid, I32, ONE, OPTIONAL, PLAIN, NONE, "thread id of the group leader") \
    X(TASK, real_parent_pid, I32, ONE, OPTIONAL, PLAIN, NONE, "thread id of the parent") \
    X(TASK, real_parent_comm, STRING, ONE, OPTIONAL, PLAIN, NONE, "name of the parent") \
    X(TASK, pgid, I32, ONE, OPTIONAL, PLAIN, NONE, "process group") \
    X(TASK, sid, I32, ONE, OPTIONAL, PLAIN, NONE, "session") \
    X(TASK, nr_threads, I32, ONE, OPTIONAL, COUNT, NONE, "threads of the process") \
    X(TASK, weight, U32, ONE, REQUIRED, PLAIN, NONE, "weight in sched_ext") \
    X(TASK, prio, I32, ONE, REQUIRED, PLAIN, NONE, "effective priority") \
    X(TASK, static_prio, I32, ONE, REQUIRED, PLAIN, NONE, "static priority") \
    X(TASK, normal_prio, I32, ONE, REQUIRED, PLAIN, NONE, "priority without inheritance") \
    X(TASK, rt_priority, U32, ONE, REQUIRED, PLAIN, NONE, "real-time priority") \
    X(TASK, sched_class, STRING, ONE, OPTIONAL, PLAIN, NONE, "fair, rt, dl, idle, stop or ext") \
    X(TASK, core_cookie, U64, ONE, OPTIONAL, BITMAP, NONE, "core-scheduling cookie") \
    X(TASK, pi_boosted_out_of_scx, BOOL, ONE, REQUIRED, PLAIN, NONE, "priority inheritance took it out of sched_ext") \
    X(TASK, nvcsw, U64, ONE, REQUIRED, TOTAL, NONE, "voluntary context switches") \
    X(TASK, nivcsw, U64, ONE, REQUIRED, TOTAL, NONE, "involuntary context switches") \
    X(TASK, signal_nvcsw, U64, ONE, OPTIONAL, TOTAL, NONE, "voluntary switches of ended threads") \
    X(TASK, signal_nivcsw, U64, ONE, OPTIONAL, TOTAL, NONE, "involuntary switches of ended threads") \
    X(TASK, utime, U64, ONE, OPTIONAL, TOTAL_NS, NONE, "user CPU time; none: not recorded") \
    X(TASK, stime, U64, ONE, OPTIONAL, TOTAL_NS, NONE, "kernel CPU time; none: not recorded") \
    X(TASK, signal_utime, U64, ONE, OPTIONAL, TOTAL_NS, NONE, "user CPU time of ended threads") \
    X(TASK, signal_stime, U64, ONE, OPTIONAL, TOTAL_NS, NONE, "kernel CPU time of ended threads") \
    X(TASK, lock_slowpath_match, STRING, ONE, OPTIONAL, PLAIN, NONE, "the lock slow path that it is in")

#define DC_EVENT_SAMPLE_FIELDS(X) \
    X(EVENT_SAMPLE, elapsed_ms, U64, ONE, REQUIRED, MS, NONE, "time into the run") \
    X(EVENT_SAMPLE, select_cpu_fallback, I64, ONE, REQUIRED, TOTAL, NONE, "select_cpu() chose a CPU that the task may not use") \
    X(EVENT_SAMPLE, dispatch_local_dsq_offline, I64, ONE, REQUIRED, TOTAL, NONE, "dispatched to the local queue of an offline CPU") \
    X(EVENT_SAMPLE, dispatch_keep_last, I64, ONE, REQUIRED, TOTAL, NONE, "the last task ran on for want of another") \
    X(EVENT_SAMPLE, enq_skip_exiting, I64, ONE, REQUIRED, TOTAL, NONE, "enqueue skipped for an exiting task") \
    X(EVENT_SAMPLE, enq_skip_migration_disabled, I64, ONE, REQUIRED, TOTAL, NONE, "enqueue skipped for a task that must not migrate") \
    X(EVENT_SAMPLE, reenq_immed, I64, ONE, REQUIRED, TOTAL, NONE, "tasks enqueued again at once") \
    X(EVENT_SAMPLE, reenq_local_repeat, I64, ONE, REQUIRED, TOTAL, NONE, "tasks enqueued again on the local queue") \
    X(EVENT_SAMPLE, refill_slice_dfl, I64, ONE, REQUIRED, TOTAL, NONE, "time slices refilled with the default") \
    X(EVENT_SAMPLE, bypass_duration, I64, ONE, REQUIRED, TOTAL_NS, NONE, "time in bypass mode") \
    X(EVENT_SAMPLE, bypass_dispatch, I64, ONE, REQUIRED, TOTAL, NONE, "tasks dispatched in bypass mode") \
    X(EVENT_SAMPLE, bypass_activate, I64, ONE, REQUIRED, TOTAL, NONE, "times that bypass mode began") \
    X(EVENT_SAMPLE, insert_not_owned, I64, ONE, REQUIRED, TOTAL, NONE, "inserts of tasks that the scheduler does not own") \
    X(EVENT_SAMPLE, sub_bypass_dispatch, I64, ONE, REQUIRED, TOTAL, NONE, "tasks of sub-schedulers dispatched in bypass mode")

#define DC_RQ_SCX_FIELDS(X) \
    X(RQ_SCX, cpu, U32, ONE, REQUIRED, PLAIN, NONE, "CPU") \
    X(RQ_SCX, nr_running, U32, ONE, REQUIRED, COUNT, NONE, "runnable tasks") \
    X(RQ_SCX, flags, U32, ONE, REQUIRED, BITMAP, NONE, "flags of the run queue") \
    X(RQ_SCX, cpu_released, BOOL, ONE, REQUIRED, PLAIN, NONE, "a higher scheduling class took the CPU") \
    X(RQ_SCX, ops_qseq, U64, ONE, REQUIRED, TOTAL, NONE, "enqueue sequence number") \
    X(RQ_SCX, kick_sync, U64, ONE, OPTIONAL, TOTAL, NONE, "kick sequence number") \
    X(RQ_SCX, nr_immed, U32, ONE, OPTIONAL, COUNT, NONE, "tasks to be run at once") \
    X(RQ_SCX, rq_clock, U64, ONE, OPTIONAL, NS, NONE, "clock of the run queue") \
    X(RQ_SCX, curr_pid, I32, ONE, OPTIONAL, PLAIN, NONE, "thread id of the running task") \
    X(RQ_SCX, curr_comm, STRING, ONE, OPTIONAL, PLAIN, NONE, "name of the running task") \
    X(RQ_SCX, runnable_task_kvas, U64, LIST, REQUIRED, ADDRESS, NONE, "runnable tasks, at most 4096") \
    X(RQ_SCX, runnable_truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "there were more")

#define DC_DSQ_FIELDS(X) \
    X(DSQ, id, U64, ONE, REQUIRED, BITMAP, NONE, "queue; bit 63 marks the built-in ones") \
    X(DSQ, origin, STRING, ONE, REQUIRED, PLAIN, NONE, "local cpu N, bypass cpu N, global node N or user") \
    X(DSQ, nr, U32, ONE, REQUIRED, COUNT, NONE, "tasks in the queue") \
    X(DSQ, seq, U32, ONE, REQUIRED, TOTAL, NONE, "sequence number") \
    X(DSQ, task_kvas, U64, LIST, REQUIRED, ADDRESS, NONE, "tasks, at most 4096") \
    X(DSQ, truncated, BOOL, ONE, DEFAULTED, PLAIN, NONE, "there were more")

#define DC_SCX_SCHED_FIELDS(X) \
    X(SCX_SCHED, aborting, BOOL, ONE, REQUIRED, PLAIN, NONE, "the scheduler is being aborted") \
    X(SCX_SCHED, bypass_depth, I32, ONE, REQUIRED, COUNT, NONE, "nesting of bypass mode") \
    X(SCX_SCHED, exit_kind, U32, ONE, REQUIRED, PLAIN, NONE, "why the scheduler ended, 0: it runs") \
    X(SCX_SCHED, watchdog_timeout, U64, ONE, OPTIONAL, JIFFIES, NONE, "watchdog timeout") \
    X(SCX_SCHED, source, STRING, ONE, OPTIONAL, PLAIN, NONE, "live or bss_snapshot") \
    X(SCX_SCHED, sched_kva, U64, ONE, OPTIONAL, ADDRESS, NONE, "address of the scheduler's state")

#define DC_VCPU_PERF_FIELDS(X) \
    X(VCPU_PERF, cycles, U64, ONE, REQUIRED, TOTAL, NONE, "cycles") \
    X(VCPU_PERF, instructions, U64, ONE, REQUIRED, TOTAL, NONE, "instructions") \
    X(VCPU_PERF, cache_misses, U64, ONE, REQUIRED, TOTAL, NONE, "cache misses") \
    X(VCPU_PERF, branch_misses, U64, ONE, REQUIRED, TOTAL, NONE, "branch misses") \
    X(VCPU_PERF, time_enabled_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "time for which the counters were wanted") \
    X(VCPU_PERF, time_running_ns, U64, ONE, REQUIRED, TOTAL_NS, NONE, "time for which they counted")

#define DC_PROBE_COUNTERS_FIELDS(X) \
    X(PROBE_COUNTERS, probe_count, U64, ONE, REQUIRED, TOTAL, NONE, "probes hit") \
    X(PROBE_COUNTERS, kprobe_returns, U64, ONE, REQUIRED, TOTAL, NONE, "return probes hit") \
    X(PROBE_COUNTERS, meta_miss, U64, ONE, REQUIRED, TOTAL, NONE, "probes without metadata") \
    X(PROBE_COUNTERS, ringbuf_drops, U64, ONE, REQUIRED, TOTAL, NONE, "events lost because the ring buffer was full") \
    X(PROBE_COUNTERS, timeline_count, U64, ONE, REQUIRED, TOTAL, NONE, "timeline events") \
    X(PROBE_COUNTERS, timeline_drops, U64, ONE, REQUIRED, TOTAL, NONE, "timeline events lost") \
    X(PROBE_COUNTERS, pi_count, U64, ONE, REQUIRED, TOTAL, NONE, "priority-inheritance events") \
    X(PROBE_COUNTERS, pi_orphan_fexits, U64, ONE, REQUIRED, TOTAL, NONE, "priority-inheritance ends without a beginning") \
    X(PROBE_COUNTERS, pi_class_change_count, U64, ONE, REQUIRED, TOTAL, NONE, "class changes by priority inheritance") \
    X(PROBE_COUNTERS, pi_drops, U64, ONE, REQUIRED, TOTAL, NONE, "priority-inheritance events lost") \
    X(PROBE_COUNTERS, lock_contend_count, U64, ONE, REQUIRED, TOTAL, NONE, "lock contention events") \
    X(PROBE_COUNTERS, lock_contend_drops, U64, ONE, REQUIRED, TOTAL, NONE, "lock contention events lost") \
    X(PROBE_COUNTERS, preempt_disable_count, U64, ONE, REQUIRED, TOTAL, NONE, "times that preemption was switched off") \
    X(PROBE_COUNTERS, preempt_enable_count, U64, ONE, REQUIRED, TOTAL, NONE, "times that preemption was switched on") \
    X(PROBE_COUNTERS, trigger_count, U64, ONE, REQUIRED, TOTAL, NONE, "scheduler exits seen, clean ones included")

#define DC_MEMBER_FIELDS(X) \
    X(MEMBER, name, STRING, ONE, REQUIRED, PLAIN, NONE, "name; empty: anonymous") \
    X(MEMBER, value, RECORD, ONE, REQUIRED, PLAIN, RV, "value")

#define DC_RV_INT_FIELDS(X) \
    X(RV_INT, bits, U32, ONE, REQUIRED, PLAIN, NONE, "width") \
    X(RV_INT, value, I64, ONE, REQUIRED, PLAIN, NONE, "value")

#define DC_RV_UINT_FIELDS(X) \
    X(RV_UINT, bits, U32, ONE, REQUIRED, PLAIN, NONE, "width") \
    X(RV_UINT, value, U64, ONE, REQUIRED, PLAIN, NONE, "value")

#define DC_RV_BOOL_FIELDS(X) \
    X(RV_BOOL, value, BOOL, ONE, REQUIRED, PLAIN, NONE, "value")

#define DC_RV_CHAR_FIELDS(X) \
    X(RV_CHAR, value, U8, ONE, REQUIRED, PLAIN, NONE, "byte")

#define DC_RV_FLOAT_FIELDS(X) \
    X(RV_FLOAT, bits, U32, ONE, REQUIRED, PLAIN, NONE, "width: 32 or 64") \
    X(RV_FLOAT, value, F64, ONE, REQUIRED, PLAIN, NONE, "value")

#define DC_RV_ENUM_FIELDS(X) \
    X(RV_ENUM, bits, U32, ONE, REQUIRED, PLAIN, NONE, "width") \
    X(RV_ENUM, value, I64, ONE, REQUIRED, PLAIN, NONE, "value; the bit pattern where is_signed is false") \
    X(RV_ENUM, variant, STRING, ONE, NULLED, PLAIN, NONE, "its name; null: unknown") \
    X(RV_ENUM, is_signed, BOOL, ONE, WRITTEN, PLAIN, NONE, "the enum's type is signed")

#define DC_RV_STRUCT_FIELDS(X) \
    X(RV_STRUCT, type_name, STRING, ONE, NULLED, PLAIN, NONE, "its name; null: anonymous") \
    X(RV_STRUCT, members, RECORD, LIST, REQUIRED, PLAIN, MEMBER, "members in order")

#define DC_RV_ARRAY_FIELDS(X) \
    X(RV_ARRAY, len, U64, ONE, REQUIRED, PLAIN, NONE, "declared length") \
    X(RV_ARRAY, elements, RECORD, LIST, REQUIRED, PLAIN, RV, "elements, at most 4096")

#define DC_RV_CPU_LIST_FIELDS(X) \
    X(RV_CPU_LIST, cpus, STRING, ONE, REQUIRED, PLAIN, NONE, "ranges; empty: no CPU")

#define DC_RV_PTR_FIELDS(X) \
    X(RV_PTR, value, U64, ONE, REQUIRED, ADDRESS, NONE, "address") \
    X(RV_PTR, deref, RECORD, ONE, OPTIONAL, PLAIN, RV, "what it points at") \
    X(RV_PTR, deref_skipped_reason, STRING, ONE, OPTIONAL, PLAIN, NONE, "why following it failed") \
    X(RV_PTR, cast_annotation, STRING, ONE, OPTIONAL, PLAIN, NONE, "how its type was found")

#define DC_RV_BYTES_FIELDS(X) \
    X(RV_BYTES, hex, STRING, ONE, REQUIRED, PLAIN, NONE, "bytes in hex; text with escapes in string sections")

#define DC_RV_TRUNCATED_FIELDS(X) \
    X(RV_TRUNCATED, needed, U64, ONE, REQUIRED, BYTES, NONE, "bytes wanted") \
    X(RV_TRUNCATED, had, U64, ONE, REQUIRED, BYTES, NONE, "bytes there") \
    X(RV_TRUNCATED, partial, RECORD, ONE, REQUIRED, PLAIN, RV, "what decoded")

#define DC_RV_UNSUPPORTED_FIELDS(X) \
    X(RV_UNSUPPORTED, reason, STRING, ONE, REQUIRED, PLAIN, NONE, "why")

/* Reasons for missing statistics, spec scheduler-stats 3. */

#define DC_MISSING_STATS_FIELDS(X) \
    X(MISSING_STATS, tag, STRING, ONE, REQUIRED, PLAIN, NONE, "the sample's tag") \
    X(MISSING_STATS, reason, RECORD, ONE, REQUIRED, PLAIN, REASON, "why it has no statistics")

#define DC_NO_SCHEDULER_BINARY_FIELDS(X)
#define DC_DURING_FREEZE_FIELDS(X)
#define DC_CANCELLED_FIELDS(X)
#define DC_MUTEX_POISONED_FIELDS(X)

#define DC_NO_SCHEDULER_FIELDS(X) \
    X(NO_SCHEDULER, reason, STRING, ONE, REQUIRED, PLAIN, NONE, "what was seen instead")

#define DC_SCHEDULER_ERROR_FIELDS(X) \
    X(SCHEDULER_ERROR, errno, I32, ONE, REQUIRED, PLAIN, NONE, "the scheduler's errno") \
    X(SCHEDULER_ERROR, args, ANY, ONE, VALUE, PLAIN, NONE, "what came with it")

#define DC_MISSING_RESP_FIELDS(X) \
    X(MISSING_RESP, args, ANY, ONE, VALUE, PLAIN, NONE, "what came instead")

#define DC_REQUEST_TOO_LARGE_FIELDS(X) \
    X(REQUEST_TOO_LARGE, size, U64, ONE, REQUIRED, BYTES, NONE, "size of the request") \
    X(REQUEST_TOO_LARGE, max, U64, ONE, REQUIRED, BYTES, NONE, "the cap")

#define DC_RESPONSE_TOO_LARGE_FIELDS(X) \
    X(RESPONSE_TOO_LARGE, size, U64, ONE, REQUIRED, BYTES, NONE, "bytes held when it was noticed") \
    X(RESPONSE_TOO_LARGE, max, U64, ONE, REQUIRED, BYTES, NONE, "the cap")

/* clang-format on */
#endif
