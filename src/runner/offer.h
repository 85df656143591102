/* Lets the program import our module, ttrace: it is a builtin one, so that neither
 * sys.path nor sys.meta_path looks other than without us. */
#ifndef RUNNER_OFFER_H
#define RUNNER_OFFER_H

/* Before the interpreter starts. */
void offer_module(void);

#endif
