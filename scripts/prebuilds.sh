#!/usr/bin/env bash
# Builds the addon of every platform that it can be built for here, with prebuildify, into
# .cache/prebuilds. `npm pack` puts them into the package; in the folder of the sources they would be
# loaded in place of what was built there.
#
#   scripts/prebuilds.sh                      all of them, those that native/targets.json calls prebuilt
#   scripts/prebuilds.sh linux-arm64-glibc    those that are named
#
# Compilers and C libraries are those of an old Debian (glibc 2.31) in a folder of its own, so that
# what they make runs on machines that are as old. Only the compilers run in there; node-gyp and the
# rest are this machine's. `ei` is compiled from the source of the installed erlang-dev.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/debian-root.sh
. scripts/ei-source.sh
. scripts/made-from.sh

all=(linux-x64-glibc linux-arm64-glibc linux-x64-musl)
suite=bullseye
packages=g++,g++-aarch64-linux-gnu,make,xz-utils,musl-dev,musl-tools,gcc-10-source
root="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/build-$suite"
# Threads are in musl's libc, so nothing has to find out whether they are there.
musl_threads=-DGTHREAD_USE_WEAK=0
musl_specs=/usr/lib/x86_64-linux-musl/musl-gcc.specs

make_root() {
  [ -e "$root/made" ] && return
  say "fetching the compilers of Debian $suite (about two minutes)"
  make_debian_root "$suite" "$root" "$packages"
  # The path of a file is the same inside and outside.
  as_root mkdir -p "$root/$(dirname "$root")"
  as_root ln -sfn / "$root$root"
  as_root install -d -o "$(id -u)" "$root/made"
}

# tool TARGET NAME COMMAND…: a program that runs the command of the root, in the current folder.
tool() {
  local program="$root/made/$1/bin/$2"
  shift 2
  cat >"$program" <<PROGRAM
#!/bin/sh
set -- sh -c 'cd "\$0" && exec $* "\$@"' "\$PWD" "\$@"
$(enter_root "$root")
PROGRAM
  chmod +x "$program"
}

write_tools() {
  local target="$1" prefix='' c='' cxx=''
  mkdir -p "$root/made/$target/bin"
  case "$target" in
    *-arm64-*) prefix=aarch64-linux-gnu- ;;
    *-musl)
      c="-specs=$musl_specs"
      cxx="$c $musl_threads -nostdinc++ -isystem /opt/musl/include/c++ -isystem /opt/musl/include/c++/x86_64-linux-musl -L/opt/musl/lib"
      ;;
  esac
  tool "$target" cc "${prefix}gcc $c"
  tool "$target" cxx "${prefix}g++ $cxx"
  tool "$target" ar "${prefix}ar"
  tool "$target" strip "${prefix}strip"
}

# musl has no C++ library in Debian: GCC's is compiled against it.
make_musl_cxx() {
  [ -e "$root/opt/musl/lib/libstdc++.a" ] && return
  say 'building the C++ library for musl (about three minutes)'
  local script="$root/made/musl-cxx.sh"
  { echo '#!/bin/sh'; echo "set -- sh -e '$root/made/musl-cxx-inside.sh'"; enter_root "$root"; } >"$script"
  cat >"$root/made/musl-cxx-inside.sh" <<INSIDE
rm -rf /made/gcc
mkdir -p /made/gcc/build
cd /made/gcc
tar -xf /usr/src/gcc-10/gcc-10*.tar.xz --strip-components=1 --wildcards '*/libstdc++-v3/*' \
  '*/libgcc/*' '*/libiberty/*' '*/config/*' '*/include/*' '*/config*' '*/install-sh' '*/missing' '*/ltmain.sh' \
  '*/mkinstalldirs' '*/*.m4' '*/move-if-change' '*/depcomp' '*/gcc/BASE-VER' '*/gcc/DEV-PHASE' \
  '*/gcc/DATESTAMP'
# Building libgcc would make this link: without it there is no std::mutex.
ln -s gthr-posix.h libgcc/gthr-default.h
cd build
../libstdc++-v3/configure --build=x86_64-linux-gnu --host=x86_64-linux-musl --prefix=/opt/musl \
  --with-gxx-include-dir=/opt/musl/include/c++ --disable-shared --disable-nls \
  --disable-multilib --disable-libstdcxx-pch --disable-libstdcxx-verbose \
  --disable-libstdcxx-filesystem-ts CC='gcc -specs=$musl_specs' CXX='g++ -specs=$musl_specs' \
  CFLAGS='-O2 -fPIC' \
  CXXFLAGS='-O2 -fPIC -ffunction-sections -fdata-sections $musl_threads'
make -j$(nproc)
make install
rm -rf /made/gcc
INSIDE
  as_root mkdir -p "$root/opt"
  as_root install -d -o "$(id -u)" "$root/opt/musl"
  quietly sh "$script"
}

build_ei() {
  local target="$1" version from source flags built="$root/made/$1/ei" bin="$root/made/$1/bin"
  version="$(ei_version)"
  from="$version $(hash_of native/compile-flags.txt scripts/ei-source.sh)"
  fetch_ei_source "$version"
  [ "$(cat "$built/made-from" 2>/dev/null)" = "$from" ] && return
  say "building ei for $target"
  source="$root/made/erlang-source"
  rm -rf "$source" "$built"
  mkdir -p "$built/lib" "$built/objects"
  cp -R "$(ei_source_folder "$version")" "$source"
  cp -R "$source/include" "$built/include"
  mapfile -t flags < <(node scripts/native.mjs compile-flags)
  compile_ei "$source" "$built/objects" "$bin/cc" "${flags[@]}" -D_REENTRANT -D_GNU_SOURCE -DEI_64BIT -w
  (cd "$built/objects" && "$bin/ar" rcs ../lib/libei.a ./*.o)
  echo "$from" >"$built/made-from"
}

# What the package holds for a build, beside the headers of Node, where the compilers see it.
stage() {
  local folder="$1" headers
  headers="$(dirname "$(dirname "$(node -p 'fs.realpathSync(process.execPath)')")")/include/node"
  [ -e "$headers/node_api.h" ] || fail "no headers of Node in $headers"
  rm -rf "$folder"
  mkdir -p "$folder/package/scripts" "$folder/package/node_modules" "$folder/node/include"
  cp -RL native binding.gyp package.json "$folder/package/"
  cp scripts/native.mjs "$folder/package/scripts/"
  cp -RL node_modules/node-addon-api "$folder/package/node_modules/"
  cp -RL "$headers" "$folder/node/include/node"
}

prebuild() {
  local target="$1" platform arch libc work="$root/made/$1"
  IFS=- read -r platform arch libc <<<"$target"
  say "building the addon for $target (about a minute)"
  stage "$work/stage"
  quietly env --chdir="$work/stage/package" CC="$work/bin/cc" CXX="$work/bin/cxx" AR="$work/bin/ar" LINK="$work/bin/cxx" \
    BEAMLINK_EI_DIR="$work/ei" npm_config_nodedir="$work/stage/node" \
    PREBUILD_PLATFORM="$platform" PREBUILD_ARCH="$arch" PREBUILD_LIBC="$libc" \
    PREBUILD_STRIP_BIN="$work/bin/strip" PREBUILD_NODE_GYP="$PWD/node_modules/.bin/node-gyp" \
    JOBS="$(nproc)" node "$PWD/node_modules/prebuildify/bin.js" --out "$PWD/.cache" \
    --napi --strip --tag-libc --name=beamlink -t "$(node -p process.versions.node)"
}

# What is linked into the addon of a target, for scripts/sbom.mjs, with blanks in licences as `+`.
parts_of() {
  local target="$1" version gcc
  version="$(ei_version)"
  # The compilers run where we are, which has to be in their root.
  gcc="$(cd "$root/made" && "./$target/bin/cxx" -dumpfullversion)"
  echo "$target erl_interface $(ei_own_version "$version") Apache-2.0 pkg:deb/debian/erlang@${version//+/%2B}?arch=source"
  echo "$target libstdc++ $gcc GPL-3.0-or-later+WITH+GCC-exception-3.1 pkg:generic/gcc@$gcc"
  echo "$target libgcc $gcc GPL-3.0-or-later+WITH+GCC-exception-3.1 pkg:generic/gcc@$gcc"
}

made_from() { echo "$(hash_of native binding.gyp scripts/native.mjs scripts/prebuilds.sh scripts/ei-source.sh) $(ei_version)"; }

targets=("$@")
[ "$#" -gt 0 ] || targets=("${all[@]}")
mkdir -p .cache/prebuilds
for target in "${targets[@]}"; do
  [[ " ${all[*]} " == *" $target "* ]] || fail "prebuilds.sh takes ${all[*]}, got '$target'"
  IFS=- read -r platform arch libc <<<"$target"
  product=".cache/prebuilds/$platform-$arch/beamlink.$libc.node"
  up_to_date ".cache/prebuilds/$target.made-from" "$(made_from)" "$product" && continue
  make_root
  [ "$libc" != musl ] || make_musl_cxx
  write_tools "$target"
  build_ei "$target"
  prebuild "$target"
  parts_of "$target" >".cache/prebuilds/$target.parts"
  made_from >".cache/prebuilds/$target.made-from"
done
