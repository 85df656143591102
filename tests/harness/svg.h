/* A terminal's screen as a picture: an SVG file that looks like the terminal did. */
#ifndef HARNESS_SVG_H
#define HARNESS_SVG_H

#include <stdio.h>

#include "tests/harness/display.h"

/* Writes the picture, with `title` in the window's bar. Lines and blocks are shapes,
 * not letters, so that they meet whatever font the viewer has. */
void svg_write(struct display *display, const char *title, FILE *out);

#endif
