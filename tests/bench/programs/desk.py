"""Call-dense: a small kernel of objects that pass work to one another."""
from collections import deque

from clock import timed


class Task:
    def __init__(self, name, rank):
        self.name, self.rank = name, rank
        self.inbox = deque()
        self.done = 0

    def accept(self, job):
        self.inbox.append(job)
        return self

    def is_ready(self):
        return bool(self.inbox)

    def step(self, desk):
        job = self.inbox.popleft()
        self.done += 1
        return self.handle(job, desk)

    def handle(self, job, desk):
        return desk


class Worker(Task):
    def handle(self, job, desk):
        total = 0
        for value in job:
            total = self.mix(total, value)
        return desk.send(self.rank + 1, (total, total >> 1, total & 7))

    def mix(self, total, value):
        return (total * 31 + value) & 0xFFFF


class Courier(Task):
    def handle(self, job, desk):
        return desk.send(sum(job) % desk.size(), job)


class Desk:
    def __init__(self, n):
        kinds = (Worker, Courier)
        self.tasks = [kinds[i % 2](f"t{i}", i) for i in range(n)]

    def size(self):
        return len(self.tasks)

    def send(self, rank, job):
        return self.tasks[rank % self.size()].accept(job)

    def run(self, rounds):
        for _ in range(rounds):
            for task in self.tasks:
                if task.is_ready():
                    task.step(self)


def main(rounds):
    desk = Desk(8)
    for i in range(16):
        desk.send(i, (i, i + 1, i + 2))
    desk.run(rounds)
    return desk


def is_right(desk, rounds):
    """Every task that is at work in a round takes one job and hands one on."""
    return (sum(len(t.inbox) for t in desk.tasks) == 16
            and rounds <= sum(t.done for t in desk.tasks) <= 8 * rounds)


timed(main, 160_000, is_right)
