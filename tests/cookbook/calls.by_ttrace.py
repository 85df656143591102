"""Who called whom, and how often."""
import shop
import ttrace

with ttrace.tracing(include="shop") as t:
    shop.main()
    shop.fib(5)
calls = [(c.caller.name.split(".")[-1], c.callee.name.split(".")[-1], c.count)
         for c in t.call_graph() if c.caller]
for caller, callee, n in sorted(calls):
    print(f"{caller} -> {callee}: {n}")
