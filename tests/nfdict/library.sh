#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What needs no kernel: the unit tests, installation, the shared library as a
# program uses it, and bash completion.

no_kernel=1
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need cc make pkg-config nm

cp -r "$tool_dir" "$work/src"
cp "$tool_dir/../../COPYING" "$work/src/"
# A header that fails unless the flag is passed on
printf '%s\n' '#ifndef THE_FLAG' '#error CPPFLAGS' '#endif' >"$work/flag.h"
mkdir -p "$work/include"
cp -r "$tool_dir/../../include/uapi" "$work/include/"
build() { make -s -C "$work/src" UAPI="$work/include/uapi" "$@"; }
make -s -C "$work/src" clean

# gcc last, as what it builds is installed below; it warns of more with -O2.
for cc in clang gcc; do
	command -v "$cc" >/dev/null || continue
	build clean
	ok "$cc builds all without a warning" \
		build CC="$cc" CFLAGS="-O$([[ $cc == gcc ]] && echo 2 || echo 0) -Werror" all tests/unit
	rc=0
	"$work/src/tests/unit" >"$work/unit" || rc=$?
	is "the unit tests pass, built by $cc" \
		"$rc $(grep -v '^ok' "$work/unit" | tr '\n' ' ')" "0 $(tail -n 1 "$work/unit") "
done

ok "make install" build install DESTDIR="$work/root" PREFIX=/usr
is "installs these" "$(cd "$work/root" && find . ! -type d | LC_ALL=C sort)" \
	"./usr/include/nfdict.h
./usr/lib/libnfdict.a
./usr/lib/libnfdict.so
./usr/lib/libnfdict.so.1
./usr/lib/libnfdict.so.1.0.0
./usr/lib/pkgconfig/nfdict.pc
./usr/sbin/nfdict
./usr/share/bash-completion/completions/nfdict
./usr/share/fish/vendor_completions.d/nfdict.fish
./usr/share/man/man3/libnfdict.3
$(sed -n 's|^\t\(nfdict_[a-z0-9_]*\);|./usr/share/man/man3/\1.3|p' "$tool_dir/libnfdict.map")
./usr/share/man/man8/nfdict.8
./usr/share/zsh/site-functions/_nfdict"
ok "make install again, elsewhere" build install DESTDIR="$work/root2" PREFIX=/opt/x
ok "make uninstall" build uninstall DESTDIR="$work/root2" PREFIX=/opt/x
is "leaves nothing" "$(find "$work/root2" ! -type d)" ""
is "one version: header, library, pkg-config, program" \
	"$(sed -n 's/^#define NFDICT_VERSION[[:space:]]*"\(.*\)"/\1/p' "$tool_dir/nfdict.h") $(basename "$work"/root/usr/lib/libnfdict.so.*.*) $(
	sed -n 's/^Version: //p' "$work/root/usr/lib/pkgconfig/nfdict.pc") $("$work/root/usr/sbin/nfdict" -V)" \
	"1.0.0 libnfdict.so.1.0.0 1.0.0 nfdict 1.0.0"

# A build in another directory than the sources, which stay unchanged, with the
# flags of a distribution
mkdir "$work/build"
before=$(find "$work/src" -newer "$work/include" -type f | wc -l)
ok "make O= with CPPFLAGS" make -s -C "$work/src" UAPI="$work/include/uapi" O="$work/build" \
	CPPFLAGS=-DTHE_FLAG=1 CFLAGS="-O2 -Werror -include $work/flag.h" all check
is "builds there" "$(find "$work/src" -newer "$work/include" -type f | wc -l) $(test -x "$work/build/nfdict" && echo yes)" \
	"$before yes"
ok "make dist" build dist O="$work/dist"
tar -C "$work" -xf "$work"/dist/nfdict-1.0.0.tar.xz
ok "the tarball builds by itself" make -s -C "$work/nfdict-1.0.0" CFLAGS="-O1 -Werror" all check
is "and has the licences" "$(cd "$work/nfdict-1.0.0" && head -n 2 COPYING COPYING.LIB | grep -o 'GNU.*LICENSE' | sort)" \
	$'GNU GENERAL PUBLIC LICENSE\nGNU LESSER GENERAL PUBLIC LICENSE'

export PKG_CONFIG_PATH=$work/root/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root
cat >"$work/user.c" <<'END'
#include <nfdict.h>
#include <stdio.h>

int main(void)
{
	struct nfdict_key key;
	char buf[NFDICT_TEXT_MAX];

	return nfdict_key_parse(&key, "string:42") ||
	       nfdict_key_print(&key, buf, sizeof(buf)) < 0 || puts(buf) < 0;
}
END
# shellcheck disable=SC2046 # words on purpose
ok "a program compiles with pkg-config" cc -Wall -Werror -pedantic -std=c11 -o "$work/user" \
	"$work/user.c" $(pkg-config --cflags --libs nfdict)
prints "and runs with the shared library" "string:42" \
	env LD_LIBRARY_PATH="$work/root/usr/lib" "$work/user"
cp "$work/user.c" "$work/user.cc"
if command -v c++ >/dev/null; then
	# shellcheck disable=SC2046 # words on purpose
	ok "C++ takes the header" c++ -Wall -o "$work/user++" "$work/user.cc" \
		$(pkg-config --cflags --libs nfdict)
fi
is "exported is what the header declares" \
	"$(nm -D --defined-only "$work/root/usr/lib/libnfdict.so" | sed -n 's/.* T \([^@]*\).*/\1/p' | LC_ALL=C sort)" \
	"$(grep -Eo '\bnfdict_[a-z0-9_]+\(' "$tool_dir/nfdict.h" | tr -d '(' | LC_ALL=C sort -u |
		grep -v -x -e nfdict_fail)"
is "the man page has each function" \
	"$(grep -Eo '\bnfdict_[a-z0-9_]+\(' "$tool_dir/libnfdict.3" | tr -d '(' | LC_ALL=C sort -u)" \
	"$(nm -D --defined-only "$work/root/usr/lib/libnfdict.so" | sed -n 's/.* T \([^@]*\).*/\1/p' | LC_ALL=C sort)"
is "the man page has each command" \
	"$(for c in $("$work/root/usr/sbin/nfdict" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
		grep -q "^\.B[RI] $c " "$tool_dir/nfdict.8" || echo "$c"
	done)" ""
help=$("$work/root/usr/sbin/nfdict" --help)
commands=$(sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p' <<<"$help" | LC_ALL=C sort)
options=$(sed -n '/^Options/,/^$/s/^  *\(-.*\)  .*/\1/p' <<<"$help" |
	grep -Eo -e '(^|[ ,])--?[a-zA-Z]+' | tr -d ' ,' | LC_ALL=C sort)
is "help tells of many commands and options" \
	"$(($(wc -l <<<"$commands") >= 15)) $(($(wc -l <<<"$options") >= 20))" "1 1"
is "the man page has each option" \
	"$(sed 's/[\]//g' "$tool_dir/nfdict.8" | sed -n '/^\.SH OPTIONS/,/^\.SH [^O]/p' >"$work/options"
	for o in $options; do
		grep -q -E -e "^\.B[RI]?.*(^|[ \"])$o([ \",]|$)" "$work/options" || echo "$o"
	done)" ""

# Completion, as far as it needs no kernel
completed() { "$work/root/usr/sbin/nfdict" --complete "$@"; }
is "completes every command" "$(completed '' | LC_ALL=C sort)" "$commands"
is "completes every option" "$(completed - | LC_ALL=C sort)" "$(grep -v -x -e -exist <<<"$options")"
is "completes commands" "$(completed re | tr '\n' ' ')" "rename replace restore "
is "completes the options of a command" "$(completed get -- | tr '\n' ' ')" "--json --quiet --raw "
is "completes types" "$(completed set hosts 10.0.0.1 user lo)" "long_string"
is "completes truth values" "$(completed set hosts 10.0.0.1 ok bool '' | tr '\n' ' ')" "true false "
is "not after timeout" "$(completed set hosts 10.0.0.1 timeout 5 ok bool f)" false

# The shells, with a tool that records its arguments
mkdir "$work/bin"
cat >"$work/bin/nfdict" <<'END'
#!/bin/sh
printf '%s|' "$@" >"$0.asked"
printf '%s\n' list 'a b' '$x'
END
chmod +x "$work/bin/nfdict"
shell() {	# SHELL SCRIPT WORD...: what it offers, and the tool's arguments
	rm -f "$work/bin/nfdict.asked"
	PATH=$work/bin:$PATH "$@"
	cat "$work/bin/nfdict.asked"
}
# shellcheck disable=SC2016 # for that shell
is "bash" "$(shell bash -c '
	. "$1"
	shift
	COMP_WORDS=("$@")
	COMP_CWORD=2
	_nfdict
	printf "%s\n" "${COMPREPLY[@]}"' - "$tool_dir/completion/nfdict.bash" nfdict -j li more)" \
	$'list\na\\ b\n\\$x\n--complete|-j|li|'
if command -v zsh >/dev/null; then
	# shellcheck disable=SC2016 # for that shell
	is "zsh" "$(shell zsh -f -c '
		compadd() { print -rl -- "${(@P)@[-1]}" }
		words=("${(@)@[2,-1]}")
		CURRENT=3
		source "$1"' - "$tool_dir/completion/_nfdict" nfdict -j li more)" \
		$'list\na b\n$x\n--complete|-j|li|'
fi
if command -v fish >/dev/null; then
	# shellcheck disable=SC2016 # for that shell
	is "fish" "$(shell env HOME="$work" fish --no-config -c '
		source $argv[1]
		complete -C "nfdict -j li"' "$tool_dir/completion/nfdict.fish")" \
		$'list\n--complete|-j|li|'
fi

end
