#include "session/sections.h"

const struct sections_row sections[FORMAT_N_SECTIONS] = {
    [FORMAT_STRINGS] = {"strings", 1, 1u << 30, false},
    [FORMAT_FILES] = {"files", sizeof(struct format_file), 1u << 20, false},
    [FORMAT_CODES] = {"codes", sizeof(struct format_code), 1u << 22, false},
    [FORMAT_LINES] = {"lines", sizeof(struct format_line), 1u << 24, false},
    [FORMAT_NODES] = {"nodes", sizeof(struct format_node), 1u << 24, false},
    [FORMAT_THREADS] = {"threads", sizeof(struct format_thread), 1u << 20, false},
    [FORMAT_VALUES] = {"values", sizeof(struct format_value), 1u << 24, true},
    [FORMAT_FRAMES] = {"frames", sizeof(struct format_frame), 1u << 24, true},
    [FORMAT_STOPS] = {"stops", sizeof(struct format_stop), 1u << 20, true},
    [FORMAT_RULES] = {"rules", sizeof(struct format_rule), 1u << 16, false},
    [FORMAT_TERMS] = {"terms", sizeof(struct format_term), 1u << 25, false},
    [FORMAT_PLACES] = {"places", sizeof(struct format_place), 1u << 24, false},
    [FORMAT_TIMINGS] = {"timings", sizeof(struct format_timing), 1u << 20, true},
    [FORMAT_TASKS] = {"tasks", sizeof(struct format_task), 1u << 22, true},
    [FORMAT_ERRORS] = {"errors", sizeof(struct format_error), 1u << 16, true},
    [FORMAT_CHUNKS] = {"chunks", sizeof(struct format_chunk), 1u << 14, true},
};
