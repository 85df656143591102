import _thread
import sys
import threading


def lines(n):
    x = n
    for i in range(n):
        x += i
    return x


def raw(done):
    lines(1)
    done.release()


def off():
    lines(2)
    sys.settrace(None)
    lines(3)


def late(go, ended):
    go.wait()
    lines(4)
    ended.set()
    lines(5)


for target, args in ((lines, (3,)), (off, ())):
    t = threading.Thread(target=target, args=args)
    t.start()
    t.join()
lock = _thread.allocate_lock()
lock.acquire()
_thread.start_new_thread(raw, (lock,))
lock.acquire()
threading.settrace(None)
t = threading.Thread(target=lines, args=(6,))
t.start()
t.join()
threading.settrace(sys.gettrace())
go, ended = threading.Event(), threading.Event()
threading.Thread(target=late, args=(go, ended)).start()
saved = sys.gettrace()
sys.settrace(None)
go.set()
ended.wait()
sys.settrace(saved)
t = threading.Thread(target=lines, args=("no number",))
t.start()
t.join()
lines(7)
