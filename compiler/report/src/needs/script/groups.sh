
# groups: of the identity store of each instance of Identity Center.
groups() {
    begin
    if texts stores '{}' sso-admin list-instances 'Instances[].[IdentityStoreId]'; then
        [ -s "$scratch/stores" ] || seal AWS::IdentityStore::Group "$region"
        while IFS= read -r store; do
            ask - "{\"IdentityStoreId\": \"$(quoted "$store")\"}" identitystore list-groups || :
        done <"$scratch/stores"
    fi
    store "$region" identitystore-list-groups.json
}
