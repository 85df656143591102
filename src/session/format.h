/* The session file, byte by byte: the waist between the runner, which writes it, and
 * everything that shows a run. A live session and a saved one are the same format.
 *
 * A header of one page is followed by sections of fixed-size records. The section table
 * says where each section begins, how many bytes are reserved for it and how many
 * records are published. A live file is sparse: the reserve is large, the blocks are
 * allocated as the records come, nothing ever moves. A saved file has the same sections
 * packed.
 *
 * Records are appended, then the count is published with release order; a reader loads
 * the count with acquire order, and what lies below it is final but for the fields
 * marked _Atomic: these are counters and the like with one writer (the thread that
 * holds the GIL), stored relaxed. Records refer to one another by index and to text by
 * string id, never by address. Times are in ticks; the header has what turns them into
 * ns. A session's ticks stand still while the program is paused: they are the machine's
 * (base/mono.h) less header.paused_ticks. */
#ifndef SESSION_FORMAT_H
#define SESSION_FORMAT_H

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>

#define FORMAT_MAGIC "ttrace\r\n"
#define FORMAT_VERSION 5u
#define FORMAT_BYTE_ORDER 0x01020304u
#define FORMAT_HEADER_SIZE 4096u
#define FORMAT_NONE UINT32_MAX /* no record */

/* Strings are records of STRINGS: a 32-bit length, the bytes, a NUL, zeros up to a
 * multiple of four. A string id is the offset of its length; id 0 is "". Bytes are
 * UTF-8 as a rule, but a reader must not rely on it. */
typedef uint32_t strings_id;
typedef uint32_t files_id;
typedef uint32_t codes_id;
typedef uint32_t lines_id;
typedef uint32_t nodes_id;
typedef uint32_t threads_id;
typedef uint32_t places_id;

/* In this order: records refer to their own section and to those before it (but for
 * nodes, which name their thread, and terms, whose places are older than they are). */
enum format_section {
    FORMAT_STRINGS, /* bytes */
    FORMAT_FILES,
    FORMAT_CODES,
    FORMAT_LINES,
    FORMAT_NODES,
    FORMAT_THREADS,
    FORMAT_VALUES,
    FORMAT_FRAMES,
    FORMAT_STOPS,
    FORMAT_RULES,
    FORMAT_TERMS,
    FORMAT_PLACES,
    FORMAT_TIMINGS,
    FORMAT_TASKS,
    FORMAT_ERRORS,
    FORMAT_CHUNKS,
    FORMAT_N_SECTIONS
};

struct format_entry {
    uint64_t offset;        /* of the section's first byte in the file */
    uint64_t reserve;       /* bytes it may grow to; in a saved file, bytes it has */
    _Atomic uint64_t count; /* records published (bytes, for STRINGS) */
    uint32_t record_size;
    uint32_t pad;
};

enum format_state {
    FORMAT_STARTING, /* the interpreter is being made */
    FORMAT_RUNNING,
    FORMAT_PAUSING, /* a pause is asked for and takes effect at the next probe */
    FORMAT_PAUSED,
    FORMAT_EXITED,   /* the program ended by itself; a killed one stays as it was */
    FORMAT_REPLACED, /* another program runs in its place: exec() */
};

enum format_mode { /* bits of format_header.mode: what was recorded */
                   FORMAT_MODE_LINES = 1,   /* hits */
                   FORMAT_MODE_TIMES = 2,   /* self time of lines */
                   FORMAT_MODE_TREE = 4,    /* call tree with times */
                   FORMAT_MODE_CALLERS = 8, /* in it a generator goes on below whoever
                                               resumed it */
                   FORMAT_MODE_PRINT = 16,  /* lines were printed as they ran */
};

struct format_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t header_size;
    uint32_t n_sections;
    uint32_t pid;
    uint32_t mode;
    uint32_t parent_pid; /* of the process it came from, by exec() perhaps itself; 0: it
                            is the one that was started */
    strings_id command;  /* what python would get, a newline behind each word */
    strings_id cwd;
    strings_id python;      /* "3.11.2" */
    strings_id executable;  /* what sys.executable says */
    strings_id engine;      /* "bytecode" or "monitoring" */
    strings_id engine_why;  /* a clause: why this engine */
    _Atomic uint32_t paths; /* strings_id: sys.path at the last look, a newline behind
                               each entry */
    uint64_t start_unix_ns;
    uint64_t start_mono_ns; /* two readings of both clocks, for ticks to ns */
    uint64_t start_ticks;
    _Atomic uint64_t last_mono_ns; /* of the machine's clock, */
    _Atomic uint64_t last_ticks;   /* and of the machine's ticks at that moment */
    _Atomic uint64_t paused_ticks; /* spent at stops so far, but for the present one */
    _Atomic uint64_t stop_ticks;   /* the machine's, when the present stop began */
    uint64_t line_cost_ticks;      /* what one line probe takes, calibrated */
    uint64_t call_cost_ticks;      /* what one enter and leave take together */
    _Atomic uint32_t state;        /* enum format_state */
    _Atomic int32_t exit_status;   /* of the program, where it ended by itself */
    _Atomic uint32_t stop;      /* index of the latest stop + 1; 0 before the first */
    _Atomic uint32_t n_folded;  /* paths folded since the node limit was reached */
    _Atomic uint64_t n_dropped; /* records lost to a full disk or a full section */
    _Atomic uint64_t n_hidden_codes; /* code objects the rules left out */
    _Atomic uint64_t n_lost_events;  /* overwritten by newer ones, or without room */
    uint32_t log;                    /* enum format_log */
    strings_id request; /* what is to be done with it, in the form of `trace`
                           (session/request.h); 0: nothing */
    struct format_entry sections[FORMAT_N_SECTIONS];
};

enum format_file_flag {
    FORMAT_FILE_SOURCE = 1, /* `source` is the text the program was made from */
    FORMAT_FILE_MAIN = 2,   /* the script itself */
};

struct format_file {
    strings_id path;   /* co_filename */
    strings_id source; /* its bytes as read, not decoded */
    strings_id module; /* __name__ of the module it was loaded as; "" if unknown */
    uint32_t flags;
};

enum format_code_flag {
    FORMAT_CODE_MODULE = 1,    /* the body of a module: co_name is <module> */
    FORMAT_CODE_GENERATOR = 2, /* generator, coroutine or asynchronous generator */
    FORMAT_CODE_HIDDEN = 4,    /* known, but without probes */
};

struct format_code {
    files_id file;
    strings_id name;
    strings_id qualname;
    uint32_t first_line;
    codes_id parent; /* the code object it was compiled in, or FORMAT_NONE */
    _Atomic uint32_t flags;
    _Atomic uint32_t class; /* strings_id: that of a method, in the words of `trace`; ""
                               if it has none, or nobody asked */
};

/* One per (file, line) that can run. Lines of one code object lie side by side. */
struct format_line {
    files_id file;
    uint32_t line; /* from 1; 0 in an empty module, as the interpreter has it */
    codes_id code; /* the outermost code object that has it */
    uint32_t pad;
    _Atomic uint64_t hits;
    _Atomic uint64_t self_ticks;  /* while this line was the innermost that ran */
    _Atomic uint64_t below_ticks; /* in calls made from it, recursion counted once */
    _Atomic uint64_t calls;       /* frames begun or gone on with, from it */
};

/* Where counts alone are recorded, not every line has a counter of its own: some follow
 * from others. A place has the value of its own counter plus the values of its terms,
 * which belong to places before it. The value goes to the hits of its line; a reader
 * does that (session/sums.c), so that nobody above it hears of places. */
struct format_place {
    lines_id line;    /* or FORMAT_NONE */
    uint32_t n_terms; /* they follow those of the place before */
    _Atomic uint64_t hits;
};

struct format_term {
    places_id place;
    int32_t sign; /* 1 or -1 */
};

/* One per (parent, code): the calling-context tree. Node 0 is the process; every thread
 * has a root under it. A parent comes before its children, so indexes only grow towards
 * the leaves. A generator or coroutine stays at the node where it began, whoever makes
 * it go on. */
struct format_node {
    nodes_id parent;   /* FORMAT_NONE for node 0 */
    codes_id code;     /* FORMAT_NONE for node 0 and the roots of threads */
    threads_id thread; /* FORMAT_NONE for node 0 */
    uint32_t depth;
    nodes_id last_child_used; /* the writer's own, 0 for none; readers use `parent` */
    uint32_t pad;
    _Atomic uint64_t calls;
    _Atomic uint64_t resumes; /* a generator or coroutine went on */
    _Atomic uint64_t self_ticks;
    _Atomic uint64_t suspended_ticks; /* between a yield or await and going on */
    _Atomic uint64_t raised;          /* left by an exception */
};

enum format_thread_state { FORMAT_THREAD_RUNS, FORMAT_THREAD_ENDED };

struct format_thread {
    strings_id name;
    uint32_t native_id;
    nodes_id root;
    _Atomic uint32_t state;
    _Atomic uint32_t node;       /* where it is */
    _Atomic uint32_t line;       /* lines_id it is on, or FORMAT_NONE */
    _Atomic uint64_t line_ticks; /* when its last event was: self time not yet booked */
    _Atomic uint64_t node_ticks; /* the same for the node */
};

enum format_reason {
    FORMAT_STOP_PAUSE,
    FORMAT_STOP_STEP,
    FORMAT_STOP_BREAK,
    FORMAT_STOP_START,  /* --pause: before the first line */
    FORMAT_STOP_RAISED, /* an exception nobody caught: not a pause, a snapshot */
};

/* The program stood still, or died of an exception; its frames, innermost first. */
struct format_stop {
    uint32_t reason;
    threads_id thread;
    uint32_t first_frame;
    uint32_t n_frames;
    strings_id text; /* "ZeroDivisionError: division by zero"; "" */
    uint32_t pad;
    uint64_t ticks;
};

struct format_frame {
    codes_id code; /* FORMAT_NONE for code without probes */
    uint32_t line;
    strings_id path; /* co_filename and co_qualname, for every frame */
    strings_id qualname;
    uint32_t first_value; /* its locals; globals, in a module's frame */
    uint32_t n_values;
};

enum format_value_flag {
    FORMAT_VALUE_OPAQUE = 1,    /* no builtin type: `text` is the type alone */
    FORMAT_VALUE_CUT = 2,       /* shortened */
    FORMAT_VALUE_MASKED = 4,    /* the name is one of password, token, secret, ... */
    FORMAT_VALUE_CHANGED = 8,   /* another text than at this frame's stop before */
    FORMAT_VALUE_RETURNED = 16, /* no variable: `name` is "f()", which returned it */
};

struct format_value {
    strings_id name;
    strings_id text;
    strings_id type;
    uint32_t flags;
};

/* A filter rule, in the words of session/scope.h, and what it left out. */
struct format_rule {
    strings_id text;
    uint32_t include;     /* 1 include, 0 exclude */
    _Atomic uint32_t off; /* undone while the program ran */
    uint32_t pad;
    _Atomic uint64_t n_codes; /* code objects it decided about */
};

/* How long the calls of a function took, from entering it to leaving it, with what it
 * called and what it waited for; one per code object that was left at least once.
 * Durations are sorted into buckets, FORMAT_TIMING_STEPS for each doubling: up to
 * FORMAT_TIMING_STEPS ticks a bucket has one duration, then the durations d with the
 * same floor(log2 d) and the same next three bits. The last one takes the rest. */
#define FORMAT_TIMING_STEPS 8u
#define FORMAT_TIMING_BUCKETS 352u

struct format_timing {
    codes_id code;
    uint32_t pad;
    _Atomic uint64_t min_ticks; /* UINT64_MAX before the first */
    _Atomic uint64_t max_ticks;
    _Atomic uint32_t calls[FORMAT_TIMING_BUCKETS]; /* UINT32_MAX: that many or more */
};

enum format_task_state {
    FORMAT_TASK_RUNS,
    FORMAT_TASK_WAITS,
    FORMAT_TASK_ENDED, /* its outermost watched coroutine did */
};

/* A task of asyncio, from the outermost of its coroutines that is watched. */
struct format_task {
    strings_id name;
    codes_id code; /* the coroutine */
    nodes_id node;
    threads_id thread; /* that it ran in first */
    _Atomic uint32_t state;
    _Atomic uint32_t line; /* lines_id that it waits on, or FORMAT_NONE */
    uint64_t start_ticks;
    _Atomic uint64_t last_ticks;    /* when the state began */
    _Atomic uint64_t ran_ticks;     /* before that */
    _Atomic uint64_t awaited_ticks; /* the same */
    _Atomic uint64_t runs;          /* times it went on, the first included */
};

/* An exception, from the innermost watched line that it passed to the `except` or
 * `with` that ended it; one for each type and pair of lines. */
struct format_error {
    strings_id type;
    strings_id text;  /* of the first: "KeyError: 'x'" */
    lines_id raised;  /* FORMAT_NONE: not known */
    lines_id handled; /* FORMAT_NONE: by nobody, a thread ended with it */
    _Atomic uint64_t count;
    uint64_t first_ticks;
    _Atomic uint64_t last_ticks;
};

/* The event log: what happened, in order, in chunks that are written from front to back
 * and begun anew, oldest first, when there are as many as the session may have. A chunk
 * begins with the stacks of all threads at that moment, so that it can be understood
 * alone: for each thread a word with its id in the upper half and the number of frames
 * that follow in the lower, a word with its depth (more than follow, where the
 * outermost are left out), and a word for each frame, outermost first, codes_id and
 * lines_id. Then come the events: kind in 4 bits, ticks since the event before in 28,
 * site in 32. */
#define FORMAT_CHUNK_SIZE 65536u
#define FORMAT_CHUNK_WORDS 8188u

enum format_event {
    FORMAT_EVENT_LINE,  /* site: lines_id */
    FORMAT_EVENT_ENTER, /* from here on, codes_id */
    FORMAT_EVENT_LEAVE,
    FORMAT_EVENT_YIELD,
    FORMAT_EVENT_RESUME,
    FORMAT_EVENT_UNWIND,  /* an exception left it */
    FORMAT_EVENT_CATCH,   /* an exception arrived at a handler of it */
    FORMAT_EVENT_HANDLED, /* an exception is over: index of FORMAT_ERRORS */
    FORMAT_EVENT_THREAD,  /* threads_id, that what follows happened in */
    FORMAT_EVENT_TIME,    /* higher bits of the next event's ticks, from bit 28 on */
    FORMAT_N_EVENTS
};

enum format_log { /* format_header.log */
                  FORMAT_LOG_NONE,
                  FORMAT_LOG_RING, /* of the newest events */
                  FORMAT_LOG_ALL,  /* as far as there is room */
};

struct format_chunk {
    _Atomic uint64_t number; /* from 1, in order; 0 while it is begun anew, and what
                                follows may then be of either time */
    _Atomic uint64_t ticks;  /* when it began */
    _Atomic uint32_t n_words;
    _Atomic uint32_t n_stack_words; /* of them, the first are stacks */
    _Atomic uint32_t thread;        /* that the first event happened in */
    uint32_t pad;
    _Atomic uint64_t words[FORMAT_CHUNK_WORDS];
};

/* Adds to a counter. Without a locked addition, for it has one writer, and without an
 * order beyond its own. */
static inline void
format_add(_Atomic uint64_t *counter, uint64_t n)
{
    atomic_store_explicit(counter,
                          atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}

static_assert(sizeof(struct format_entry) == 32, "entry");
static_assert(sizeof(struct format_header) <= FORMAT_HEADER_SIZE, "header");
static_assert(sizeof(struct format_file) == 16, "file");
static_assert(sizeof(struct format_code) == 28, "code");
static_assert(sizeof(struct format_line) == 48, "line");
static_assert(sizeof(struct format_place) == 16, "place");
static_assert(sizeof(struct format_term) == 8, "term");
static_assert(sizeof(struct format_node) == 64, "node");
static_assert(sizeof(struct format_thread) == 40, "thread");
static_assert(sizeof(struct format_stop) == 32, "stop");
static_assert(sizeof(struct format_frame) == 24, "frame");
static_assert(sizeof(struct format_value) == 16, "value");
static_assert(sizeof(struct format_rule) == 24, "rule");
static_assert(sizeof(struct format_timing) == 1432, "timing");
static_assert(sizeof(struct format_task) == 64, "task");
static_assert(sizeof(struct format_error) == 40, "error");
static_assert(sizeof(struct format_chunk) == FORMAT_CHUNK_SIZE, "chunk");

#endif
