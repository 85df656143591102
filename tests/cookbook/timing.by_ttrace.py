"""Times functions, and shows the ten that took longest."""
import shop
import ttrace

with ttrace.tracing(include="shop") as t:
    shop.fib(15)
    shop.main()
for row in t.hottest(10)[:1]:
    print(f"{row.name}: {row.calls} calls, took some time: {row.self_seconds > 0}")
