from ._recording import (
    Call as Call,
    CallGraph as CallGraph,
    Coverage as Coverage,
    Function as Function,
    Line as Line,
    Listener as Listener,
    Place as Place,
    on_event as on_event,
    traced as traced,
    tracing as tracing,
)
