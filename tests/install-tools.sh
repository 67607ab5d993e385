#!/bin/sh
# Install the system programs that some tests use: ffmpeg (plays streams), xmllint and
# tv_validate_file (judge guides). Does nothing where they are there, and only says so where it
# may not install: the tests that need them are then skipped with the reason.
missing=""
command -v ffmpeg >/dev/null 2>&1 || missing="$missing ffmpeg"
command -v xmllint >/dev/null 2>&1 || missing="$missing libxml2-utils"
command -v tv_validate_file >/dev/null 2>&1 || missing="$missing xmltv-util"
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    # shellcheck disable=SC2086
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing) \
        >/dev/null 2>&1 && exit 0
fi
echo "not installed, tests that need them are skipped:$missing"
exit 0
