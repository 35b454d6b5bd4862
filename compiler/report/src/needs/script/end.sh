
if [ "$refused" -gt 0 ]; then
    echo "$refused calls were not answered; what they would have shown is unknown" >&2
    exit 1
fi
