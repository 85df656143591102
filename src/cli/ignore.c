#include "cli/ignore.h"

#include <ctype.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* Adds a rule for a path that is no pattern: what globs take for a sign stands in a set
 * of one, and so for itself. */
static void
add_rule(struct texts *rules, const char *path, const char *tail)
{
    struct buf rule = {0};

    for (; *path; path++) {
        if (strchr("*?[", *path))
            buf_printf(&rule, "[%c]", *path);
        else
            buf_add_char(&rule, *path);
    }
    buf_add_str(&rule, tail);
    texts_add(rules, buf_str(&rule));
    buf_release(&rule);
}

/* `trace` goes by the file's name alone: a module of that name in any package is left
 * out, and a package is not, because its file is called __init__. */
void
ignore_modules(const char *names, struct texts *rules)
{
    const char blanks[] = " \t\r\n";
    struct texts list = {0};

    texts_split(&list, names, ',');
    for (size_t i = 0; i < list.n; i++) {
        char *name = list.items[i] + strspn(list.items[i], blanks);
        size_t len = strlen(name);

        while (len > 0 && strchr(blanks, name[len - 1]))
            name[--len] = '\0';
        if (*name && !strchr(name, '/'))
            add_rule(rules, name, ".py");
    }
    texts_release(&list);
}

/* Folders */

/* $NAME and ${NAME}; what is not in the environment stays. */
static void
add_variables(struct buf *out, const char *text)
{
    while (*text) {
        bool braces = text[0] == '$' && text[1] == '{';
        const char *name = text + (braces ? 2 : 1);
        size_t len = 0;
        char *copy;
        const char *value = NULL;

        if (*text == '$')
            while (braces ? name[len] && name[len] != '}'
                          : isalnum((unsigned char)name[len]) || name[len] == '_')
                len++;
        if (len > 0 && (!braces || name[len] == '}')) {
            copy = xalloc_copy_n(name, len);
            value = getenv(copy);
            free(copy);
        }
        if (value) {
            buf_add_str(out, value);
            text = name + len + braces;
        } else {
            buf_add_char(out, *text++);
        }
    }
}

/* ~ and ~NAME at the start; a user who is not there stays. */
static void
add_home(struct buf *out, const char *text)
{
    size_t len = strcspn(text, "/");
    const char *home = NULL;

    if (text[0] == '~') {
        char *name = xalloc_copy_n(text + 1, len - 1);
        const struct passwd *user;

        if (!*name)
            home = getenv("HOME");
        user = home ? NULL : *name ? getpwnam(name) : NULL;
        if (user)
            home = user->pw_dir;
        free(name);
    }
    if (home) {
        buf_add_str(out, home);
        text += len;
    }
    buf_add_str(out, text);
}

/* Puts the interpreter's folder where `word` stands. */
static bool
replace_prefix(char **text, const char *word, const char *path_name,
               const struct python *python, struct err *err)
{
    struct buf out = {0};
    const char *from = *text, *at = strstr(from, word);
    char *path = at ? python_path(python, path_name, err) : NULL;

    if (!at)
        return true;
    if (!path)
        return false;
    for (; at; at = strstr(from, word)) {
        buf_add(&out, from, (size_t)(at - from));
        buf_add_str(&out, path);
        from = at + strlen(word);
    }
    buf_add_str(&out, from);
    free(path);
    free(*text);
    *text = buf_take(&out);
    return true;
}

/* As os.path.normpath(): without empty parts, "." and "..", where that can be. */
static char *
normalize(const char *path)
{
    size_t n_slashes = strspn(path, "/");
    struct texts parts = {0}, kept = {0};
    struct buf out = {0};

    texts_split(&parts, path, '/');
    for (size_t i = 0; i < parts.n; i++) {
        const char *part = parts.items[i];
        bool up = strcmp(part, "..") == 0;

        if (strcmp(part, ".") == 0 || (up && kept.n == 0 && n_slashes > 0))
            continue;
        if (up && kept.n > 0 && strcmp(kept.items[kept.n - 1], "..") != 0) {
            free(kept.items[--kept.n]);
            kept.items[kept.n] = NULL;
        } else {
            texts_add(&kept, part);
        }
    }
    /* Two slashes mean something of their own in POSIX, three do not. */
    buf_add_str(&out, n_slashes == 2 ? "//" : n_slashes ? "/" : "");
    for (size_t i = 0; i < kept.n; i++)
        buf_printf(&out, "%s%s", i ? "/" : "", kept.items[i]);
    if (out.len == 0)
        buf_add_char(&out, '.');
    texts_release(&parts);
    texts_release(&kept);
    return buf_take(&out);
}

/* `trace` compares the start of each file's name. Imported modules have absolute names,
 * so a relative folder can only be that of the program itself. */
static void
add_folder(struct texts *rules, const char *dir, const char *script)
{
    size_t len = strlen(dir);

    if (dir[0] == '/' && dir[1] && dir[1] != '/')
        add_rule(rules, dir, "/**");
    else if (dir[0] != '/' && script && strncmp(script, dir, len) == 0 &&
             script[len] == '/')
        add_rule(rules, script, "");
}

bool
ignore_dirs(const char *dirs, const char *script, const struct python *python,
            struct texts *rules, struct err *err)
{
    bool more = true, ok = true;

    for (const char *end; more && ok; dirs = end + 1) {
        struct buf plain = {0}, home = {0};
        char *one, *text, *dir = NULL;

        end = dirs + strcspn(dirs, ":");
        more = *end != '\0';
        one = xalloc_copy_n(dirs, (size_t)(end - dirs));
        add_variables(&plain, one);
        add_home(&home, buf_str(&plain));
        text = buf_take(&home);
        ok = replace_prefix(&text, "$prefix", "stdlib", python, err) &&
             replace_prefix(&text, "$exec_prefix", "platstdlib", python, err);
        if (ok) {
            dir = normalize(text);
            add_folder(rules, dir, script);
        }
        free(dir);
        free(text);
        free(one);
        buf_release(&plain);
    }
    return ok;
}
