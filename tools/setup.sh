# shellcheck shell=bash
# Set-up for ./dev: Debian packages and build folders. Everything here does nothing when all is in
# place already, and then needs no network.

# The *_PACKAGES lists are read by ./dev, which sources this file.
# shellcheck disable=SC2034
BUILD_PACKAGES=(
  g++ meson ninja-build pkg-config python3
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libgstreamer-plugins-bad1.0-dev
  gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav gstreamer1.0-nice
  python3-gi gir1.2-gstreamer-1.0
  libssl-dev libnice-dev libsrtp2-dev nlohmann-json3-dev libsoup-3.0-dev libgtest-dev libgmock-dev
  ffmpeg fonts-dejavu-core
  iproute2 iptables openssl coturn curl
)
# shellcheck disable=SC2034
BROWSER_PACKAGES=(chromium firefox-esr)
# shellcheck disable=SC2034
FUZZ_PACKAGES=(clang libclang-rt-14-dev llvm)
# shellcheck disable=SC2034
LINT_PACKAGES=(clang-format clang-tidy libclang-rt-14-dev shellcheck git)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# apt-get in the way a script needs it: asks nothing, and waits while another program holds a lock
# (DPkg::Lock::Timeout covers the dpkg lock, the loop covers the lock of the package lists).
apt_get() {
  local try log status
  log=$(mktemp)
  for try in $(seq 60); do
    status=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=400 "$@" \
      >"$log" 2>&1 || status=$?
    if [ "$status" -eq 0 ] || ! grep -q 'Could not get lock' "$log"; then
      break
    fi
    [ "$try" -gt 1 ] || echo 'waiting for another apt to finish' >&2
    sleep 5
  done
  [ "$status" -eq 0 ] || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# Installs those of the named Debian packages that are missing.
need_packages() {
  local missing=() package
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  echo "installing: ${missing[*]}" >&2
  apt_get update
  apt_get install -y --no-install-recommends "${missing[@]}"
}

# Installs what the package-lock.json of each named folder says, unless it is there already. Without
# the registry the rest goes on.
need_node_modules() {
  local folder installed=''
  # They may be from elsewhere than Debian.
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    need_packages nodejs npm
  fi
  for folder in "$@"; do
    if cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed"; then
      continue
    fi
    echo "installing: what $folder needs from npm" >&2
    if ! (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >&2; then
      echo "left out, for npm failed: what $folder is for" >&2
      rm -rf "$folder/node_modules"
      continue
    fi
    cp "$folder/package-lock.json" "$folder/node_modules/.installed"
    installed=1
  done
  # meson looks for them only when it sets a folder up.
  if [ -n "$installed" ] && [ -f build/build.ninja ]; then
    meson setup --reconfigure build >&2
  fi
}

# Builds what $1 says ('' for the release build, or a value of meson's b_sanitize).
configure_and_build() {
  local folder=build options=(--buildtype=release)
  case "$1" in
    '') ;;
    address,undefined | undefined,address)
      folder=build-asan
      options=(--buildtype=debugoptimized '-Db_sanitize=address,undefined' -Db_lundef=false)
      ;;
    thread)
      folder=build-tsan
      options=(--buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false)
      ;;
    *)
      echo "unknown sanitizer '$1': address,undefined or thread" >&2
      return 2
      ;;
  esac
  if [ "$folder" != build ]; then
    options+=(-Dbench=disabled -Dexamples=disabled)
  fi
  meson_build "$folder" "${options[@]}"
}

# The fuzz targets need no plugin, and libFuzzer needs clang.
configure_and_build_fuzzers() {
  CC=clang CXX=clang++ meson_build build-fuzz --buildtype=debugoptimized \
    -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=enabled -Dgst=disabled \
    -Dbench=disabled -Dexamples=disabled -Dtests=disabled
}

# Sets the folder $1 up with the meson options that follow, if it is not yet, and builds it.
# A set-up that was broken off leaves no build.ninja and is done again from nothing.
meson_build() {
  local folder=$1
  shift
  if [ ! -f "$folder/build.ninja" ]; then
    rm -rf "$folder"
    meson setup "$folder" "$@" >&2
  fi
  ninja -C "$folder" --quiet >&2
}
