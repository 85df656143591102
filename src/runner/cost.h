/* What a probe costs: measured at the start, by running a few lines of Python with
 * probes and without. Reports take it off the times that they show. */
#ifndef RUNNER_COST_H
#define RUNNER_COST_H

#include "runner/py.h"

#include "runner/probe.h"
#include "session/writer.h"

/* Notes the costs in the session's header; zeros where they cannot be measured. Nothing
 * of it is left in the session. To be called when the back-end has started, before the
 * gate has. */
void cost_measure(const struct probe_ops *ops, struct writer *w);

#endif
