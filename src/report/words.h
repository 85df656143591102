/* Single words of Python: what they are by themselves. For the lexer. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>

bool words_is_keyword(const char *word, size_t len);
bool words_is_builtin(const char *word, size_t len);

/* What the letters in front of a quote say, of enum words_prefix; -1 if they are no
 * prefix. */
enum words_prefix {
    WORDS_RAW = 1,
    WORDS_FORMAT = 2, /* the string has replacement fields */
};
int words_string_prefix(const char *s, size_t len);

/* Length of the number at the start of `s`, which begins with a digit, or a point and a
 * digit. */
size_t words_number_len(const char *s, size_t len);

static inline bool
words_is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

static inline bool
words_is_name_char(char c)
{
    return words_is_name_start(c) || isdigit((unsigned char)c);
}

#endif
