"""Which lines of a file can run, by what the compiler makes of it."""
import dis
import inspect
import sys
import token
import tokenize


def lines_of_code(code, strings):
    """{line: 1} for where lines begin in a code object, but those in `strings`."""
    return {line: 1 for _, line in dis.findlinestarts(code) if line not in strings}


def lines_of_codes(code, strings):
    """The same for a code object and all those among its constants."""
    lines = lines_of_code(code, strings)
    for constant in filter(inspect.iscode, code.co_consts):
        lines.update(lines_of_codes(constant, strings))
    return lines


def strings_of_file(filename, encoding=None):
    """{line: 1} for the lines of strings that begin a block: docstrings, mostly."""
    lines = {}
    before = token.INDENT  # a file begins like a block
    with open(filename, encoding=encoding) as source:
        for kind, _, (first, _), (last, _), _ in tokenize.generate_tokens(source.readline):
            if kind == token.STRING and before == token.INDENT:
                lines.update(dict.fromkeys(range(first, last + 1), 1))
            before = kind
    return lines


def lines_of_file(filename):
    """{line: 1} for the lines of a file that can run. One that cannot be opened has
    none; that is said on stderr."""
    try:
        with tokenize.open(filename) as source:
            text, encoding = source.read(), source.encoding
    except OSError as error:
        print(f"Not printing coverage data for {filename!r}: {error}", file=sys.stderr)
        return {}
    code = compile(text, filename, "exec")
    return lines_of_codes(code, strings_of_file(filename, encoding))
