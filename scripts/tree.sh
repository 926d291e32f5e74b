# shellcheck shell=bash
# Variables set here are used where this is sourced, and the reverse.
# shellcheck disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# Makes a kernel tree of patches/linux/commits and the project's files.
# Sourced after lib.sh.
#
# The series is posted in parts, patches/linux/commits/N-part, each with a
# cover-letter. A commit is a directory N-part/NN-name in it with
#   message     its message: subject, blank line, body, Signed-off-by
#   files       the new files it brings, one a line, at their kernel paths;
#               MAINTAINERS.fragment stands for its insertion in MAINTAINERS
#   edits.diff  what it changes in files that exist upstream, as a diff -p1
#               against the state the commit before left
#   edits-BASE.diff  the same on another base than the primary one, where
#               edits.diff does not apply or other changes are needed
# "files" and the edits may be absent.

commits_dir=$top/patches/linux/commits

# parts: the names of the parts, in order.
parts() {
	[[ -d $commits_dir ]] || return 0
	find "$commits_dir" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | LC_ALL=C sort
}

# commits [PART]: the commits' directories, of one part or all, in order.
commits() {
	[[ -d $commits_dir ]] || return 0
	find "$commits_dir" -mindepth 2 -maxdepth 2 -type d -path "$commits_dir/${1:-*}/*" |
		LC_ALL=C sort
}

# commit_files COMMIT: the new files it names.
commit_files() {
	[[ ! -f $1/files ]] || sed 's/#.*//;s/[[:space:]]*$//;/^$/d' "$1/files"
}

# commit_edits COMMIT: the path of its edits for the base, which need not exist.
commit_edits() {
	local edits=$1/edits-$base.diff

	[[ -f $edits ]] || edits=$1/edits.diff
	printf '%s\n' "$edits"
}

# commit_edited COMMIT: the upstream files its edits touch.
commit_edited() {
	local edits

	edits=$(commit_edits "$1")
	[[ ! -f $edits ]] ||
		sed -n 's/^+++ \(b\/\)\{0,1\}\([^[:space:]]*\).*/\2/p' "$edits" |
		LC_ALL=C sort -u
}

# commit_apply COMMIT DIR: makes the commit's changes in DIR, which holds the
# state before it.
commit_apply() {
	local name=${1#"$commits_dir"/} f out edits

	edits=$(commit_edits "$1")
	if [[ -s $edits ]]; then
		out=$(patch -d "$2" -p1 -F0 -s --no-backup-if-mismatch -r - <"$edits" 2>&1) ||
			die "commit $name: ${edits##*/} does not apply to $base_package $base_version:"$'\n'"$out"
		[[ -z $out ]] || say "$prog: commit $name: ${edits##*/}: $out"
	fi
	while IFS= read -r f; do
		if [[ $f == MAINTAINERS.fragment ]]; then
			maintainers_insert "$top/$f" "$2/MAINTAINERS"
			continue
		fi
		[[ -f $top/$f ]] || die "commit $name names $f, which does not exist"
		mkdir -p "$2/$(dirname "$f")"
		cp -p "$top/$f" "$2/$f"
	done < <(commit_files "$1")
}

# maintainers_insert FRAGMENT FILE: inserts the fragment's sections in
# alphabetical order. Replaces FILE, does not write to it.
maintainers_insert() {
	[[ -f $1 ]] || die "$1 does not exist"
	python3 - "$1" "$2" <<-'EOF' || die "cannot insert $1 into MAINTAINERS"
	import os, sys

	def sections(text):
	    return [s for s in text.strip("\n").split("\n\n") if s.strip()]

	fragment, target = sys.argv[1:]
	with open(fragment, encoding="utf-8") as f:
	    new = [s for s in sections(f.read()) if not s.startswith("#")]
	with open(target, encoding="utf-8") as f:
	    head, mark, rest = f.read().partition("Maintainers List\n")
	if not mark:
	    sys.exit("no 'Maintainers List' in " + target)
	rule, _, rest = rest.partition("\n\n")
	old = sections(rest)
	for section in new:
	    title = section.split("\n", 1)[0]
	    # The order is the sections' own: THE REST stays last.
	    at = next((i for i, s in enumerate(old)
	               if s.split("\n", 1)[0] > title or s.startswith("THE REST")),
	              len(old))
	    old.insert(at, section)
	with open(target + ".new", "w", encoding="utf-8") as f:
	    f.write(head + mark + rule + "\n\n" + "\n\n".join(old) + "\n")
	os.replace(target + ".new", target)
	EOF
}

# edited_files: the upstream files that any commit changes.
edited_files() {
	local c

	while IFS= read -r c; do
		commit_edited "$c"
		commit_files "$c" | sed -n 's/^MAINTAINERS\.fragment$/MAINTAINERS/p'
	done < <(commits) | LC_ALL=C sort -u
}

# edited_base DIR: copies the upstream versions of the files named on standard
# input to DIR.
edited_base() {
	local f

	while IFS= read -r f; do
		[[ -f $base_dir/$f ]] ||
			die "edits.diff changes $f, which the base does not have; new files belong in the project"
		mkdir -p "$1/$(dirname "$f")"
		cp "$base_dir/$f" "$1/$f"
	done
}

# series_complete: checks that each new file is named by exactly one commit and
# does not exist upstream.
series_complete() {
	local c twice missing unknown f rc=0

	twice=$(while IFS= read -r c; do commit_files "$c"; done < <(commits) | LC_ALL=C sort | uniq -d)
	[[ -z $twice ]] || { say "named by more than one commit: ${twice//$'\n'/ }"; rc=1; }
	missing=$(LC_ALL=C comm -23 <(project_files) \
		<(while IFS= read -r c; do commit_files "$c"; done < <(commits) | LC_ALL=C sort -u))
	[[ -z $missing ]] || { say "named by no commit: ${missing//$'\n'/ }"; rc=1; }
	unknown=$(LC_ALL=C comm -13 <(project_files) \
		<(while IFS= read -r c; do commit_files "$c"; done < <(commits) |
			grep -vx MAINTAINERS.fragment | LC_ALL=C sort -u))
	[[ -z $unknown ]] || { say "named by a commit, but not there: ${unknown//$'\n'/ }"; rc=1; }
	while IFS= read -r f; do
		[[ ! -e $base_dir/$f ]] || { say "exists upstream, belongs in an edits.diff: $f"; rc=1; }
	done < <(project_files)
	return "$rc"
}

# tree_overlay DIR: writes to DIR what the patched tree has and the base has
# not: edited files in their final state, and the project's files, even those
# that no commit names yet.
tree_overlay() {
	local c f

	mkdir -p "$1"
	edited_base "$1" < <(edited_files)
	while IFS= read -r c; do commit_apply "$c" "$1"; done < <(commits)
	while IFS= read -r f; do
		[[ -f $1/$f ]] && continue
		mkdir -p "$1/$(dirname "$f")"
		cp -p "$top/$f" "$1/$f"
	done < <(project_files)
}

# replace FROM TO: makes TO a copy of FROM with a new time, by renaming: TO may
# be a hard link to a file of the base.
replace() {
	mkdir -p "$(dirname "$2")"
	cp "$1" "$2.new~"
	[[ ! -x $1 ]] || chmod +x "$2.new~"
	mv -f "$2.new~" "$2"
}

# tree_patch DIFF DIR: applies DIFF, which only a guest's tree needs, to the
# overlay DIR.
tree_patch() {
	local f out

	while IFS= read -r f; do
		[[ -f $2/$f ]] || edited_base "$2" <<<"$f"
	done < <(sed -n 's/^+++ b\///p' "$1")
	out=$(patch -d "$2" -p1 -F0 -s --no-backup-if-mismatch -r - <"$1" 2>&1) ||
		die "$1 does not apply:"$'\n'"$out"
}

# tree_apply DIR [CONTENT [DIFF]]: makes DIR the base with the series in it
# ("patched", the default) or without ("base"), and with DIFF, touching only the
# files that differ, so that make rebuilds only what depends on them. Prints
# nothing; sets tree_hash to a digest of what the kernel is built from.
tree_apply() {
	local dir=$1 content=${2:-patched} diff=${3:-} overlay f

	if [[ -d $dir && $(cat "$dir.base" 2>/dev/null) != "$base_dir" ]]; then
		rm -rf "$dir"
	fi
	if [[ ! -d $dir ]]; then
		rm -f "$dir.files"
		base_copy "$dir"
		printf '%s\n' "$base_dir" >"$dir.base"
	fi
	overlay=$(mktemp -d "$cache_own/overlay.XXXXXX")
	# In a subshell, so that a failure leaves nothing behind.
	(
		[[ $content != patched ]] || tree_overlay "$overlay"
		[[ -z $diff ]] || tree_patch "$diff" "$overlay"
	) || { rm -rf "$overlay"; exit 1; }
	(cd "$overlay" && find . -type f -printf '%P\n' | LC_ALL=C sort) >"$overlay.files"
	if [[ -f $dir.files ]]; then
		while IFS= read -r f; do
			if [[ -f $base_dir/$f ]]; then
				cmp -s "$base_dir/$f" "$dir/$f" || replace "$base_dir/$f" "$dir/$f"
			else
				rm -f "$dir/$f"
			fi
		done < <(LC_ALL=C comm -23 "$dir.files" "$overlay.files")
	fi
	# List files before they are written: the next run must know of all of
	# them even if this one is interrupted.
	if [[ -f $dir.files ]]; then
		LC_ALL=C sort -u -o "$dir.files" "$dir.files" "$overlay.files"
	else
		cp "$overlay.files" "$dir.files"
	fi
	while IFS= read -r f; do
		cmp -s "$overlay/$f" "$dir/$f" || replace "$overlay/$f" "$dir/$f"
	done <"$overlay.files"
	cp "$overlay.files" "$dir.files"
	tree_hash=$(cd "$overlay" && sed -E '/^(Documentation|tools|MAINTAINERS)/d' "$overlay.files" |
		xargs -r sha256sum | sha256sum | cut -c1-16)
	rm -rf "$overlay" "$overlay.files"
}
