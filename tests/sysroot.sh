#!/bin/bash
# sysroot.sh ARCH DIR PACKAGES...: Debian's packages of another architecture, with all they need,
# downloaded by an apt of their own and unpacked into DIR. Needs no root, installs nothing here.
set -e
arch=$1 dir=$2
shift 2
mkdir -p "$dir" "$dir.apt/lists/partial" "$dir.apt/archives/partial"
apt=$(cd "$dir.apt" && pwd)
: >"$apt/status"
cat >"$apt/conf" <<END
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
END
export APT_CONFIG="$apt/conf"
apt-get update -q
apt-get install -y -q --download-only "$@"
for deb in "$apt"/archives/*.deb; do
    dpkg-deb -x "$deb" "$dir"
done
# What update-alternatives would link on the machine itself.
for lib in "$dir"/usr/lib/*/blas/libblas.so.3 "$dir"/usr/lib/*/lapack/liblapack.so.3; do
    [ ! -e "$lib" ] || ln -sf "$(basename "$(dirname "$lib")")/$(basename "$lib")" "$(dirname "$lib")/.."
done
rm -rf "$apt"
