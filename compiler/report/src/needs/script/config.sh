
# selected NUMBER EXPRESSION: what AWS Config recorded of some types. Its answers say themselves where resources are.
selected() {
    begin
    captured=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    operation=select-resource-config
    arguments="{\"Expression\": \"$(quoted "$2")\"}"
    place=$region
    if [ -n "$aggregator" ]; then
        operation=select-aggregate-resource-config
        arguments="{\"ConfigurationAggregatorName\": \"$(quoted "$aggregator")\", ${arguments#?}"
        place=aggregator
    fi
    if ! aws configservice "$operation" --cli-input-json "$arguments" --region "$region" --output json \
        >"$scratch/part" 2>"$scratch/error" </dev/null; then
        begin
        refusal - configservice "$operation" "$arguments"
    fi
    store "$place" "configservice-$operation-$1.json"
}

# recorder: what AWS Config records here. Of what it does not record, an empty answer says nothing.
recorder() {
    begin
    if texts recording '{}' configservice describe-configuration-recorder-status \
        'ConfigurationRecordersStatus[].[recording]'; then
        if grep -qi '^true' "$scratch/recording"; then
            ask - '{}' configservice describe-configuration-recorders || :
        else
            failed NotRecording configservice describe-configuration-recorders '{}'
            refused=$((refused + 1))
            echo "AWS Config records nothing in account $account, region $region" >&2
        fi
    fi
    store "$region" configservice-describe-configuration-recorders.json
}
