
# texts NAME ARGUMENTS SERVICE OPERATION QUERY: what a query makes of an answer, a line each, in $scratch/NAME.
texts() {
    captured=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    if ! aws "$3" "$4" --cli-input-json "$2" --region "$region" --query "$5" --output text \
        >"$scratch/$1" 2>"$scratch/error" </dev/null; then
        refusal - "$3" "$4" "$2"
        return 1
    fi
    # This is how the command line writes a list that an answer leaves out.
    [ "$(cat "$scratch/$1")" != None ] || : >"$scratch/$1"
}

# seal TYPE PLACE: nothing is missing of a type.
seal() {
    printf '{"$inventory": {"types": ["%s"], "accounts": ["%s"], "regions": ["%s"], "captured": "%s"}}\n' \
        "$1" "$account" "$2" "$captured" >>"$scratch/part"
}
