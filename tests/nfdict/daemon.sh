#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# libnfdict as a daemon uses it, on the running kernel.

# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"

# Built anew if it is older than its sources.
program=$tool_dir/tests/kernel
make -s -C "$tool_dir" tests/kernel >&2
ended=1
exec "$program"
