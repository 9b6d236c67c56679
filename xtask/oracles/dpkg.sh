# Pairs on stdin, a sign each on stdout: dpkg itself.
while IFS="$(printf '\t')" read -r a b; do
    dpkg --compare-versions "$a" lt "$b" 2>/dev/null
    case $? in
    0) echo '<' ;;
    1) if dpkg --compare-versions "$a" eq "$b" 2>/dev/null; then echo '='; else echo '>'; fi ;;
    *) echo '?' ;;
    esac
done
