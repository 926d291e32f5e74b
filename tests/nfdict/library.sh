#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What needs no kernel: the unit tests, installation, the shared library as a
# program uses it, and bash completion.

no_kernel=1
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/lib.bash"
need cc make pkg-config nm

cp -r "$tool_dir" "$work/src"
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
./usr/share/man/man3/nfdict.3
./usr/share/man/man8/nfdict.8"

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
	"$(grep -Eo '\bnfdict_[a-z0-9_]+\(' "$tool_dir/nfdict.3" | tr -d '(' | LC_ALL=C sort -u)" \
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

# Completion, with a tool that answers from a script
mkdir "$work/bin"
cat >"$work/bin/nfdict" <<'END'
#!/bin/sh
case "$*" in
"-q list -n") printf 'hosts\nsessions\n' ;;
"-q list hosts") printf 'create hosts\nset hosts 10.0.0.1 f int 1\nset hosts "a b" f int 1\n' ;;
"-q get hosts 10.0.0.1") echo "set hosts 10.0.0.1 user long_string x quota int64 5" ;;
esac
END
chmod +x "$work/bin/nfdict"
complete_words() {
	PATH=$work/bin:$PATH bash -c '
		. "$1"
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_nfdict
		echo "${COMPREPLY[*]}"' - "$tool_dir/nfdict.bash" nfdict "$@"
}
is "completes every command" "$(complete_words '' | tr ' ' '\n' | LC_ALL=C sort)" "$commands"
is "completes every option" \
	"$(complete_words - | tr ' ' '\n' | LC_ALL=C sort)" \
	"$(grep -v -x -e -exist <<<"$options")"
is "completes commands" "$(complete_words re)" "rename replace restore"
is "completes tables" "$(complete_words get '')" "hosts sessions"
is "completes keys" "$(complete_words -j get hosts 1)" "10.0.0.1"
is "completes fields" "$(complete_words delete hosts 10.0.0.1 '')" "user quota"
is "completes types" "$(complete_words set hosts 10.0.0.1 user lo)" "long_string"
is "completes truth values" "$(complete_words set hosts 10.0.0.1 ok bool '')" "true false"
is "completes options" "$(complete_words list --n)" "--names"

end
