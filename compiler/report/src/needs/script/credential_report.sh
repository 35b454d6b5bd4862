
# credential_report: IAM makes the report first.
credential_report() {
    begin
    tries=0
    while texts state '{}' iam generate-credential-report State; do
        if grep -q COMPLETE "$scratch/state"; then
            ask - '{}' iam get-credential-report || :
            break
        fi
        tries=$((tries + 1))
        if [ "$tries" -gt 30 ]; then
            failed ReportInProgress iam get-credential-report '{}'
            refused=$((refused + 1))
            echo "not answered: IAM makes no credential report of account $account" >&2
            break
        fi
        sleep 2
    done
    store global iam-get-credential-report.json
}
