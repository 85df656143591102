/* The compiler's attributes, the one place where GNU extensions are allowed. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_EXPORT __attribute__((visibility("default")))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_ALWAYS_INLINE inline __attribute__((always_inline))
#define ATTR_LIKELY(x) __builtin_expect(!!(x), 1)
#define ATTR_UNLIKELY(x) __builtin_expect(!!(x), 0)

#endif
