# Sourced by what builds: a product is built again when what it was made from has another hash.

# One hash over the names and the bytes of files and folders.
hash_of() {
  find "$@" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# up_to_date STAMP HASH PRODUCT: the product is there and was made from what has this hash.
up_to_date() {
  [ -e "$3" ] && [ "$(cat "$1" 2>/dev/null)" = "$2" ]
}
