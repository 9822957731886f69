#!/bin/sh
# Makes a root file system with Debian's own python3 and openssl in the folder $1.
set -eu
root=$1
copy() { # a file, to the same place
    mkdir -p "$root/$(dirname "$1")"
    cp -L "$1" "$root/$1"
}
libraries() { # of a program or module
    ldd "$1" | awk '$3 ~ /^\// {print $3} $1 ~ /^\// {print $1}' | while read -r file; do copy "$file"; done
}
python=$(readlink -f /usr/bin/python3)
version=$(basename "$python")
copy "$python"
ln -sf "$version" "$root/usr/bin/python3"
libraries "$python"
mkdir -p "$root/usr/lib/$version" "$root/tmp"
(cd "/usr/lib/$version" && tar -c --exclude=test --exclude=idlelib --exclude=__pycache__ \
    --exclude='config-*' --exclude=ensurepip --exclude=lib2to3 --exclude=pydoc_data --exclude=tkinter .) |
    tar -x -C "$root/usr/lib/$version"
for module in "$root/usr/lib/$version"/lib-dynload/_ssl*.so "$root/usr/lib/$version"/lib-dynload/_hashlib*.so; do
    libraries "$module"
done
copy /usr/bin/openssl
libraries /usr/bin/openssl
mkdir -p "$root/etc/ssl"
cp /etc/ssl/openssl.cnf "$root/etc/ssl/openssl.cnf"
mkdir -p "$root/usr/lib/ssl"
ln -sf /etc/ssl/openssl.cnf "$root/usr/lib/ssl/openssl.cnf"
