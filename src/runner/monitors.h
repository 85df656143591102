/* sys.monitoring (3.12 and later) as the program uses it: what it is told of a twin it
 * is told of the origin, and what it wants to hear of an origin comes from the twin. */
#ifndef RUNNER_MONITORS_H
#define RUNNER_MONITORS_H

#include "runner/py.h"

#include <stdbool.h>

#include "runner/probe.h"

/* Puts functions of ours between the program and sys.monitoring. False, perhaps with an
 * exception set, if they do not fit; before 3.12 there is nothing to do. */
bool monitors_start(const struct probe_ops *ops);

/* A twin was made: the events asked for of its origin alone are now asked for of it. */
void monitors_follow(PyCodeObject *origin, PyCodeObject *made);

#endif
