# shellcheck shell=bash
# Variables set here are used where this is sourced, and the reverse.
# shellcheck disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-only
# Configures and builds the guests' kernels. Sourced after lib.sh and tree.sh.
#
# kernels/NAME.kernel sets
#   kernel_arch    make's ARCH
#   kernel_tree    "patched" or "base"
#   kernel_config  the fragments kernels/*.config it is made of; a symbol that
#                  none of them names is off where Kconfig allows that
#   kernel_cross   optional: CROSS_COMPILE
#   kernel_packages  optional: more packages its build or its guest needs
#   kernel_bases   optional: the bases it can be built from, if not from all
#   kernel_cpus    optional: how many CPUs scripts/vm gives it, if not one (UML)
#   kernel_as      instead of the first three: another kernel; this one is the
#                  same image, started in another way
#
# FRAGMENT-BASE.config, if it exists, has the symbols of the fragment that are
# for that base alone. ARCH-BASE.diff, if it exists, has changes to the kernel
# that guests of that architecture need on that base.

kernels_dir=$top/scripts/kernels

kernel_names() {
	(cd "$kernels_dir" && printf '%s\n' *.kernel | sed 's/\.kernel$//')
}

# kernel_load NAME: reads its description.
kernel_load() {
	local fragment kernel_bases=("${bases[@]}")

	kernel_name=$1 kernel_partial='' kernel_as='' kernel_cpus=1
	kernel_extra=() kernel_cross='' kernel_packages=() kernel_config=() kernel_arch='' kernel_tree=''
	[[ -f $kernels_dir/$1.kernel ]] ||
		die "unknown kernel $1; there are: $(kernel_names | tr '\n' ' ')"
	# shellcheck disable=SC1090
	. "$kernels_dir/$1.kernel"
	if [[ -n $kernel_as ]]; then
		kernel_name=$kernel_as
		# shellcheck disable=SC1090
		. "$kernels_dir/$kernel_as.kernel"
	fi
	[[ " ${kernel_bases[*]} " == *" $base "* ]] ||
		die "kernel $1 is for base ${kernel_bases[*]} only"
	kernel_build=$cache_own/build/$kernel_name/obj/$kernel_arch
	kernel_published=$cache_own/kernel/$kernel_name
	kernel_diff=$kernels_dir/$kernel_arch-$base.diff
	[[ -f $kernel_diff ]] || kernel_diff=
	kernel_fragments=()
	for fragment in "${kernel_config[@]}"; do
		fragment=$kernels_dir/$fragment
		kernel_fragments+=("$fragment.config")
		[[ ! -f $fragment-$base.config ]] || kernel_fragments+=("$fragment-$base.config")
	done
	case $kernel_arch in
	um) kernel_image=linux kernel_targets=(linux) ;;
	x86_64 | i386) kernel_image=arch/x86/boot/bzImage kernel_targets=(bzImage) ;;
	arm) kernel_image=arch/arm/boot/zImage kernel_targets=(zImage) ;;
	*) kernel_image=vmlinux kernel_targets=(vmlinux) ;;
	esac
	! grep -qx CONFIG_MODULES=y "${kernel_fragments[@]}" || kernel_targets+=(modules)
}

# kernel_make ARGUMENT...: runs make in the loaded kernel's build directory.
kernel_make() {
	env CCACHE_DIR="$cache/ccache" CCACHE_BASEDIR="$cache" CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 \
		CCACHE_MAXSIZE="${NFT_DICT_CCACHE_SIZE:-5G}" \
		KBUILD_BUILD_TIMESTAMP='Thu Jan 1 00:00:00 UTC 2026' \
		KBUILD_BUILD_USER=nft_dict KBUILD_BUILD_HOST=nft_dict \
		make -C "$kernel_src" O="$kernel_build" ARCH="$kernel_arch" \
		CROSS_COMPILE="$kernel_cross" CC="ccache ${kernel_cross}gcc" \
		HOSTCC='ccache gcc' -j"${NFT_DICT_JOBS:-$jobs}" "${kernel_extra[@]}" "$@"
}

# kernel_known: copies lines of a config, except symbols of the series that a
# tree with only some of its commits does not have yet.
kernel_known() {
	local line symbol

	while IFS= read -r line; do
		symbol=${line%%=*}
		if [[ -n $kernel_partial && $symbol == *_DICT* ]] &&
			! grep -qx "config ${symbol#CONFIG_}" "$kernel_src/net/netfilter/Kconfig"; then
			echo "not in this tree: $symbol" >&2
			continue
		fi
		printf '%s\n' "$line"
	done
}

# kernel_configure: writes .config and checks that it has all symbols as wanted.
kernel_configure() {
	local wanted=$kernel_build/wanted.config line symbol missing=()

	mkdir -p "$kernel_build"
	{
		sed '/^#/d;/^$/d' "${kernel_fragments[@]}" | kernel_known
		printf 'CONFIG_LOCALVERSION="-%s"\n' "$kernel_name"
	} >"$wanted.new"
	kernel_make -s KCONFIG_ALLCONFIG="$wanted.new" allnoconfig
	while IFS= read -r line; do
		symbol=${line%%=*}
		if [[ ${line#*=} == n ]]; then
			! grep -q "^$symbol=" "$kernel_build/.config" || missing+=("$line")
		else
			grep -qxF "$line" "$kernel_build/.config" || missing+=("$line")
		fi
	done <"$wanted.new"
	if ((${#missing[@]})); then
		printf 'not granted by Kconfig: %s\n' "${missing[@]}"
		return 1
	fi
	mv "$wanted.new" "$wanted"
}

# kernel_ready NAME: builds the kernel unless it is up to date. Sets
# kernel_dir, where the image is, and kernel_modules, if it has modules.
kernel_ready() {
	local stamp log

	kernel_load "$1"
	need_packages "${packages_build[@]}" "${kernel_packages[@]}"
	base_tree
	lock "build-$kernel_name"
	# A tree for each kernel, as several may be built at the same time.
	kernel_src=$cache_own/build/$kernel_name/tree
	tree_apply "$kernel_src" "$kernel_tree" "$kernel_diff"
	stamp=$({
		printf '%s\n' "$base_version" "$tree_hash" "$kernel_cross" "$kernel_arch"
		cat "${kernel_fragments[@]}" "$top/scripts/kernel.sh"
	} | sha256sum | cut -c1-16)
	kernel_dir=$kernel_published/$stamp
	if [[ ! -d $kernel_dir ]]; then
		need_space "${kernel_space:-1500}" "$cache"
		log=$cache_log/config-$kernel_name.log
		run "configuring $kernel_name" "$log" kernel_configure ||
			die "kernel $kernel_name cannot be configured (log: $log)"
		log=$cache_log/build-$kernel_name.log
		run "building kernel $kernel_name" "$log" kernel_make "${kernel_targets[@]}" ||
			die "kernel $kernel_name does not build (log: $log)"
		kernel_publish "$log.publish"
	fi
	# It may be older than others, if a change was undone: mark it as last.
	touch "$kernel_dir"
	ln -sfn "$kernel_dir" "$kernel_published/last.new"
	mv -T "$kernel_published/last.new" "$kernel_published/last"
	unlock "build-$kernel_name"
	kernel_found
}

# kernel_publish LOG: moves image and modules to $kernel_dir in one step.
kernel_publish() {
	local tmp=$kernel_published/tmp

	rm -rf "$tmp"
	mkdir -p "$tmp"
	cp "$kernel_build/$kernel_image" "$tmp/image"
	cp "$kernel_build/System.map" "$kernel_build/.config" "$tmp/"
	if [[ " ${kernel_targets[*]} " == *' modules '* ]]; then
		run "installing modules of $kernel_name" "$1" kernel_make -s \
			INSTALL_MOD_PATH="$tmp" modules_install ||
			die "cannot install the modules of $kernel_name (log: $1)"
	fi
	mv "$tmp" "$kernel_dir"
	# Keep two older ones, which may still be running.
	find "$kernel_published" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' |
		sort -rn | tail -n +4 | cut -d' ' -f2- | xargs -r rm -rf
}

# kernel_last: sets kernel_dir and kernel_modules as the last kernel_ready did.
kernel_last() {
	kernel_dir=$(readlink -f "$kernel_published/last") || kernel_dir=
	kernel_found
}

# kernel_found: sets kernel_modules from kernel_dir.
kernel_found() {
	[[ -f $kernel_dir/image ]] || die "kernel $kernel_name was never built"
	kernel_modules=
	[[ ! -d $kernel_dir/lib/modules ]] || kernel_modules=$kernel_dir
}
