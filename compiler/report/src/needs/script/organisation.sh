
# organisation: the accounts and where they are, from the root down; only the management account, or one that it
# delegates to, may ask.
organisation() {
    begin
    if texts units '{}' organizations list-roots 'Roots[].[Id]'; then
        # The loop adds the units that it finds to the file that it reads.
        while IFS= read -r unit; do
            below="{\"ParentId\": \"$unit\"}"
            ask - "$below" organizations list-organizational-units-for-parent || :
            if texts found "$below" organizations list-organizational-units-for-parent 'OrganizationalUnits[].[Id]'; then
                cat "$scratch/found" >>"$scratch/units"
            fi
            ask - "$below" organizations list-accounts-for-parent || :
            texts members "$below" organizations list-accounts-for-parent 'Accounts[].[Id]' || continue
            while IFS= read -r member; do
                ask - "{\"ResourceId\": \"$member\"}" organizations list-tags-for-resource || :
            done <"$scratch/members"
        done <"$scratch/units"
    fi
    store global organizations.json
}
