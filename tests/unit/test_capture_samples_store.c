/*
 * The samples that a run keeps (capture/samples.h): as many as there is room for, each with
 * the answer that it got. Properties 32 to 36 of scheduler-stats 5 are of the reference's
 * store; what they become here has their number.
 */
#include "tests/unit/samples_aid.h"

static void p32_a_failure_is_that_of_its_own_sample(void) {
    begin_samples(AID_SCRIPT("reply={\"n\":1}", "error=22:no", "reply=null",
                             "relay=none here", "reply=18446744073709551615"),
                  AID_PLENTY_MS);
    const char *const tags[] = {"a", "b", "c", "d", "e"};
    const char *const want[] = {
        "{\"n\":1}", "{\"SchedulerError\":{\"errno\":22,\"args\":{\"resp\":\"no\"}}}",
        "null", "{\"NoScheduler\":{\"reason\":\"none here\"}}", "18446744073709551615"};
    for (size_t i = 0; i < 5; i++)
        take(tags[i]);
    CHECK_EQ_U64(cap_samples_count(samples), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct cap_sample *sample = cap_samples_at(samples, i);
        CHECK(says(sample, want[i]));
        CHECK_STR(sample->tag, tags[i]);
        CHECK_EQ_U64(sample->have, i % 2 == 0);
        CHECK_EQ_U64(sample->first, i == 0);
    }
    struct cap_samples_tally tally = cap_samples_tally(samples);
    CHECK_EQ_U64(tally.asked, 5);
    CHECK_EQ_U64(tally.have, 3);
    CHECK_EQ_U64(tally.missing[CAP_SCHEDULER_ERROR], 1);
    CHECK_EQ_U64(tally.missing[CAP_NO_SCHEDULER], 1);
    end_samples();
}

static void p35_past_64_the_oldest_go_and_are_counted(void) {
    char tag[CAP_TAG_SIZE];
    begin_samples(AID_SCRIPT("reply={}"), AID_PLENTY_MS);
    for (unsigned i = 0; i < CAP_SAMPLES_MOST + 6; i++) {
        snprintf(tag, sizeof(tag), "periodic_%03u", i);
        CHECK_STR(take(tag)->tag, tag);
    }
    CHECK_EQ_U64(cap_samples_count(samples), CAP_SAMPLES_MOST);
    CHECK_EQ_U64(cap_samples_evicted(samples), 6);
    CHECK_STR(cap_samples_at(samples, 0)->tag, "periodic_006");
    CHECK_STR(cap_samples_at(samples, CAP_SAMPLES_MOST - 1)->tag, "periodic_069");
    CHECK(!cap_samples_find(samples, "periodic_005"));
    CHECK(cap_samples_find(samples, "periodic_006") == cap_samples_at(samples, 0));
    CHECK_EQ_U64(cap_samples_tally(samples).have, CAP_SAMPLES_MOST + 6);
    end_samples();
}

static void p35_bytes_have_a_bound_too(void) {
    enum { N = 24 };
    uint64_t bytes = 0;
    begin_samples(AID_SCRIPT("size=262144"), AID_PLENTY_MS);
    for (unsigned i = 0; i < N; i++)
        CHECK(take("x")->have);
    for (size_t i = 0; i < cap_samples_count(samples); i++)
        bytes += cap_samples_at(samples, i)->len;
    CHECK(bytes <= CAP_SAMPLES_BYTES);
    CHECK(bytes + 262144 > CAP_SAMPLES_BYTES);
    CHECK_EQ_U64(cap_samples_count(samples) + cap_samples_evicted(samples), N);
    end_samples();
}

static void p36_a_tag_that_is_taken_gets_a_number(void) {
    char longest[CAP_TAG_SIZE], want[CAP_TAG_SIZE];
    begin_samples(AID_SCRIPT("reply={}"), AID_PLENTY_MS);
    CHECK_STR(take("signal")->tag, "signal");
    CHECK_STR(take("signal")->tag, "signal-2");
    CHECK_STR(take("main")->tag, "main");
    cap_samples_rename(samples, "main"); /* its own is not taken */
    CHECK_STR(cap_samples_at(samples, 2)->tag, "main");
    cap_samples_rename(samples, "signal");
    CHECK_STR(cap_samples_at(samples, 2)->tag, "signal-3");
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    CHECK_STR(take(longest)->tag, longest);
    snprintf(want, sizeof(want), "%.61s-2", longest);
    CHECK_STR(take(longest)->tag, want);
    end_samples();
}

/* Statistics that nest as deep as may be, and one deeper. */
static void what_a_report_has_no_depth_for_is_refused(void) {
    char word[2 * CAP_SAMPLES_DEPTH + 32];
    for (int deeper = 0; deeper < 2; deeper++) {
        size_t depth = CAP_SAMPLES_DEPTH + (size_t)deeper;
        strcpy(word, "reply=");
        memset(word + 6, '[', depth);
        memset(word + 6 + depth, ']', depth);
        word[6 + 2 * depth] = '\0';
        begin_samples(AID_SCRIPT(word), AID_PLENTY_MS);
        const struct cap_sample *sample = take("deep");
        CHECK_EQ_U64(sample->have, !deeper);
        CHECK(!deeper ||
              says(sample,
                   "{\"NoScheduler\":{\"reason\":\"an answer that is nested deeper "
                   "than 123 objects and arrays\"}}"));
        end_samples();
    }
}

static void brackets_in_strings_nest_nothing(void) {
    char word[1024] = "reply=\"";
    for (int i = 0; i < 200; i++)
        strcat(word, "[\\\\\\\"");
    strcat(word, "\"");
    begin_samples(AID_SCRIPT(word), AID_PLENTY_MS);
    CHECK(take("flat")->have);
    end_samples();
}

static void a_path_that_no_socket_can_have_is_refused(void) {
    char path[200];
    struct dc_error err;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    CHECK(!cap_samples_new(path, 0, &err));
    CHECK_EQ_U64(err.code, DC_EUSAGE);
}

int main(void) {
    UNIT_RUN(p32_a_failure_is_that_of_its_own_sample);
    UNIT_RUN(p35_past_64_the_oldest_go_and_are_counted);
    UNIT_RUN(p35_bytes_have_a_bound_too);
    UNIT_RUN(p36_a_tag_that_is_taken_gets_a_number);
    UNIT_RUN(what_a_report_has_no_depth_for_is_refused);
    UNIT_RUN(brackets_in_strings_nest_nothing);
    UNIT_RUN(a_path_that_no_socket_can_have_is_refused);
    return unit_done();
}
