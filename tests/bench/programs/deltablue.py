"""Call-dense: keeps values in step by one-way constraints of different strength. One
that comes or goes makes the planner choose anew which constraints hold, and in which
direction, touching only what lies downstream."""
from clock import timed

REQUIRED, STRONG, PREFERRED, DEFAULT, WEAKEST = range(5)
FORWARD, BACKWARD = 1, -1


class Variable:
    def __init__(self, name, value=0):
        self.name, self.value = name, value
        self.constraints = []
        self.made_by = None  # the constraint whose output it is
        self.mark = 0
        self.strength = WEAKEST  # of the weakest constraint that could be given up for it
        self.is_constant = True

    def consumers(self):
        return [c for c in self.constraints if c is not self.made_by and c.holds()]


class Constraint:
    def __init__(self, strength, *variables):
        self.strength = strength
        self.variables = variables

    def attach(self):
        for v in self.variables:
            v.constraints.append(self)

    def detach(self):
        for v in self.variables:
            v.constraints.remove(self)
        self.give_up()

    def inputs_known(self, mark):
        return all(v.mark == mark or v.is_constant or v.made_by is None
                   for v in self.inputs())

    def satisfy(self, planner, mark):
        """Takes the output for itself. Returns the constraint that had it, if any."""
        self.choose(mark)
        if not self.holds():
            if self.strength == REQUIRED:
                raise ValueError("a required constraint cannot be satisfied")
            return None
        for v in self.inputs():
            v.mark = mark
        out = self.output()
        beaten = out.made_by
        if beaten is not None:
            beaten.give_up()
        out.made_by = self
        if not planner.propagate(self, mark):
            raise ValueError("the constraints go in a circle")
        out.mark = mark
        return beaten

    def recompute(self):
        out, inputs = self.output(), self.inputs()
        out.strength = max([self.strength] + [self.other_strength(v) for v in inputs])
        out.is_constant = self.is_constant() and all(v.is_constant for v in inputs)
        if out.is_constant:
            self.execute()

    def other_strength(self, v):
        return v.strength

    def is_constant(self):
        return True


class Unary(Constraint):
    held = False

    def holds(self):
        return self.held

    def choose(self, mark):
        v = self.variables[0]
        self.held = v.mark != mark and self.strength < v.strength

    def give_up(self):
        self.held = False

    def inputs(self):
        return ()

    def output(self):
        return self.variables[0]

    def execute(self):
        pass


class Stay(Unary):
    """Leaves the variable as it is."""


class Edit(Unary):
    """Lets the outside set the variable."""

    def is_constant(self):
        return False


class Binary(Constraint):
    direction = 0

    def holds(self):
        return self.direction != 0

    def choose(self, mark):
        a, b = self.variables[:2]
        if a.mark == mark:
            self.direction = FORWARD if self.can_take(b, mark) else 0
        elif b.mark == mark:
            self.direction = BACKWARD if self.can_take(a, mark) else 0
        elif a.strength > b.strength:
            self.direction = BACKWARD if self.can_take(a, mark) else 0
        else:
            self.direction = FORWARD if self.can_take(b, mark) else 0

    def can_take(self, v, mark):
        return v.mark != mark and self.strength < v.strength

    def give_up(self):
        self.direction = 0

    def output(self):
        return self.variables[1 if self.direction == FORWARD else 0]

    def inputs(self):
        return (self.variables[0 if self.direction == FORWARD else 1],)


class Equal(Binary):
    def execute(self):
        self.output().value = self.inputs()[0].value


class Scale(Binary):
    """b = a * factor + offset; the latter two are constants."""

    def __init__(self, strength, a, b, factor, offset):
        super().__init__(strength, a, b)
        self.factor, self.offset = factor, offset

    def execute(self):
        a, b = self.variables
        if self.direction == FORWARD:
            b.value = a.value * self.factor + self.offset
        else:
            a.value = (b.value - self.offset) // self.factor


class Planner:
    def __init__(self):
        self.mark = 0

    def new_mark(self):
        self.mark += 1
        return self.mark

    def add(self, constraint):
        constraint.attach()
        mark = self.new_mark()
        while constraint is not None:
            constraint = constraint.satisfy(self, mark)

    def remove(self, constraint):
        if not constraint.holds():
            constraint.detach()
            return
        out = constraint.output()
        constraint.detach()
        for c in sorted(self.free(out), key=lambda c: c.strength):
            mark = self.new_mark()
            while c is not None:
                c = c.satisfy(self, mark)

    def free(self, out):
        """What `out` determined is nobody's now. Returns who does not hold."""
        out.made_by, out.strength, out.is_constant = None, WEAKEST, True
        waiting, todo = [], [out]
        while todo:
            v = todo.pop()
            waiting += [c for c in v.constraints if not c.holds()]
            for c in v.consumers():
                c.recompute()
                todo.append(c.output())
        return waiting

    def propagate(self, constraint, mark):
        """Brings up to date what lies downstream; False if that leads back."""
        todo = [constraint]
        while todo:
            c = todo.pop()
            if c.output().mark == mark:
                constraint.give_up()
                return False
            c.recompute()
            todo += c.output().consumers()
        return True

    def plan(self, edits):
        """The constraints that follow from the edits, in an order to execute them in."""
        mark = self.new_mark()
        order, todo = [], [e for e in edits if e.holds()]
        while todo:
            c = todo.pop()
            out = c.output()
            if out.mark == mark or not c.inputs_known(mark):
                continue
            order.append(c)
            out.mark = mark
            todo += out.consumers()
        return order


def change(planner, v, values):
    """Sets the variable to one value after the other; yields after each."""
    edit = Edit(PREFERRED, v)
    planner.add(edit)
    plan = planner.plan([edit])
    for value in values:
        v.value = value
        for c in plan:
            c.execute()
        yield value
    planner.remove(edit)


def chain(n):
    """Equal variables in a row: the last one follows the first."""
    planner = Planner()
    row = [Variable(f"v{i}") for i in range(n + 1)]
    for a, b in zip(row, row[1:]):
        planner.add(Equal(REQUIRED, a, b))
    planner.add(Stay(DEFAULT, row[-1]))
    return sum(row[-1].value == value for value in change(planner, row[0], range(20)))


def projection(n):
    """Pairs under a scale that can be changed from either side."""
    planner = Planner()
    pairs = [(Variable(f"a{i}", i), Variable(f"b{i}", i)) for i in range(n)]
    for a, b in pairs:
        planner.add(Stay(DEFAULT, a))
        planner.add(Scale(REQUIRED, a, b, 10, 1000))
    a, b = pairs[-1]
    right = sum(b.value == value * 10 + 1000 for value in change(planner, a, range(20)))
    return right + sum(a.value == (value - 1000) // 10
                       for value in change(planner, b, range(1000, 1200, 10)))


timed(lambda n: [(chain(100), projection(100)) for _ in range(n)], 140,
      lambda found, n: found == [(20, 40)] * n)
