#!/usr/bin/env bash
# Publishes the executables to out/bin. Quick when nothing changed; any compiler, trim or AOT warning fails it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/build/setup.sh"
cd "$root"

mkdir -p out/bin
exec 7>out/.build.lock
flock 7

need gcc=gcc objcopy=binutils /usr/lib/x86_64-linux-gnu/libc.a=libc6-dev
need_static_busybox
find_sdk
use_roomy_temporary_directory

# fingerprint PATH ...: one hash over names and contents of all the sources, so that a deleted file counts as a change too.
fingerprint() {
  {
    dotnet --version
    find "$@" \( -name bin -o -name obj \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum
}

# publish APP: an executable is replaced in one step, so that one that is running (a container's monitor) is left alone.
publish() {
  local app=$1 log=out/publish-$1.log
  if ! dotnet publish "apps/$app" -c Release -o "out/publish/$app" -v quiet -clp:NoSummary -p:PublishDocumentationFiles=false >"$log" 2>&1; then
    grep -E '(error|warning) ' "$log" | sort -u | head -n 30 >&2 || true
    [ -s "$log" ] && ! grep -qE '(error|warning) ' "$log" && tail -n 30 "$log" >&2
    fail "apps/$app could not be published: see the lines above, or all of them in $log"
  fi
  if grep -qE 'warning (IL|CS|CA)[0-9]+' "$log"; then
    grep -E 'warning (IL|CS|CA)[0-9]+' "$log" | sort -u >&2
    fail "apps/$app was published with warnings, and there must be none"
  fi
  cp "out/publish/$app/$app" "out/bin/.$app.new"
  mv "out/bin/.$app.new" "out/bin/$app"
}

stamp=$(fingerprint build.sh build src apps Directory.Build.props Directory.Packages.props global.json .editorconfig BannedSymbols.txt)
if [ -x out/bin/sampan ] && [ -x out/bin/sampan-runtime ] && [ "$(cat out/.built 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi
rm -f out/.built
for app in sampan-runtime sampan; do
  echo "building $app"
  publish "$app"
done
echo "$stamp" >out/.built
echo "built: $(cd out/bin && stat -c '%n %s bytes' sampan sampan-runtime | paste -sd, | sed 's/,/, /')"
