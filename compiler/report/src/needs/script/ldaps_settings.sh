
# ldaps_settings: of each directory that can have them.
ldaps_settings() {
    begin
    if texts directories '{}' ds describe-directories \
        "DirectoryDescriptions[?Type=='MicrosoftAD' || Type=='ADConnector'].[DirectoryId]"; then
        while IFS= read -r directory; do
            ask UnsupportedOperationException "{\"DirectoryId\": \"$(quoted "$directory")\"}" \
                ds describe-ldaps-settings || :
        done <"$scratch/directories"
        seal AWS::DirectoryService::LDAPSSettings "$region"
    fi
    store "$region" ds-describe-ldaps-settings.json
}
