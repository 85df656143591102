"""Random programs: the same seed and version give the same text, and each ends by itself.

Loops go over a few values, or ask tick() first, as every function does; it raises when
the fuel is used up. Names that a program does not define are those of random_drive.py.
Programs are meant to raise and catch, to jump about, and to put much on one line and
little on many: that is where tracing is hard. A program that does not compile is thrown
away for the next one of the same seed."""
import random
import warnings

from random_tree import Block, Compound, Line, Piece, text

VARIABLES = "a b c d".split()
ERRORS = ("ValueError", "KeyError", "TypeError", "(ValueError, IndexError)",
          "LookupError", "ZeroDivisionError", "Exception")
FAILS = ("1 // 0", "[][9]", "{}['k']", "int('x')", "None.x", "fails(1)", "fails(2)",
         "fails(3)", "undefined", "next(iter(()))", "[].pop()")
FAT_LINES = 150


class Scope:
    """Where a statement stands: kind is module, plain, gen, coro, agen or class."""

    def __init__(self, kind, loops=0, returns=True, nested=0):
        self.kind = kind
        self.loops = loops  # that a break would end
        self.returns = returns and kind not in ("module", "class")
        self.nested = nested

    def inner(self, loop=False, star=False):
        loops = 0 if star else self.loops + loop
        return Scope(self.kind, loops, self.returns and not star, self.nested)

    def function(self, kind):
        return Scope(kind, nested=self.nested + 1)

    def suspends(self):
        return self.kind in ("gen", "agen")

    def waits(self):
        return self.kind in ("coro", "agen")


class Grammar:
    def __init__(self, dice, version):
        self.dice = dice
        self.version = version
        self.known = {}  # kind: names of functions that may be called
        self.n_names = 0

    def chance(self, part):
        return self.dice.random() < part

    def pick(self, *ways):
        return self.dice.choice(ways)

    def name(self, letter):
        self.n_names += 1
        return f"{letter}{self.n_names}"

    def variable(self):
        return self.dice.choice(VARIABLES)

    # Expressions. `inside` brackets a line may end anywhere.

    def gap(self, inside):
        if inside and self.chance(0.25):
            return "\n" + " " * self.dice.randrange(9)
        return " "

    def bracket(self, left, right, *parts):
        begin = self.gap(True) if self.chance(0.3) else ""
        end = self.gap(True) if self.chance(0.2) else ""
        return Piece(left + begin, *parts, end + right)

    def atom(self):
        if self.chance(0.12):
            return Piece(self.pick("flip()", "pyflip()", "ident(1)", "pyflip(\n1)"))
        if self.chance(0.02):
            return Piece(self.dice.choice(FAILS))
        return self.plain()

    def plain(self):
        return Piece(self.pick(self.variable(), str(self.dice.randrange(20))))

    def expression(self, scope, depth=2, inside=False):
        if depth <= 0 or self.chance(0.25):
            return self.atom()
        ways = [self.binary, self.boolean, self.chain, self.choice, self.bracketed,
                self.call, self.call, self.walrus, self.lambda_, self.comprehension,
                self.comprehension, self.display, self.text, self.unary]
        if scope.suspends():
            ways += [self.yield_] * 2
        if scope.waits():
            ways += [self.await_] * 3
        return self.dice.choice(ways)(scope, depth - 1, inside)

    def condition(self, scope, depth=2, inside=False):
        ways = [self.boolean, self.chain, self.flips, self.flips, self.unary]
        return self.dice.choice(ways)(scope, depth - 1, inside)

    def flips(self, scope, depth, inside):
        return Piece(self.pick("flip()", "pyflip()", "(not flip())", self.variable()))

    def unary(self, scope, depth, inside):
        return Piece("(", self.pick("not ", "-"), self.bracketed(scope, depth, inside), ")")

    def binary(self, scope, depth, inside):
        op = self.pick("+", "-", "^", "|", "&", "%", "<", "is")
        return Piece("(", self.expression(scope, depth, True), self.gap(True), op,
                     self.gap(True), self.expression(scope, depth, True), ")")

    def boolean(self, scope, depth, inside):
        parts = ["(" * inside, self.expression(scope, depth, inside)]
        for _ in range(self.dice.randrange(1, 3)):
            parts += [self.gap(inside), self.pick("and", "or"), self.gap(inside),
                      self.pick("", "not ") if self.chance(0.3) else "",
                      self.expression(scope, depth, inside)]
        return Piece(*parts, ")" * inside)

    def chain(self, scope, depth, inside):
        parts = ["(", self.atom()]
        for _ in range(self.dice.randrange(1, 3)):
            parts += [self.gap(True), self.pick("<", "<=", "==", "!="), self.gap(True),
                      self.expression(scope, depth, True)]
        return Piece(*parts, ")")

    def choice(self, scope, depth, inside):
        return Piece("(", self.expression(scope, depth, True), self.gap(True), "if ",
                     self.condition(scope, depth, True), self.gap(True), "else",
                     self.gap(True), self.expression(scope, depth, True), ")")

    def bracketed(self, scope, depth, inside):
        return self.bracket("(", ")", self.expression(scope, depth, True))

    def walrus(self, scope, depth, inside):
        return self.bracket("(", ")", self.variable(), self.gap(True), ":=",
                            self.gap(True), self.expression(scope, depth, True))

    def lambda_(self, scope, depth, inside):
        inner = self.expression(scope.function("plain"), depth, True)
        return Piece("(lambda x=1, *y: ", self.bracket("(", ")", inner), ")",
                     self.bracket("(", ")", self.arguments(scope, depth)))

    def display(self, scope, depth, inside):
        left, right = self.pick(("[", "][0]"), ("(", ")[-1]"), ("len({", "})"))
        parts = []
        for _ in range(self.dice.randrange(1, 4)):
            star = "*" if self.chance(0.1) else ""
            parts += [f"{star}", self.expression(scope, depth, True), ",", self.gap(True)]
        return Piece(left + self.gap(True), *parts, right)

    def text(self, scope, depth, inside):
        if self.chance(0.3):
            return Piece('len(f"""{', self.plain(), "}\n{", self.plain(), '!r:>3}""")')
        return Piece('len(f"{', self.plain(), "} x {", self.plain(), '}")')

    def comprehension(self, scope, depth, inside):
        head, tail = self.pick(("len([", "])"), ("bool({", "})"), ("show({1: ", "})"),
                               ("list(", ")"), ("any(", ")"), ("sum(", ")"))
        waits = scope.waits() and head[-1] in "[{"
        element = self.expression(scope.function("coro" if waits else "plain"), depth, True)
        parts = [self.gap(True), element]
        for _ in range(1 + self.chance(0.25)):
            away = waits and self.chance(0.4)
            parts += [self.gap(True), "async " * away, f"for {self.pick('x', 'y')} in ",
                      self.stream(scope, 0) if away else self.items(scope, 0)]
            if self.chance(0.5):
                parts += [self.gap(True), "if ", self.condition(scope, depth, True)]
        return Piece(head, *parts, tail)

    def items(self, scope, depth):
        """Something to go over."""
        if "gen" in self.known and self.chance(0.4):
            return Piece(self.call_of("gen", scope, 0))
        return Piece(self.pick("range(3)", "(1, 2)", "[1, 2, 3]", "()", "'ab'", "range(2)",
                               "(1,\n 2)", "iter([4, 5])"))

    def stream(self, scope, depth):
        if "agen" in self.known and self.chance(0.7):
            return Piece(self.call_of("agen", scope, 0))
        return Piece(self.pick("Away((1, 2))", "Away('abc')", "Away(())", "Away(\n[1])"))

    def arguments(self, scope, depth):
        parts = []
        for _ in range(self.dice.randrange(3)):
            parts += [self.expression(scope, depth, True), ",", self.gap(True)]
        if self.chance(0.15):
            parts += ["*(", self.expression(scope, depth, True), ",)"]
        return Piece(*parts)

    def call_of(self, kind, scope, depth):
        return Piece(self.dice.choice(self.known[kind]),
                     self.bracket("(", ")", self.arguments(scope, depth)))

    def call(self, scope, depth, inside):
        kind = self.pick(*self.known) if self.known else None
        if kind is None or self.chance(0.2):
            return Piece(self.pick("show", "ident", "fails", "attempt"),
                         self.bracket("(", ")", self.expression(scope, depth, True)))
        target = self.call_of(kind, scope, depth)
        if kind == "gen":
            head, tail = self.pick(("list(", ")"), ("poke(", ")"), ("next(", ", 0)"),
                                   ("next(", ")"), ("[*", "]"), ("deque(", ", 0)"))
            return Piece(head, target, tail)
        if kind == "coro":
            if scope.waits():
                return Piece("(await", self.gap(True), target, ")")
            return Piece("asyncio.run(" if self.chance(0.1) else "drive(", target, ")")
        if kind == "agen":
            if scope.waits():
                return Piece("(await anext(", target, ", 0))")
            return Piece("drive(anext(", target, self.pick(", 0", ""), "))")
        return target

    def yield_(self, scope, depth, inside):
        if scope.kind == "gen" and self.chance(0.35):
            return Piece("(yield from ", self.items(scope, depth), ")")
        return self.bracket("(", ")", "yield ", self.expression(scope, depth, True))

    def await_(self, scope, depth, inside):
        if "coro" in self.known and self.chance(0.5):
            return Piece("(await ", self.call_of("coro", scope, depth), ")")
        return Piece("(await" + self.gap(True),
                     self.pick("Pause()", "pause()", "asyncio.sleep(0)", "Pause(\n)"), ")")

    # Statements.

    def block(self, scope, depth, least=1):
        n = self.dice.randrange(least, 4 if depth > 0 else 3)
        statements = [self.statement(scope, depth) for _ in range(n)]
        return Block(statements, inline=self.chance(0.15))

    def simple(self, *parts):
        return Line(*parts, joined=self.chance(0.12))

    def statement(self, scope, depth):
        simple = [self.assign, self.assign, self.augment, self.say, self.say, self.unpack,
                  self.small, self.leave, self.leave]
        deep = [self.if_, self.if_, self.for_, self.for_, self.while_, self.try_, self.try_,
                self.try_, self.with_, self.with_, self.match_]
        if scope.suspends():
            simple += [self.bare_yield] * 3
        if scope.waits():
            simple += [self.bare_await] * 2
        if scope.kind == "gen" or scope.kind == "coro":
            simple += [self.guarded] * 3 + [self.delegate] * 3
        if scope.nested < 2:
            deep += [self.def_, self.class_]
        if depth > 0 and self.chance(0.45):
            return self.dice.choice(deep)(scope, depth - 1)
        return self.dice.choice(simple)(scope)

    def assign(self, scope):
        return self.simple(self.variable(), " = ", self.expression(scope, 3))

    def augment(self, scope):
        return self.simple(self.variable(), self.pick(" += ", " ^= ", " -= "),
                           self.expression(scope, 2))

    def say(self, scope):
        return self.simple("show", self.bracket("(", ")", self.expression(scope, 3, True)))

    def unpack(self, scope):
        target = self.pick("a, b", "a, *_", "(c,\n d)", "[a, (b, c)]", "a = c", "_, *c, a")
        value = self.pick(Piece("(", self.expression(scope, 2, True), ",\n ",
                                self.expression(scope, 1, True), ")"),
                          self.expression(scope, 2))
        return self.simple(target, " = ", value)

    def small(self, scope):
        if scope.kind == "plain" and scope.nested > 1 and self.chance(0.1):
            return Line("nonlocal b")
        return self.simple(self.pick(
            "pass", "del " + self.variable(), "...", "'text'", "a, b = b, a", "1 + 1",
            f"assert {self.variable()}, (\n{self.variable()})", "assert flip()"))

    def leave(self, scope):
        ways = [self.raise_]
        if scope.loops:
            ways += [lambda s: Line("break"), lambda s: Line("continue")] * 2
        if scope.returns:
            ways.append(self.return_)
        line = self.dice.choice(ways)(scope)
        if self.chance(0.85):
            return Compound((Piece("if ", self.condition(scope)),
                             Block([line], inline=self.chance(0.6))))
        return line

    def return_(self, scope):
        if scope.kind == "agen" or self.chance(0.2):
            return Line("return")
        return Line("return ", self.expression(scope, 2))

    def raise_(self, scope):
        if self.chance(0.1):
            return Line("raise")
        if self.chance(0.2):
            return Line(self.dice.choice(FAILS))
        if self.chance(0.2):
            return Line("raise ExceptionGroup('g', [ValueError(1),\n KeyError(",
                        self.atom(), ")])")
        cause = self.pick("", "", " from None", " from KeyError(1)")
        return Line("raise ", self.pick("ValueError", "KeyError", "TypeError"), "(",
                    self.atom(), ")", cause)

    def bare_yield(self, scope):
        return self.simple(self.yield_(scope, 1, False))

    def bare_await(self, scope):
        return self.simple(self.await_(scope, 1, False))

    def guarded(self, scope):
        """A suspension that takes what is thrown in, and what may come of that."""
        wait = self.bare_await if scope.waits() else self.bare_yield
        then = self.pick(self.say, self.small, self.leave)(scope)
        return Compound((Piece("try"), Block([wait(scope)])),
                        (Piece("except " + self.pick("KeyError", "ValueError", "Exception",
                                                     "LookupError")), Block([then])))

    def delegate(self, scope):
        """Waits for another function, mostly as all of a statement."""
        kind, word = ("coro", "await ") if scope.waits() else ("gen", "yield from ")
        if kind not in self.known:
            return self.say(scope)
        return self.simple(self.pick("", "a = ", "return "), word,
                           self.call_of(kind, scope, 0))

    def if_(self, scope, depth):
        clauses = [(Piece("if ", self.condition(scope)), self.block(scope, depth))]
        while self.chance(0.3):
            clauses.append((Piece("elif ", self.condition(scope)), self.block(scope, depth)))
        if self.chance(0.4):
            clauses.append((Piece("else"), self.block(scope, depth)))
        return Compound(*clauses)

    def or_else(self, scope, depth):
        return [(Piece("else"), self.block(scope, depth))] if self.chance(0.25) else []

    def for_(self, scope, depth):
        target = self.pick(self.variable(), self.variable(), "_", "a, b")
        away = scope.waits() and self.chance(0.5)
        over = self.stream(scope, 1) if away else self.items(scope, 1)
        head = Piece("async " * away + f"for {target} in ", over)
        return Compound((head, self.block(scope.inner(loop=True), depth)),
                        *self.or_else(scope, depth))

    def while_(self, scope, depth):
        body = self.block(scope.inner(loop=True), depth)
        if self.chance(0.3):
            body.statements.insert(0, Line("tick()"))
            return Compound((Piece(self.pick("while True", "while 1")), body))
        head = self.pick(Piece("while tick() and ", self.condition(scope)),
                         Piece("while (tick()\n and ", self.condition(scope, 2, True), ")"))
        return Compound((head, body), *self.or_else(scope, depth))

    def try_(self, scope, depth):
        clauses = [(Piece("try"), self.block(scope, depth))]
        star = self.chance(0.15)
        inner = scope.inner(star=star)
        handlers = self.dice.randrange(3)
        for _ in range(handlers):
            head = "except* " if star else "except "
            name = self.pick("", " as e")
            clauses.append((Piece(head + self.dice.choice(ERRORS) + name),
                            self.block(inner, depth)))
        if handlers and not star and self.chance(0.15):
            clauses.append((Piece("except"), self.block(scope, depth)))
        if handlers:
            clauses += self.or_else(scope, depth)
        if not handlers or self.chance(0.4):
            clauses.append((Piece("finally"), self.block(scope, depth)))
        return Compound(*clauses)

    def with_(self, scope, depth):
        away = scope.waits() and self.chance(0.5)
        kind = "amanager" if away else "manager"
        plain = ["Quiet()", "Quiet(\nFalse)", "Quiet(flip())", "Loud()",
                 "Loud(flip())"]
        if not away:
            plain += ["lock()", "suppress(ValueError)", "suppress(\nException)"]
        items, comma = [], self.pick(", ", ", ", ",\n ")
        for i in range(self.dice.randrange(1, 4)):
            items.append(comma if i else "")
            items.append(self.call_of(kind, scope, 0) if kind in self.known
                         and self.chance(0.5) else Piece(self.dice.choice(plain)))
            items.append(self.pick("", f" as {self.variable()}"))
        head = Piece("async " * away + "with (", *items, ")")
        if comma == ", " and self.chance(0.7):
            head = Piece("async " * away + "with ", *items)
        return Compound((head, self.block(scope, depth)))

    def match_(self, scope, depth):
        patterns = ["0", "1 | 2 | 3", "[x, *y]", "(x, y)", "{'k': x}", "int(x)", "None",
                    "True | False", "str() as x", "[1,\n *_]", "{**y}"]
        clauses = []
        for _ in range(self.dice.randrange(1, 4)):
            guard = [" if ", self.condition(scope)] if self.chance(0.4) else []
            clauses.append((Piece("case " + self.dice.choice(patterns), *guard),
                            self.block(scope, depth)))
        if self.chance(0.4):
            clauses.append((Piece("case " + self.pick("_", "x")), self.block(scope, depth)))
        cases = Block([Compound(*[clause]) for clause in clauses])
        return Compound((Piece("match ", self.expression(scope, 2)), cases))

    # Definitions.

    def decorators(self):
        if self.chance(0.8):
            return ""
        return self.pick("@ident\n", "@wrap(1,\n 2)\n", "@(ident\n )\n@wrap()\n")

    def body(self, scope, depth):
        """What a function does: it begins with fuel and variables."""
        first = [Line("tick()")]
        if self.chance(0.1):
            first.append(Line("global b"))
        elif self.chance(0.5):
            first.append(Line("b, c, d = 2, 3,", self.gap(False), "4"))
        if self.chance(0.01):
            first.append(self.fat(scope))
        if scope.kind in ("gen", "coro") and self.chance(0.5):
            first += [self.dice.choice([self.guarded, self.delegate, self.say])(scope)
                      for _ in range(self.dice.randrange(1, 4))]
        else:
            first += self.block(scope, depth, least=2).statements
        if scope.suspends() and self.chance(0.6):
            first.append(Line("yield ", self.atom()))
        elif scope.suspends():  # still a generator
            first.append(Compound((Piece("if not 1"), Block([Line("yield")]))))
        return Block(first)

    def fat(self, scope):
        """So long that jumps and constants need wide arguments."""
        lines = [Line(f"{self.variable()} = {1000 + i} + {2000 + i} * flip()")
                 for i in range(FAT_LINES)]
        middle = self.statement(scope.inner(loop=True), 1)
        return Compound((Piece("for _ in (1, 2)"), Block([*lines, middle, *lines])))

    def function(self, scope, depth, kind, name, first=""):
        inner = scope.function(kind)
        head = "async def " if inner.waits() else "def "
        if self.version >= (3, 12) and self.chance(0.05):
            name += "[T]"
        parameters = self.pick("a=1, *args", "a=1,\n c=2, *args", "a=3, *args, d=5")
        return Compound((Piece(self.decorators() + head + name + "(" + first + parameters + ")"),
                         self.body(inner, depth)))

    def def_(self, scope, depth):
        kind = self.pick("plain", "plain", "gen", "gen", "coro", "coro", "agen")
        name = self.name("f")
        made = self.function(scope, depth, kind, name)
        if scope.kind == "module" or self.chance(0.5):
            self.known.setdefault(kind, []).append(name)
        return made

    def manager(self, scope, depth):
        """A context manager: a generator, or a class with the two methods."""
        kind, name = self.pick("manager", "amanager"), self.name("m")
        way = "gen" if kind == "manager" else "agen"
        if self.chance(0.5):
            made = self.function(scope, depth, way, name)
            decorator = "@contextmanager\n" if way == "gen" else "@asynccontextmanager\n"
            made.clauses[0][0].parts.insert(0, decorator)
        else:
            mark, inner = ("", "plain") if way == "gen" else ("a", "coro")
            made = Compound((Piece("class " + name), Block([
                Line("def __init__(self, *args): pass"),
                self.function(scope, depth, inner, f"__{mark}enter__", "self, "),
                self.function(scope, depth, inner, f"__{mark}exit__", "self, ")])))
        self.known.setdefault(kind, []).append(name)
        return made

    def class_(self, scope, depth):
        name = self.name("C")
        inner = Scope("class", nested=scope.nested + 1)
        body = [self.statement(inner, 1) for _ in range(self.dice.randrange(1, 3))]
        for method in self.dice.sample(["__init__", "method", "__add__", "__bool__",
                                        "__eq__", "__iter__", "__call__", "__del__"], 3):
            kind = "gen" if method == "__iter__" else "plain"
            body.append(self.function(inner, depth, kind, method, "self, "))
        if self.chance(0.3):
            body[-1].clauses[0][0].parts.insert(0, "@property\n")
        made = Compound((Piece(f"{self.decorators()}class {name}"), Block(body)))
        self.known.setdefault("class", []).append(name)
        return made

    def program(self):
        scope = Scope("module")
        lines = [Line("a, b, c, d, e = 1, 2, 3, 4, 5")]
        for _ in range(self.dice.randrange(3, 7)):
            make = self.pick(*[self.def_] * 6, self.class_, self.manager)
            lines.append(make(scope, self.pick(1, 1, 2)))
        for kind, names in list(self.known.items()):
            for name in names[-3:]:
                lines.append(self.use(kind, name))
        lines += [self.statement(scope, 2) for _ in range(self.dice.randrange(1, 4))]
        return Block(lines)

    def use(self, kind, name):
        """A line that is sure to run the function."""
        ways = {"gen": ["attempt(poke, {}(1))", "attempt(list, {}(2))"],
                "coro": ["attempt(drive, {}(1))", "attempt(asyncio.run, {}(2))"],
                "agen": ["attempt(drive, anext({}(1)))"],
                "manager": ["attempt({})"], "amanager": ["attempt({})"],
                "class": ["attempt({})", "attempt(list, {}())"],
                "plain": ["attempt({}, 1)", "thread({}, 2)", "{}()", "attempt({}, 3)"]}
        return Line(self.dice.choice(ways[kind]).format(name))


def program(seed, version):
    """The tree of the program for a seed, which is a number."""
    for again in range(1000):
        tree = Grammar(random.Random(f"{seed}/{again}"), version).program()
        if compiles(text(tree)):
            return tree
    raise ValueError(f"seed {seed}: the grammar makes nothing that compiles")


def compiles(source):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<random>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
