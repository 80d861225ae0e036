#!/usr/bin/env bash
# Development only: does a clone of HEAD start on a machine that has nothing but Node, git and root?
# Makes a minimal Debian 12 in a folder, copies Node and the clone in, runs the README's two commands
# there and prints how long each took. Needs root and debootstrap, whose mirror DEBIAN_MIRROR replaces.
#
#   scripts/try-fresh-machine.sh FOLDER [COMMAND…]     default commands: "npm start" "npm test" "npm start"
set -euo pipefail

usage="usage: $0 FOLDER [COMMAND…]"
target=${1:?$usage}
shift
commands=("$@")
[ ${#commands[@]} -gt 0 ] || commands=("npm start" "npm test" "npm start")
repository=$(cd "$(dirname "$0")/.." && pwd)
node=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
npm=$(readlink -f "$(dirname "$(readlink -f "$(command -v npm)")")/..")

if [ ! -e "$target/etc/debian_version" ]; then
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$target" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
fi

# Node as its archive lays it out: one program and npm.
install -D "$node/bin/node" "$target/usr/local/bin/node"
mkdir -p "$target/usr/local/lib/node_modules"
rm -rf "$target/usr/local/lib/node_modules/npm"
cp -rL "$npm" "$target/usr/local/lib/node_modules/npm"
for name in npm npx; do
  ln -sf "../lib/node_modules/npm/bin/$name-cli.js" "$target/usr/local/bin/$name"
done
ldd "$node/bin/node" | awk '$2 == "=>" { print $3 }' | while read -r library; do
  [ -e "$target$library" ] || install -D "$library" "$target$library"
done
cp /etc/resolv.conf /etc/hosts "$target/etc/"
# What this machine trusts, for networks with their own certificate authority.
mkdir -p "$target/etc/ssl/certs"
cp -L /etc/ssl/certs/ca-certificates.crt "$target/etc/ssl/certs/"

rm -rf "$target/root/zerosearch"
git clone --quiet "$repository" "$target/root/zerosearch"

mount --bind /proc "$target/proc"
trap 'umount --lazy "$target/proc"' EXIT

for command in "${commands[@]}"; do
  echo "== $command"
  started=$SECONDS
  status=0
  chroot "$target" /usr/bin/env -i HOME=/root TERM="${TERM:-dumb}" \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    bash -c "cd /root/zerosearch && $command" </dev/null || status=$?
  echo "== $command: exit code $status after $((SECONDS - started)) s"
done
