#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Fetches a Debian source package and unpacks it, patches applied: scripts/fetch-source.sh PACKAGE DIR
#
# `apt-get source` wants deb-src entries, which a fresh Debian does not list. This derives them from the machine's own
# entries, in an apt configuration and state of its own beside DIR: the system's lists and cache are neither read nor
# changed, and no root is needed. What is there already is not fetched again, so that a second run works offline.
#
# A mirror may list a version whose files it does not have (yet). The newest version that can be had is taken. The exit
# status is 69 when no version can be had, and 1 when something is wrong with this machine.
set -eu

if [ $# -ne 2 ]; then
  echo "usage: $0 PACKAGE DIR" >&2
  exit 2
fi
package=$1
mkdir -p "$(dirname "$2")"
cache=$(cd "$(dirname "$2")" && pwd)
target=$cache/$(basename "$2")
apt=$cache/.apt

[ -e "$target/.complete" ] && exit 0

fail() {
  echo "$0: source package '$package': $*" >&2
  exit 1
}
out_of_reach() {
  echo "$0: source package '$package' is out of reach: $*" >&2
  exit 69
}

exec 9>"$cache/.lock"
flock 9
[ -e "$target/.complete" ] && exit 0
command -v dpkg-source >/dev/null || fail "dpkg-source is missing (Debian package dpkg-dev; see scripts/setup.sh)"

# The machine's own entries with their type turned into deb-src. "Types:" is the deb822 form, "deb ..." the old one.
derive_entries() {
  rm -rf "${apt:?}/etc"
  mkdir -p "$apt/etc/sources.list.d" "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/etc/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] && sed -n -E 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$file"
  done | sort -u >"$apt/etc/sources.list"
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    sed -E 's/^[Tt]ypes:.*/Types: deb-src/' "$file" >"$apt/etc/sources.list.d/$(basename "$file")"
  done
}

# Read after the machine's configuration, so that its proxies and mirrors still apply. The hooks that #clear removes
# refresh system caches, which have nothing to do with us.
write_configuration() {
  cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/etc/sources.list";
Dir::Etc::sourceparts "$apt/etc/sources.list.d";
Dir::State::lists "$apt/lists";
Dir::Cache "$apt/cache";
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
}

# An entry without sources (some third party's) makes `update` fail as a whole; what counts is the package.
update() {
  apt-get -c "$apt/apt.conf" -o Acquire::Retries=3 -qq update >"$apt/update.log" 2>&1 || true
}

# The versions that the lists name, the newest first.
versions() {
  apt-cache -c "$apt/apt.conf" showsrc --only-source "$package" 2>/dev/null | sed -n 's/^Version: //p' | sort -ruV
}

# Downloads the first of the given versions that can be had into $work, which holds nothing else then.
download() {
  for version in "$@"; do
    rm -rf "$work"
    mkdir -p "$work"
    (cd "$work" && apt-get -c "$apt/apt.conf" -o Acquire::Retries=3 -qq --download-only --only-source source \
      "$package=$version") >"$apt/source.log" 2>&1 && return
  done
  return 1
}

mkdir -p "$apt"
work=$cache/.work-$package
: >"$apt/update.log"
: >"$apt/source.log"
derive_entries
write_configuration
newest=$(versions | head -n 1)
# The lists of an earlier call may name a version that the mirror has replaced since.
if [ -z "$newest" ] || ! download "$newest"; then
  update
  # shellcheck disable=SC2046  # a list of words
  download $(versions) || out_of_reach "$(cat "$apt/update.log" "$apt/source.log" | tail -n 5)"
fi
# apt has checked the hashes of what it downloaded against the signed index.
dpkg-source --no-check -x "$work"/*.dsc "$work/unpacked" >"$apt/unpack.log" 2>&1 \
  || fail "$(tail -n 5 "$apt/unpack.log")"
: >"$work/unpacked/.complete"
rm -rf "$target"
mv "$work/unpacked" "$target"
rm -rf "$work"
