# Sourced by build.sh, test.sh, bench.sh and demo.sh: finds the SDK, makes room for temporary files, and installs Debian packages.
# Everything here works without a terminal, without standard input, from several clones at once.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# The SDK asks for libicu unless told otherwise; Sampan itself uses the invariant culture only.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
# Build servers outlive the script that started them, and hold its output open: a caller that reads it to the end would wait for them.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 UseSharedCompilation=false
# The SDK wants a home to keep packages in; a bare environment (cron, some CI) has none.
export HOME="${HOME:-/root}"

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# find_sdk: puts `dotnet` on the PATH, or says how to get it.
find_sdk() {
  local place
  for place in "" "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /opt/dotnet; do
    if [ -n "$place" ] && [ -x "$place/dotnet" ]; then
      export PATH="$place:$PATH" DOTNET_ROOT="$place"
    fi
    if command -v dotnet >/dev/null && (cd "$root" && dotnet --version) >/dev/null 2>&1; then
      return
    fi
  done
  fail "the .NET 10 SDK is missing: install it and put its dotnet on the PATH (global.json names the version)"
}

# use_roomy_temporary_directory: a /tmp of a few hundred MB is too small for image archives and root file systems. The path must be short too:
# a unix socket's has 108 bytes, and podman wants its run directory within 50.
use_roomy_temporary_directory() {
  local place free
  for place in "${TMPDIR:-/tmp}" /var/tmp "$root/out/tmp"; do
    mkdir -p "$place" 2>/dev/null || continue
    free=$(df --output=avail -k "$place" 2>/dev/null | tail -n 1)
    if [ "${free:-0}" -ge 2000000 ]; then
      export TMPDIR="$place"
      return
    fi
  done
}

# need COMMAND-OR-FILE=PACKAGE ...: installs the packages whose command or file is missing. As another user than root it names them and stops.
need() {
  local pair what missing=()
  for pair in "$@"; do
    what=${pair%%=*}
    case $what in
      /*) [ -e "$what" ] || missing+=("${pair#*=}") ;;
      *) PATH="$PATH:/usr/sbin:/sbin" command -v "$what" >/dev/null || missing+=("${pair#*=}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  if [ "$(id -u)" -ne 0 ]; then
    fail "these Debian packages are missing, and only root can install them: run \`apt-get install -y ${missing[*]}\` as root, then this again"
  fi
  command -v apt-get >/dev/null || fail "install what Debian calls ${missing[*]} with this system's package manager, then run this again"
  echo "installing ${missing[*]}"
  install_packages "${missing[@]}"
}

# need_static_busybox: the one in the embedded image and in the tests' bundles runs without any library. Debian has a dynamic one too, of the same name.
need_static_busybox() {
  need busybox=busybox-static
  # The name of a loader stands right behind a dynamic program's headers.
  ! head -c 2048 "$(PATH="/usr/bin:/bin:$PATH" command -v busybox)" | grep -qa ld-linux || need /no/static/busybox=busybox-static
}

# install_packages PACKAGE ...: one installation at a time on this machine, without starting any service that comes with a package.
install_packages() {
  local log policy=/usr/sbin/policy-rc.d
  log=$(mktemp)
  (
    flock 8
    export DEBIAN_FRONTEND=noninteractive
    if [ ! -e $policy ]; then
      trap 'rm -f $policy' EXIT
      printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
    fi
    install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=600 "$@")
    "${install[@]}" 8>&- || { apt-get update 8>&- && "${install[@]}" 8>&-; }
  ) 8>/run/lock/sampan.apt.lock >"$log" 2>&1 </dev/null || {
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "apt-get could not install $*: its last words are above"
  }
  rm -f "$log"
}
