
# listed NAME ARGUMENTS: the identifiers of a list.
listed() {
    texts "$1" "$2" cloudcontrol list-resources 'ResourceDescriptions[].[Identifier]'
}

# described TYPE: each resource whose identifier stands in $scratch/ids. One that was deleted meanwhile is not there.
described() {
    while IFS= read -r id; do
        ask ResourceNotFoundException "{\"TypeName\": \"$1\", \"Identifier\": \"$(quoted "$id")\"}" \
            cloudcontrol get-resource || :
    done <"$scratch/ids"
}

# describe TYPE PLACE: all resources of a type.
describe() {
    begin
    if listed ids "{\"TypeName\": \"$1\"}"; then
        described "$1"
        seal "$1" "$2"
    fi
    store "$2" "$(echo "$1" | sed 's/::/-/g').json"
}

# describe_below TYPE PLACE PARENT PROPERTY: all resources of a type that is listed for each resource of another.
describe_below() {
    begin
    if listed parents "{\"TypeName\": \"$3\"}"; then
        whole=yes
        while IFS= read -r parent; do
            model=$(quoted "{\"$4\": \"$(quoted "$parent")\"}")
            if listed ids "{\"TypeName\": \"$1\", \"ResourceModel\": \"$model\"}"; then
                described "$1"
            else
                whole=no
            fi
        done <"$scratch/parents"
        [ "$whole" = no ] || seal "$1" "$2"
    fi
    store "$2" "$(echo "$1" | sed 's/::/-/g').json"
}
