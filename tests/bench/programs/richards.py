"""Call-dense: a small operating system in simulation. Tasks of six kinds pass packets to
one another under a scheduler that runs whichever is ready and ranks highest."""
from collections import deque

from clock import timed

IDLE, WORKER, HANDLER_A, HANDLER_B, DEVICE_A, DEVICE_B = range(6)
DEVICE_PACKET, WORK_PACKET = range(2)
SIZE = 4  # data words of a packet


class Packet:
    def __init__(self, to, kind):
        self.to, self.kind = to, kind
        self.done = 0
        self.data = [0] * SIZE


class Task:
    def __init__(self, system, name, rank, packets=()):
        self.system, self.name, self.rank = system, name, rank
        self.inbox = deque(packets)
        self.is_waiting = True  # for a packet
        self.is_held = False
        system.add(self)

    def is_ready(self):
        return not self.is_held and (not self.is_waiting or bool(self.inbox))

    def step(self):
        """Works on the next packet, or goes on; returns the task to look at next."""
        packet = None
        if self.is_waiting:
            self.is_waiting = False
            packet = self.inbox.popleft()
        return self.work(packet)

    def take(self, packet, sender):
        """A packet arrives. Who had none before goes first, if it ranks higher."""
        is_first = not self.inbox
        self.inbox.append(packet)
        return self if is_first and self.rank > sender.rank else sender

    def wait(self):
        self.is_waiting = True
        return self

    def hold(self):
        self.system.n_held += 1
        self.is_held = True
        return self.system.behind(self)

    def release(self, name):
        other = self.system.tasks[name]
        other.is_held = False
        return other if other.rank > self.rank else self

    def send(self, packet):
        to = self.system.tasks[packet.to]
        self.system.n_sent += 1
        packet.to = self.name
        return to.take(packet, self)


class Idle(Task):
    def __init__(self, system, name, rank, rounds):
        super().__init__(system, name, rank)
        self.is_waiting = False
        self.bits, self.rounds = 1, rounds

    def work(self, packet):
        self.rounds -= 1
        if not self.rounds:
            return self.hold()
        if self.bits & 1:
            self.bits = self.bits >> 1 ^ 0xD008
            return self.release(DEVICE_B)
        self.bits >>= 1
        return self.release(DEVICE_A)


class Worker(Task):
    to, letter = HANDLER_A, 0

    def work(self, packet):
        if packet is None:
            return self.wait()
        self.to = HANDLER_B if self.to == HANDLER_A else HANDLER_A
        packet.to = self.to
        packet.done = 0
        for i in range(SIZE):
            self.letter = self.letter % 26 + 1
            packet.data[i] = self.letter
        return self.send(packet)


class Handler(Task):
    def __init__(self, system, name, rank, packets):
        super().__init__(system, name, rank, packets)
        self.kept = {WORK_PACKET: deque(), DEVICE_PACKET: deque()}

    def work(self, packet):
        if packet is not None:
            self.kept[packet.kind].append(packet)
        works, devices = self.kept[WORK_PACKET], self.kept[DEVICE_PACKET]
        if works and works[0].done >= SIZE:
            return self.send(works.popleft())
        if works and devices:
            packet = devices.popleft()
            packet.done = works[0].data[works[0].done]
            works[0].done += 1
            return self.send(packet)
        return self.wait()


class Device(Task):
    pending = None

    def work(self, packet):
        if packet is not None:
            self.pending = packet
            return self.hold()
        if self.pending is None:
            return self.wait()
        packet, self.pending = self.pending, None
        return self.send(packet)


class System:
    def __init__(self):
        self.tasks = {}
        self.order = []  # in which they are looked at: the newest first
        self.n_sent = self.n_held = 0

    def add(self, task):
        self.tasks[task.name] = task
        self.order.insert(0, task)

    def behind(self, task):
        at = self.order.index(task) + 1
        return self.order[at] if at < len(self.order) else None

    def run(self):
        task = self.order[0]
        while task is not None:
            task = task.step() if task.is_ready() else self.behind(task)


def simulate(rounds):
    system = System()
    Idle(system, IDLE, 0, rounds)
    Worker(system, WORKER, 1000, [Packet(WORKER, WORK_PACKET) for _ in range(2)])
    for handler, device, rank in (HANDLER_A, DEVICE_A, 2000), (HANDLER_B, DEVICE_B, 3000):
        Handler(system, handler, rank, [Packet(device, DEVICE_PACKET) for _ in range(3)])
    Device(system, DEVICE_A, 4000)
    Device(system, DEVICE_B, 5000)
    system.run()
    return system.n_sent, system.n_held


timed(lambda n: [simulate(10_000) for _ in range(n)], 8,
      lambda found, n: found == [(23246, 9297)] * n)
