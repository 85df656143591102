#include "cli/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "session/family.h"
#include "session/packer.h"
#include "session/reader.h"

bool
keeper_check(const char *path, struct err *err)
{
    char *folder;
    bool ok;

    if (!packer_check(path, err))
        return false;
    folder = file_folder(path);
    ok = access(folder, W_OK | X_OK) == 0 || err_sys(err, errno, "%s", path);
    free(folder);
    return ok;
}

bool
keeper_leave(struct launch *l, const char *why, struct err *err)
{
    free(l->folder);
    l->folder = NULL;
    return err_set(err, "%.200s; the session is still there: %.200s", why, l->session);
}

bool
keeper_save(struct launch *l, const char *path, struct err *err)
{
    struct reader *reader = NULL;
    struct err why = {0};
    bool ok = reader_open(&reader, l->session, READER_COPY, &why) &&
              family_save(reader, l->session, path, &why);

    reader_close(reader);
    if (ok)
        return true;
    if (access(l->session, F_OK) < 0)
        return err_set(err, "%s: nothing was recorded", path);
    return keeper_leave(l, why.text, err);
}
