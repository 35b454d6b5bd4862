
# shared_directories: of each directory that can be shared.
shared_directories() {
    begin
    if texts directories '{}' ds describe-directories "DirectoryDescriptions[?Type=='MicrosoftAD'].[DirectoryId]"; then
        whole=yes
        while IFS= read -r directory; do
            ask - "{\"OwnerDirectoryId\": \"$(quoted "$directory")\"}" ds describe-shared-directories || whole=no
        done <"$scratch/directories"
        [ "$whole" = no ] || seal AWS::DirectoryService::SharedDirectory "$region"
    fi
    store "$region" ds-describe-shared-directories.json
}
