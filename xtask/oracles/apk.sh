# Pairs on stdin, a sign each on stdout: apk itself, inside its own root filesystem.
while IFS="$(printf '\t')" read -r a b; do
    if apk version -q --check "$a" "$b" >/dev/null 2>&1; then apk version -t "$a" "$b"; else echo '?'; fi
done
