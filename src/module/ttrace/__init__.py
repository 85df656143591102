"""Trace the execution of Python programs."""
from ._recording import (CallGraph, Call, Coverage, Function, Line, Listener, Place,
                         on_event, traced, tracing)

__all__ = ["Call", "CallGraph", "Coverage", "Function", "Line", "Listener", "Place",
           "on_event", "traced", "tracing"]
