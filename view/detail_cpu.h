/*
 * detail_cpu: what a report has of the CPU that a vCPU is to its guest: run queue, running
 * task, counters, per-CPU map values.
 */
#ifndef DUMPCTL_VIEW_DETAIL_CPU_H
#define DUMPCTL_VIEW_DETAIL_CPU_H

#include "view/view.h"

/* Adds it to view->lines; nothing where the report has none of it. */
void view_detail_cpu(struct view *view, size_t cpu);

#endif
