#!/bin/bash
# Installs what the lab needs and is missing: Debian packages, node_modules, moto. Safe to run again; says what it does on
# stderr only, so that a caller's stdout stays its own.
# usage: test/setup.sh [--yes]
set -euo pipefail
terminal=
[ -t 0 ] && [ -t 1 ] && terminal=yes
exec >&2

here=$(cd "$(dirname "$0")" && pwd)
cache=${ECSODUS_CACHE:-$HOME/.cache/ecsodus}
# The lab's hosts have their own sshd, dockerd and rsync, in their own root file system. The unit tests run this machine's
# sshd, rsync and iptables: on loopback, in temporary folders, in a network namespace; and Chromium, to look at the pages.
packages=(
  acl apache2-utils attr ca-certificates chromium curl debian-archive-keyring dnsmasq-base docker-registry e2fsprogs iproute2 iptables mmdebstrap mount
  openssh-client openssh-server openssl python3 python3-venv rsync tmux util-linux xfsprogs
)

say() { echo "setup: $*"; }
refuse() { say "$*"; exit 1; }

refuse_elsewhere() {
  [ "$(uname -s)" = Linux ] || refuse "the lab runs on Linux only (namespaces, overlay mounts); this is $(uname -s)."
  [ "$(id -u)" = 0 ] || refuse "the lab needs root (namespaces, mounts, network); run this again with sudo."
  command -v apt-get >/dev/null || refuse "the lab installs Debian packages; there is no apt-get here. Debian 12 is what it is tried on."
}

may_ask() { [ "${1:-}" != --yes ] && [ -z "${CI:-}" ] && [ -n "$terminal" ]; }

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -Wf '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

# No service starts because of us: a machine that gets sshd, Docker or a registry for the lab keeps its ports.
without_services() {
  local policy=/usr/sbin/policy-rc.d
  if [ -e $policy ] || [ -L $policy ]; then
    RUNLEVEL=1 "$@"
    return
  fi
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
  "$@"
  rm -f $policy
  trap - EXIT
}

install_packages() {
  local missing answer
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "missing Debian packages: ${missing[*]}"
  if may_ask "$@"; then
    read -r -p 'setup: install them with apt-get? [y/N] ' answer
    [[ $answer == [yY]* ]] || refuse 'nothing was installed; the lab cannot come up without them.'
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update
  without_services apt-get -qy install --no-install-recommends "${missing[@]}"
}

check_node() {
  local hint='install nodejs and npm 20.17 or newer, for example from deb.nodesource.com'
  command -v node >/dev/null && command -v npm >/dev/null || refuse "there is no node or no npm: $hint."
  node -e 'const [major, minor] = process.versions.node.split(".").map(Number);
           process.exit(major > 20 || (major === 20 && minor >= 17) ? 0 : 1)' ||
    refuse "node $(node --version) is too old: $hint."
}

install_node_modules() {
  local mark=$here/../node_modules/.package-lock.json
  [ -e "$mark" ] && [ ! "$here/../package-lock.json" -nt "$mark" ] && return 0
  say 'installing node_modules'
  npm --prefix "$here/.." ci --no-audit --no-fund
  touch "$mark"
}

has_moto() {
  "$1" -c 'import flask, werkzeug, moto; assert tuple(map(int, moto.__version__.split(".")[:2])) == (5, 2)' 2>/dev/null
}

install_moto() {
  has_moto python3 || has_moto "$cache/venv/bin/python" && return 0
  say "installing moto into $cache/venv"
  /usr/bin/python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install --quiet 'moto[server,ec2,ecs,ecr,ssm,secretsmanager,iam,sts]>=5.2,<5.3'
}

refuse_elsewhere
mkdir -p "$cache"
# Two at once (two checkouts, a test run and a demo) would fight over apt and node_modules.
exec 9>"$cache/setup.lock"
flock 9
check_node
install_packages "$@"
install_node_modules
install_moto
