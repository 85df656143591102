"""Waits in C code: a pause can only come when it returns."""
import time

print("asleep", flush=True)
time.sleep(3)
print("awake", flush=True)
