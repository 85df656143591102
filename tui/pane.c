#include "tui/pane.h"

static const struct pane_ops *const panes[] = {
    &pane_calls_ops, &pane_source_ops, &pane_values_ops,
    &pane_hot_ops,   &pane_output_ops,
};

const struct pane_ops *const *
pane_table(size_t *n)
{
    *n = sizeof(panes) / sizeof(panes[0]);
    return panes;
}
