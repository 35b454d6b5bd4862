set -eu

usage() {
    echo "usage: sh $0 [-a AGGREGATOR | -n] FOLDER REGION..." >&2
    echo "  -a  ask this aggregator of AWS Config, not the account's own recorder" >&2
    echo "  -n  do not ask AWS Config: an aggregator was asked for all accounts" >&2
    exit 2
}

aggregator=
config=yes
while getopts a:n option; do
    case $option in
        n) config=no ;;
        a) aggregator=$OPTARG ;;
        *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
folder=$1
shift
region=$1
refused=0
AWS_PAGER=
export AWS_PAGER

umask 077
mkdir -p "$folder"
# Files are written here first, and moved to their place whole.
scratch=$(mktemp -d "$folder/.parapet.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' HUP INT TERM

account=$(aws sts get-caller-identity --region "$region" --query Account --output text)
case $account in
    '' | *[!0-9]*)
        echo "the caller's account is not known: $account" >&2
        exit 2
        ;;
esac

# quoted TEXT: the text inside a JSON string.
quoted() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g'
}

# head_of SERVICE OPERATION ARGUMENTS: what is known of an answer before it came.
head_of() {
    printf '{"$answer": {"operation": "%s %s", "account": "%s", "region": "%s", "captured": "%s", "arguments": %s, ' \
        "$1" "$2" "$account" "$region" "$captured" "$3"
}

# failed CODE SERVICE OPERATION ARGUMENTS: appends an error.
failed() {
    head_of "$2" "$3" "$4" >>"$scratch/part"
    printf '"error": "%s"}}\n' "$1" >>"$scratch/part"
}

# refusal FINE SERVICE OPERATION ARGUMENTS: appends the code of an error; FINE is a code that is an answer.
refusal() {
    code=$(sed -n 's/.*An error occurred (\([A-Za-z0-9._]*\)).*/\1/p' "$scratch/error" | sed 1q)
    code=${code:-Unanswered}
    failed "$code" "$2" "$3" "$4"
    if [ "$code" != "$1" ]; then
        refused=$((refused + 1))
        echo "not answered: $2 $3 in account $account, region $region" >&2
        sed -n '/./{p;q;}' "$scratch/error" >&2
    fi
}

# ask FINE ARGUMENTS SERVICE OPERATION: appends an answer, or the error.
ask() {
    captured=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    if aws "$3" "$4" --cli-input-json "$2" --region "$region" --output json \
        >"$scratch/output" 2>"$scratch/error" </dev/null; then
        head_of "$3" "$4" "$2" >>"$scratch/part"
        printf '"output": ' >>"$scratch/part"
        [ -s "$scratch/output" ] || echo '{}' >"$scratch/output"
        cat "$scratch/output" >>"$scratch/part"
        echo '}}' >>"$scratch/part"
    else
        refusal "$1" "$3" "$4" "$2"
        return 1
    fi
}

# begin: a new file.
begin() {
    : >"$scratch/part"
}

# store PLACE NAME: the file is whole; one in which nothing stands is none.
store() {
    mkdir -p "$folder/$account/$1"
    if [ ! -s "$scratch/part" ]; then
        rm -f "$folder/$account/$1/$2"
        return 0
    fi
    mv "$scratch/part" "$folder/$account/$1/$2"
}

# answer PLACE FINE SERVICE OPERATION: one answer in a file of its own.
answer() {
    begin
    ask "$2" '{}' "$3" "$4" || :
    store "$1" "$3-$4.json"
}
