#!/bin/sh
# Runs a command of Switchyard: with the Node in this folder, or else with the one on the PATH.
CDPATH=
self=$0
case $self in */*) ;; *) self=./$self ;; esac
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
here=$(cd "${self%/*}/" && pwd -P)

say() {
  echo "switchyard: $*" >&2
  exit 1
}

node=$here/node
if [ ! -x "$node" ]; then
  node=$(command -v node) ||
    say "there is no node on the PATH: install Node 20.19 or newer, or use the archive that carries it"
fi
version=$("$node" --version 2>&1) ||
  say "$node does not start: $version; it needs x86-64 Linux with glibc 2.34 or newer and libstdc++6"
major=${version#v}
minor=${major#*.}
major=${major%%.*}
minor=${minor%%.*}
if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
  say "$node is $version: Node 20.19 or newer is needed"
fi
exec "$node" "$here/lib/switchyard.js" "$@"
