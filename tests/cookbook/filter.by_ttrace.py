"""Follows some functions of some modules only."""
import shop
import ttrace

with ttrace.on_event(lambda frame, event, arg: print(
        f"{frame.f_code.co_name}:{frame.f_lineno}"), events="line", include="shop",
        exclude=["shop:fib", "shop:Cart.__init__"]):
    shop.fib(5)
    shop.main()
