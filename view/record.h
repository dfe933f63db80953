/*
 * record: lines for what the schema tables know of a record of a report.
 *
 * The tables choose names, order, units and notes, so that a new member of the format is on
 * the screen without a word here. What a list holds is counted only.
 */
#ifndef DUMPCTL_VIEW_RECORD_H
#define DUMPCTL_VIEW_RECORD_H

#include "lib/report.h"
#include "view/lines.h"

/* To be skipped: every member that the tables know. */
enum { VIEW_RECORD_KNOWN = (1U << DC_MAX_FIELDS) - 1 };

/* The members of a record that are there, but not the records in it, in table order; then
   those that are not known. Members in `skip` (bit i: field i) are left out. */
void view_record_add(struct view_lines *lines, const struct dc_rec *rec, uint32_t skip,
                     const struct dc_report *report);

/* The same below an empty line and a title, and then a section for each record in it,
   called as its member. Nothing at all where nothing is there, or `rec` is NULL. */
void view_record_section(struct view_lines *lines, const char *title,
                         const struct dc_rec *rec, uint32_t skip,
                         const struct dc_report *report);

#endif
