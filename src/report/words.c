#include "report/words.h"

#include <ctype.h>
#include <string.h>

/* Both sorted. */
static const char *const keywords[] = {
    "False",  "None",   "True",    "and",      "as",       "assert", "async",
    "await",  "break",  "class",   "continue", "def",      "del",    "elif",
    "else",   "except", "finally", "for",      "from",     "global", "if",
    "import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
    "pass",   "raise",  "return",  "try",      "while",    "with",   "yield"};

static const char *const builtins[] = {"ArithmeticError",
                                       "AssertionError",
                                       "AttributeError",
                                       "BaseException",
                                       "BaseExceptionGroup",
                                       "BlockingIOError",
                                       "BrokenPipeError",
                                       "BufferError",
                                       "BytesWarning",
                                       "ChildProcessError",
                                       "ConnectionAbortedError",
                                       "ConnectionError",
                                       "ConnectionRefusedError",
                                       "ConnectionResetError",
                                       "DeprecationWarning",
                                       "EOFError",
                                       "Ellipsis",
                                       "EncodingWarning",
                                       "EnvironmentError",
                                       "Exception",
                                       "ExceptionGroup",
                                       "FileExistsError",
                                       "FileNotFoundError",
                                       "FloatingPointError",
                                       "FutureWarning",
                                       "GeneratorExit",
                                       "IOError",
                                       "ImportError",
                                       "ImportWarning",
                                       "IndentationError",
                                       "IndexError",
                                       "InterruptedError",
                                       "IsADirectoryError",
                                       "KeyError",
                                       "KeyboardInterrupt",
                                       "LookupError",
                                       "MemoryError",
                                       "ModuleNotFoundError",
                                       "NameError",
                                       "NotADirectoryError",
                                       "NotImplemented",
                                       "NotImplementedError",
                                       "OSError",
                                       "OverflowError",
                                       "PendingDeprecationWarning",
                                       "PermissionError",
                                       "ProcessLookupError",
                                       "PythonFinalizationError",
                                       "RecursionError",
                                       "ReferenceError",
                                       "ResourceWarning",
                                       "RuntimeError",
                                       "RuntimeWarning",
                                       "StopAsyncIteration",
                                       "StopIteration",
                                       "SyntaxError",
                                       "SyntaxWarning",
                                       "SystemError",
                                       "SystemExit",
                                       "TabError",
                                       "TimeoutError",
                                       "TypeError",
                                       "UnboundLocalError",
                                       "UnicodeDecodeError",
                                       "UnicodeEncodeError",
                                       "UnicodeError",
                                       "UnicodeTranslateError",
                                       "UnicodeWarning",
                                       "UserWarning",
                                       "ValueError",
                                       "Warning",
                                       "ZeroDivisionError",
                                       "__debug__",
                                       "__import__",
                                       "abs",
                                       "aiter",
                                       "all",
                                       "anext",
                                       "any",
                                       "ascii",
                                       "bin",
                                       "bool",
                                       "breakpoint",
                                       "bytearray",
                                       "bytes",
                                       "callable",
                                       "chr",
                                       "classmethod",
                                       "compile",
                                       "complex",
                                       "delattr",
                                       "dict",
                                       "dir",
                                       "divmod",
                                       "enumerate",
                                       "eval",
                                       "exec",
                                       "filter",
                                       "float",
                                       "format",
                                       "frozenset",
                                       "getattr",
                                       "globals",
                                       "hasattr",
                                       "hash",
                                       "hex",
                                       "id",
                                       "input",
                                       "int",
                                       "isinstance",
                                       "issubclass",
                                       "iter",
                                       "len",
                                       "list",
                                       "locals",
                                       "map",
                                       "max",
                                       "memoryview",
                                       "min",
                                       "next",
                                       "object",
                                       "oct",
                                       "open",
                                       "ord",
                                       "pow",
                                       "print",
                                       "property",
                                       "range",
                                       "repr",
                                       "reversed",
                                       "round",
                                       "set",
                                       "setattr",
                                       "slice",
                                       "sorted",
                                       "staticmethod",
                                       "str",
                                       "sum",
                                       "super",
                                       "tuple",
                                       "type",
                                       "vars",
                                       "zip"};

enum {
    N_KEYWORDS = sizeof(keywords) / sizeof(keywords[0]),
    N_BUILTINS = sizeof(builtins) / sizeof(builtins[0])
};

static bool
is_in(const char *word, size_t len, const char *const *table, size_t n)
{
    size_t low = 0, high = n, middle;
    int c;

    while (low < high) {
        middle = low + (high - low) / 2;
        c = strncmp(word, table[middle], len);
        if (c == 0 && table[middle][len] != '\0')
            c = -1;
        if (c == 0)
            return true;
        if (c < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool
words_is_keyword(const char *word, size_t len)
{
    return is_in(word, len, keywords, N_KEYWORDS);
}

bool
words_is_builtin(const char *word, size_t len)
{
    return is_in(word, len, builtins, N_BUILTINS);
}

int
words_string_prefix(const char *s, size_t len)
{
    static const char *const known[] = {"b",  "br", "f", "fr", "r", "rb",
                                        "rf", "rt", "t", "tr", "u"};
    char low[3] = {0};
    int flags = 0;

    if (len > 2)
        return -1;
    for (size_t i = 0; i < len; i++)
        low[i] = (char)tolower((unsigned char)s[i]);
    if (len && !is_in(low, len, known, sizeof(known) / sizeof(known[0])))
        return -1;
    for (size_t i = 0; i < len; i++)
        flags |= low[i] == 'r'                    ? WORDS_RAW
                 : low[i] == 'f' || low[i] == 't' ? WORDS_FORMAT
                                                  : 0;
    return flags;
}

static size_t
digits(const char *s, size_t len, size_t at)
{
    while (at < len && (isdigit((unsigned char)s[at]) || s[at] == '_'))
        at++;
    return at;
}

static bool
is_digit_at(const char *s, size_t len, size_t at)
{
    return at < len && isdigit((unsigned char)s[at]);
}

static size_t
decimal_len(const char *s, size_t len)
{
    size_t at = digits(s, len, 0), sign;

    if (at < len && s[at] == '.')
        at = digits(s, len, at + 1);
    if (at < len && (s[at] | 0x20) == 'e') {
        sign = at + 1 < len && (s[at + 1] == '+' || s[at + 1] == '-');
        if (is_digit_at(s, len, at + 1 + sign))
            at = digits(s, len, at + 1 + sign);
    }
    return at < len && (s[at] | 0x20) == 'j' ? at + 1 : at;
}

size_t
words_number_len(const char *s, size_t len)
{
    char base = len > 1 && s[0] == '0' ? (char)(s[1] | 0x20) : '\0';
    size_t at = 2;

    if (base == 'o' || base == 'b')
        return digits(s, len, at);
    if (base != 'x')
        return decimal_len(s, len);
    while (at < len && (isxdigit((unsigned char)s[at]) || s[at] == '_'))
        at++;
    return at;
}
