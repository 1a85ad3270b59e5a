#!/bin/bash
# Copies httpd, the modules that the configuration loads and the libraries that the base image lacks into a folder, with the
# package records (status.d, as distroless images keep them), so that a scanner still finds every version.
set -euo pipefail
configuration=$1 base=$2 target=$3

mapfile -t modules < <(sed -n 's#^LoadModule .*/\(mod_[a-z0-9_]*\.so\)$#/usr/lib/apache2/modules/\1#p' "$configuration"/*.conf)
files=(/usr/sbin/apache2 /etc/mime.types "${modules[@]}")
mapfile -t libraries < <(ldd /usr/sbin/apache2 "${modules[@]}" | sed -n 's#.* => \(/[^ ]*\) .*#\1#p' | sort -u)

record_of() {
    # ldd names libraries under /lib, which is a link to /usr/lib, where dpkg knows them.
    dpkg-query --search "$(realpath "$1")" | cut -d: -f1 | head -n 1
}

declare -A packages
for file in "${files[@]}" "${libraries[@]}"; do
    package=$(record_of "$file")
    if grep --quiet --line-regexp "$package" "$base"; then continue; fi
    packages[$package]=1
    for copied in "$file" "$(realpath "$file")"; do
        mkdir -p "$target$(realpath "$(dirname "$copied")")"
        cp --no-dereference --preserve=mode,timestamps "$copied" "$target$(realpath "$(dirname "$copied")")/"
    done
done

mkdir -p "$target/var/lib/dpkg/status.d"
for package in "${!packages[@]}"; do
    dpkg-query --status "$package" > "$target/var/lib/dpkg/status.d/$package"
    cp --parents /usr/share/doc/"$package"/copyright "$target"
done
