
# assignments: of each permission set, in each account that it is provisioned in.
assignments() {
    begin
    whole=yes
    if texts instances '{}' sso-admin list-instances 'Instances[].[InstanceArn]'; then
        while IFS= read -r instance; do
            texts sets "{\"InstanceArn\": \"$instance\"}" sso-admin list-permission-sets 'PermissionSets[].[@]' \
                || { whole=no && continue; }
            while IFS= read -r permissions; do
                known="\"InstanceArn\": \"$instance\", \"PermissionSetArn\": \"$permissions\""
                texts targets "{$known}" sso-admin list-accounts-for-provisioned-permission-set 'AccountIds[].[@]' \
                    || { whole=no && continue; }
                while IFS= read -r target; do
                    ask - "{$known, \"AccountId\": \"$target\"}" sso-admin list-account-assignments || whole=no
                done <"$scratch/targets"
            done <"$scratch/sets"
        done <"$scratch/instances"
        [ "$whole" = no ] || seal AWS::SSO::Assignment "$region"
    fi
    store "$region" sso-admin-list-account-assignments.json
}
