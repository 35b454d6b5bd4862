
# public_access_block: the one of the account.
public_access_block() {
    begin
    ask NoSuchPublicAccessBlockConfiguration "{\"AccountId\": \"$account\"}" s3control get-public-access-block || :
    store global s3control-get-public-access-block.json
}
