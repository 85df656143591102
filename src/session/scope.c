#include "session/scope.h"

#include <stdlib.h>
#include <string.h>

enum kind {
    MINE,
    STDLIB,
    SITE,
    GENERATED,
    ALL,
    N_KEYWORDS,
    PATH = N_KEYWORDS,
    MODULE,
    FROZEN /* of a file: no rule takes it */
};

static const char *const keywords[N_KEYWORDS] = {
    [MINE] = "mine",           [STDLIB] = "stdlib", [SITE] = "site-packages",
    [GENERATED] = "generated", [ALL] = "all",
};

struct rule {
    char *text;     /* as given */
    char *glob;     /* of the file or the module */
    char *function; /* glob of the qualified name, in `glob`'s memory; NULL: any */
    enum kind kind;
    bool include;
    bool off; /* taken away; it keeps its number */
};

struct scope {
    char *stdlib; /* without a "/" at its end */
    struct rule *rules;
    uint32_t n_rules;
    uint32_t cap;
    uint32_t n_includes;
};

struct scope *
scope_new(const char *stdlib)
{
    struct scope *s = calloc(1, sizeof(*s));
    size_t len = stdlib ? strlen(stdlib) : 0;

    if (!s)
        return NULL;
    while (len > 0 && stdlib[len - 1] == '/')
        len--;
    s->stdlib = strndup(stdlib ? stdlib : "", len);
    if (!s->stdlib) {
        free(s);
        return NULL;
    }
    return s;
}

void
scope_free(struct scope *s)
{
    if (!s)
        return;
    for (uint32_t i = 0; i < s->n_rules; i++) {
        free(s->rules[i].text);
        free(s->rules[i].glob);
    }
    free(s->rules);
    free(s->stdlib);
    free(s);
}

/* Globs */

/* Whether `c` is in the set that begins behind the "[" at `p`; *end is set behind its
 * "]", or NULL if there is none: then the "[" is a character like any other. */
static bool
is_in_set(const char *p, unsigned char c, const char **end)
{
    bool negated = *p == '!' || *p == '^';
    bool found = false;
    const char *first;

    p += negated;
    first = p;
    for (; *p && (*p != ']' || p == first); p++) {
        unsigned char low = (unsigned char)*p;

        if (p[1] == '-' && p[2] && p[2] != ']')
            p += 2;
        found |= low <= c && c <= (unsigned char)*p;
    }
    *end = *p ? p + 1 : NULL;
    return found != negated;
}

/* Whether the one-character pattern at `p` takes `c`; *end is set behind the pattern.
 * `border` is a character that only itself takes, or 0. */
static bool
takes_char(const char *p, char c, char border, const char **end)
{
    *end = p + 1;
    if (!c)
        return false;
    if (*p == '?')
        return c != border;
    if (*p == '[') {
        bool in_set = is_in_set(p + 1, (unsigned char)c, end);

        if (*end)
            return in_set && c != border;
        *end = p + 1;
    }
    return *p == c;
}

/* Where to go on when the text behind a star does not match: the star takes one
 * character more, or, for a star that stands for whole folders, one folder more. */
struct star {
    const char *glob; /* behind the star; NULL: none so far */
    const char *text;
    bool folders;
};

static bool
widen(struct star *star, char border)
{
    if (!star->glob || !*star->text || (border && *star->text == border))
        return false;
    if (star->folders) {
        star->text = strchr(star->text, '/');
        if (!star->text)
            return false;
    }
    star->text++;
    return true;
}

/* Matches all of `text`. With border '/', "*" stops at it and "**" does not. Only the
 * latest star of each sort must ever be widened: what an earlier one could take more,
 * the later one takes as well, or a border lies between. */
static bool
match(const char *glob, const char *text, char border, struct star deep)
{
    struct star flat = {0};
    const char *behind;

    while (*glob || *text) {
        if (glob[0] == '*' && border && glob[1] == '*') {
            bool folders = glob[2] == '/';

            glob += folders ? 3 : 2;
            deep = (struct star){glob, text, folders};
            flat = (struct star){0};
        } else if (glob[0] == '*') {
            flat = (struct star){++glob, text, false};
        } else if (*glob && takes_char(glob, *text, border, &behind)) {
            glob = behind;
            text++;
        } else if (widen(&flat, border)) {
            glob = flat.glob;
            text = flat.text;
        } else if (widen(&deep, 0)) {
            flat = (struct star){0};
            glob = deep.glob;
            text = deep.text;
        } else {
            return false;
        }
    }
    return true;
}

static bool
match_path(const char *glob, const char *path)
{
    struct star anywhere = {glob, path, true};

    if (glob[0] == '/')
        anywhere = (struct star){0};
    return match(glob, path, '/', anywhere);
}

/* Matches a dotted name, or one that it lies below. */
static bool
match_name(const char *glob, const char *name)
{
    size_t len = strlen(name);
    char *head;
    bool found;

    if (match(glob, name, 0, (struct star){0}))
        return true;
    head = strdup(name);
    if (!head)
        return false;
    for (found = false; !found && len-- > 0;) {
        if (head[len] != '.')
            continue;
        head[len] = '\0';
        found = match(glob, head, 0, (struct star){0});
    }
    free(head);
    return found;
}

/* What sort of file */

static bool
is_generated(const char *path)
{
    size_t len = strlen(path);

    return len == 0 || (path[0] == '<' && path[len - 1] == '>');
}

static bool
is_frozen(const char *path)
{
    return strncmp(path, "<frozen ", strlen("<frozen ")) == 0;
}

static bool
has_folder(const char *path, const char *folder)
{
    size_t len = strlen(folder);

    for (const char *p = path; (p = strstr(p, folder)) != NULL; p += len) {
        if ((p == path || p[-1] == '/') && p[len] == '/')
            return true;
    }
    return false;
}

static enum kind
kind_of(const struct scope *s, const char *path)
{
    size_t len = strlen(s->stdlib);

    if (is_frozen(path))
        return FROZEN;
    if (is_generated(path))
        return GENERATED;
    if (has_folder(path, "site-packages") || has_folder(path, "dist-packages"))
        return SITE;
    if (len > 0 && strncmp(path, s->stdlib, len) == 0 && path[len] == '/')
        return STDLIB;
    return MINE;
}

/* Rules */

static bool
refuse(struct err *err, const char *rule, const char *why)
{
    return err_set(err, "rule '%s': %s", rule, why);
}

static bool
is_name_glob(const char *s, size_t len, const char *more)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                       (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;

        if (!is_word && !strchr(".*?[]!^-", c) && !strchr(more, c))
            return false;
    }
    return true;
}

static bool
ends_in(const char *s, size_t len, const char *end)
{
    size_t end_len = strlen(end);

    return len >= end_len && memcmp(s + len - end_len, end, end_len) == 0;
}

static bool
check_module(const char *rule, struct err *err)
{
    const char *colon = strchr(rule, ':');
    size_t len = colon ? (size_t)(colon - rule) : strlen(rule);

    if (len == 0)
        return refuse(err, rule, "a module is missing before the ':' ('*' is any)");
    if (colon && ends_in(rule, len, ".py"))
        return refuse(err, rule, "before the ':' goes a module, not a file");
    if (colon && !colon[1])
        return refuse(err, rule, "a function is missing behind the ':'");
    if (!is_name_glob(rule, len, ""))
        return refuse(err, rule,
                      "neither a module nor a file (a file ends in .py or "
                      "has a '/')");
    if (rule[0] == '.' || rule[len - 1] == '.' || strstr(rule, ".."))
        return refuse(err, rule, "a module's name has no empty part");
    if (colon && !is_name_glob(colon + 1, strlen(colon + 1), "<>"))
        return refuse(err, rule,
                      "behind the ':' goes the qualified name of a function");
    return true;
}

static bool
classify(struct rule *r, const char *text, struct err *err)
{
    size_t len = strlen(text);

    if (len == 0)
        return err_set(err, "an empty rule takes nothing");
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return err_set(err, "a rule has a control character at byte %zu", i + 1);
    }
    for (r->kind = 0; r->kind < N_KEYWORDS; r->kind++) {
        if (strcmp(text, keywords[r->kind]) == 0)
            return true;
    }
    r->kind = strchr(text, '/') || ends_in(text, len, ".py") ? PATH : MODULE;
    if (r->kind == PATH && strspn(text, "./") == len && text[0] == '.')
        return refuse(err, text, "a rule knows no current folder");
    return r->kind == PATH || check_module(text, err);
}

/* Sets glob and function. False: no memory. */
static bool
compile(struct rule *r)
{
    const char *text = r->text;
    size_t len;

    while (strncmp(text, "./", 2) == 0)
        text += 2;
    len = strlen(text);
    r->glob = malloc(len + sizeof("**"));
    if (!r->glob)
        return false;
    memcpy(r->glob, text, len + 1);
    if (r->kind == PATH && text[len - 1] == '/')
        memcpy(r->glob + len, "**", sizeof("**"));
    if (r->kind == MODULE && strchr(r->glob, ':')) {
        r->function = strchr(r->glob, ':');
        *r->function++ = '\0';
    }
    return true;
}

bool
scope_add(struct scope *s, const char *rule, bool include, struct err *err)
{
    struct rule r = {.include = include};

    if (!classify(&r, rule, err))
        return false;
    if (s->n_rules == s->cap) {
        uint32_t cap = s->cap ? 2 * s->cap : 8;
        struct rule *rules = realloc(s->rules, cap * sizeof(*rules));

        if (!rules)
            return refuse(err, rule, "out of memory");
        s->rules = rules;
        s->cap = cap;
    }
    r.text = strdup(rule);
    if (!r.text || !compile(&r)) {
        free(r.text);
        return refuse(err, rule, "out of memory");
    }
    s->rules[s->n_rules++] = r;
    s->n_includes += include;
    return true;
}

bool
scope_remove(struct scope *s, const char *rule)
{
    for (uint32_t i = s->n_rules; i-- > 0;) {
        struct rule *r = &s->rules[i];

        if (!r->include && !r->off && strcmp(r->text, rule) == 0) {
            r->off = true;
            return true;
        }
    }
    return false;
}

bool
scope_is_rule(const char *rule, struct err *err)
{
    struct rule r = {0};

    return classify(&r, rule, err);
}

bool
scope_has_includes(const struct scope *s)
{
    return s->n_includes > 0;
}

bool
scope_includes(const struct scope *s, const char *rule)
{
    if (!s->n_includes)
        return strcmp(rule, keywords[MINE]) == 0;
    for (uint32_t i = 0; i < s->n_rules; i++)
        if (s->rules[i].include && strcmp(s->rules[i].text, rule) == 0)
            return true;
    return false;
}

/* Decisions */

enum answer { NO, SOME, YES }; /* SOME: it depends on the function, or the module */

static enum answer
rule_takes(const struct rule *r, enum kind kind, const char *path, const char *module,
           const char *qualname)
{
    if (r->off || kind == FROZEN)
        return NO;
    if (r->kind == ALL)
        return YES;
    if (r->kind < N_KEYWORDS)
        return r->kind == kind ? YES : NO;
    if (r->kind == PATH)
        return kind != GENERATED && match_path(r->glob, path) ? YES : NO;
    if (!qualname && !*module)
        return SOME;
    if (!match_name(r->glob, module))
        return NO;
    if (!r->function)
        return YES;
    if (!qualname)
        return SOME;
    return match_name(r->function, qualname) ? YES : NO;
}

bool
scope_wants(const struct scope *s, const struct scope_subject *what, uint32_t *rule)
{
    enum kind kind = kind_of(s, what->path);
    bool wanted = s->n_includes == 0 && kind == MINE;
    uint32_t by = SCOPE_DEFAULT;

    for (uint32_t i = 0; i < s->n_rules; i++) {
        const struct rule *r = &s->rules[i];

        if ((wanted && r->include) ||
            !rule_takes(r, kind, what->path, what->module, what->qualname))
            continue;
        wanted = r->include;
        by = i;
        if (!wanted)
            break;
    }
    if (rule)
        *rule = by;
    return wanted;
}

bool
scope_skips_file(const struct scope *s, const char *path, const char *module)
{
    enum kind kind = kind_of(s, path);
    bool wanted = s->n_includes == 0 && kind == MINE;

    for (uint32_t i = 0; i < s->n_rules; i++) {
        const struct rule *r = &s->rules[i];
        enum answer answer = rule_takes(r, kind, path, module, NULL);

        if (r->include)
            wanted |= answer != NO;
        else if (answer == YES)
            return true;
    }
    return !wanted;
}
